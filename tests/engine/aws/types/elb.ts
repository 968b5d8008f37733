/** Elastic Load Balancing: balancers and target groups. */
import type { Account } from "../account";
import { arn, text, valuesAt, type Draft, type Props, type ResourceType } from "../resourceType";
import { attachedTo } from "../routing";
import { logsProblem, writeLogs } from "./storage";

const loadBalancer: ResourceType = {
  type: "aws:lb/loadBalancer:LoadBalancer",
  named: { property: "name", longest: 32 },
  replacedBy: ["name", "namePrefix", "internal", "loadBalancerType", "customerOwnedIpv4Pool"],
  // Left out, logs stay as they are: only `enabled: false` stops them.
  keptWithout: ["accessLogs"],
  outputs: (props, place) => ({
    arn: arn("elasticloadbalancing", `loadbalancer/app/${text(props, "name")}/${place.serial}`, place),
    arnSuffix: `app/${text(props, "name")}/${place.serial}`,
    dnsName: `${text(props, "name")}-${place.serial}.${place.region}.elb.amazonaws.com`,
    zoneId: "Z32O12XQLNTSW2",
  }),
  id: "arn",
  refusesCreate: ({ props }, account) => logsProblem(props, account),
  refusesUpdate: ({ props }, news, account) =>
    news.accessLogs === props.accessLogs ? undefined : logsProblem(news, account),
  created: writeLogs,
  updated: writeLogs,
  refusesDelete: ({ props }) =>
    props.enableDeletionProtection === true
      ? "OperationNotPermitted: Load balancer cannot be deleted because deletion protection is enabled"
      : undefined,
};

const targetGroup: ResourceType = {
  type: "aws:lb/targetGroup:TargetGroup",
  named: { property: "name", longest: 32 },
  replacedBy: ["name", "namePrefix", "port", "protocol", "protocolVersion", "targetType", "ipAddressType", "vpcId"],
  outputs: (props, place) => ({
    arn: arn("elasticloadbalancing", `targetgroup/${text(props, "name")}/${place.serial}`, place),
    arnSuffix: `targetgroup/${text(props, "name")}/${place.serial}`,
  }),
  id: "arn",
  refusesDelete: ({ props }, account) =>
    attachedTo(text(props, "arn"), account).length > 0
      ? `ResourceInUse: Target group '${text(props, "arn")}' is currently in use by a listener or a rule`
      : undefined,
};

/** A target group behind two load balancers. */
export function sharedGroupProblem(targetGroups: readonly unknown[], balancerArn: unknown, account: Account) {
  const shared = targetGroups
    .map(String)
    .find((group) => attachedTo(group, account).some((each) => each !== balancerArn));
  if (shared === undefined) return undefined;
  return `TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: ${shared}`;
}

const listener: ResourceType = {
  type: "aws:lb/listener:Listener",
  replacedBy: ["loadBalancerArn"],
  outputs: (props, place) => ({
    arn: `${text(props, "loadBalancerArn").replace(":loadbalancer/", ":listener/")}/${place.serial}`,
  }),
  id: "arn",
  refusesCreate: ({ props, region }, account) => {
    const refused = refusesListener({ props, region }, account);
    if (refused !== undefined) return refused;
    const same = account
      .all("aws:lb/listener:Listener", region)
      .some((each) => each.props.loadBalancerArn === props.loadBalancerArn && each.props.port === props.port);
    return same ? "DuplicateListener: A listener already exists on this port for this load balancer" : undefined;
  },
  refusesUpdate: ({ region }, news, account) => refusesListener({ props: news, region }, account),
};

function refusesListener({ props, region }: Pick<Draft, "props" | "region">, account: Account): string | undefined {
  return (
    sharedGroupProblem(valuesAt(props, "defaultActions.targetGroupArn"), props.loadBalancerArn, account) ??
    certificateProblem(props, region, account)
  );
}

/** One that was made here must have been issued; one that was given is taken for good. */
function certificateProblem({ certificateArn }: Props, region: string, account: Account): string | undefined {
  const made = account.all("aws:acm/certificate:Certificate", region).find(({ props }) => props.arn === certificateArn);
  return made && made.live.issued !== true
    ? `UnsupportedCertificate: The certificate '${String(certificateArn)}' must have been issued`
    : undefined;
}

export const ELB_TYPES = [loadBalancer, targetGroup, listener];
