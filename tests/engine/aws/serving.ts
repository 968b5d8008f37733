/**
 * Which tasks serve requests at an instant. Of each service: its cluster and the groups whose instances it runs on are there, requests
 * come to the target groups that its tasks are registered with, and the security groups let the balancer in.
 */
import type { Account, Entry } from "./account";
import { text, valuesAt, type Props } from "./resourceType";
import { entrancesTo, targetGroupFor, type Request } from "./routing";

const SERVICE = "aws:ecs/service:Service";

export function servingTasks(account: Account): number {
  return account
    .all(SERVICE)
    .filter((service) => isServing(service, account))
    .reduce((sum, { props }) => sum + Number(props.desiredCount), 0);
}

/** Of these requests, those that no task answers. */
export function unanswered(requests: readonly Request[], account: Account): string[] {
  const isAnswered = (request: Request): boolean => {
    const group = targetGroupFor(request, account);
    return account.all(SERVICE).some((service) => {
      const { targetGroups = [] } = service.live as { targetGroups?: string[] };
      return group !== undefined && targetGroups.includes(group) && isServing(service, account);
    });
  };
  return requests.filter((request) => !isAnswered(request)).map(({ host, path }) => host + path);
}

function isServing({ region, props, live }: Entry, account: Account): boolean {
  const { runsOn = [], targetGroups = [] } = live as { runsOn?: string[]; targetGroups?: string[] };
  const groups = runsOn.map((name) => groupOf(name, region, account));
  const mayCome = (targetGroupArn: string): boolean =>
    groupExists(targetGroupArn, account) &&
    entrancesTo(targetGroupArn, account).some((balancer) =>
      groups.every((group) => group && mayConnect(balancer, group, account)),
    );
  return groups.length > 0 && clusterOf(text(props, "cluster"), account) !== undefined && targetGroups.every(mayCome);
}

export const groupExists = (targetGroupArn: string, account: Account): boolean =>
  account.find("aws:lb/targetGroup:TargetGroup", targetGroupArn) !== undefined;

/** The names of the capacity providers that a service is given. */
export const strategyOf = (props: Props): string[] =>
  valuesAt(props, "capacityProviderStrategies.capacityProvider").map(String);

export function groupOf(providerName: string, region: string, account: Account): Entry | undefined {
  const provider = account
    .all("aws:ecs/capacityProvider:CapacityProvider", region)
    .find(({ props }) => props.name === providerName);
  const [arn] = valuesAt(provider?.props, "autoScalingGroupProvider.autoScalingGroupArn");
  return account.all("aws:autoscaling/group:Group", region).find(({ props }) => props.arn === arn);
}

/** By ARN or name, as ECS takes them. */
export function clusterOf(arnOrName: string, account: Account): Entry | undefined {
  return account
    .all("aws:ecs/cluster:Cluster")
    .find(({ props }) => props.arn === arnOrName || props.name === arnOrName);
}

/** Out of the balancer and into the group's instances. */
function mayConnect(balancer: Entry, group: Entry, account: Account): boolean {
  const outer = valuesAt(balancer.props, "securityGroups");
  const inner = (group.live.securityGroups as unknown[] | undefined) ?? [];
  const allows = (type: string, own: unknown[], others: unknown[]): boolean =>
    account
      .all(type, group.region)
      .some(({ props }) => own.includes(props.securityGroupId) && others.includes(props.referencedSecurityGroupId));
  return (
    allows("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", outer, inner) &&
    allows("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", inner, outer)
  );
}
