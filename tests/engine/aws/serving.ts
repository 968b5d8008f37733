/**
 * Which tasks serve requests at an instant. Of each service: its cluster and the groups whose instances it runs on are there, a
 * listener forwards to the target groups that its tasks are registered with, and the security groups let the balancer in.
 */
import type { Account, Entry } from "./account";
import { text, valuesAt, type Props } from "./resourceType";

export function servingTasks(account: Account): number {
  return account
    .all("aws:ecs/service:Service")
    .filter((service) => isServing(service, account))
    .reduce((sum, { props }) => sum + Number(props.desiredCount), 0);
}

function isServing({ region, props, live }: Entry, account: Account): boolean {
  const { runsOn = [], targetGroups = [] } = live as { runsOn?: string[]; targetGroups?: string[] };
  const groups = runsOn.map((name) => groupOf(name, region, account));
  const balancers = targetGroups.map((arn) => balancerOf(arn, region, account));
  return (
    groups.length > 0 &&
    clusterOf(text(props, "cluster"), account) !== undefined &&
    balancers.every((balancer) => groups.every((group) => balancer && group && mayConnect(balancer, group, account)))
  );
}

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

/** The listeners that forward to a target group. */
export function listenersTo(targetGroupArn: string, region: string, account: Account): Entry[] {
  return account
    .all("aws:lb/listener:Listener", region)
    .filter(({ props }) => valuesAt(props, "defaultActions.targetGroupArn").includes(targetGroupArn));
}

/** The load balancer whose listener forwards to the target group. */
export function balancerOf(targetGroupArn: string, region: string, account: Account): Entry | undefined {
  const exists = account
    .all("aws:lb/targetGroup:TargetGroup", region)
    .some(({ props }) => props.arn === targetGroupArn);
  const [listener] = listenersTo(targetGroupArn, region, account);
  const balancers = account.all("aws:lb/loadBalancer:LoadBalancer", region);
  return exists ? balancers.find(({ props }) => props.arn === listener?.props.loadBalancerArn) : undefined;
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
