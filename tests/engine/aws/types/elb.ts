/** Elastic Load Balancing. */
import { arn, text, valuesAt, type ResourceType } from "../resourceType";
import { listenersTo } from "../serving";

const loadBalancer: ResourceType = {
  type: "aws:lb/loadBalancer:LoadBalancer",
  named: { property: "name", longest: 32 },
  replacedBy: ["name", "internal", "loadBalancerType"],
  outputs: (props, place) => ({
    arn: arn("elasticloadbalancing", `loadbalancer/app/${text(props, "name")}/${place.serial}`, place),
    dnsName: `${text(props, "name")}-${place.serial}.${place.region}.elb.amazonaws.com`,
    zoneId: "Z32O12XQLNTSW2",
  }),
  id: "arn",
  refusesDelete: ({ props }) =>
    props.enableDeletionProtection === true
      ? "OperationNotPermitted: Load balancer cannot be deleted because deletion protection is enabled"
      : undefined,
};

const targetGroup: ResourceType = {
  type: "aws:lb/targetGroup:TargetGroup",
  named: { property: "name", longest: 32 },
  replacedBy: ["name", "port", "protocol", "targetType", "vpcId"],
  outputs: (props, place) => ({
    arn: arn("elasticloadbalancing", `targetgroup/${text(props, "name")}/${place.serial}`, place),
    arnSuffix: `targetgroup/${text(props, "name")}/${place.serial}`,
  }),
  id: "arn",
  refusesDelete: ({ props, region }, account) => {
    return listenersTo(text(props, "arn"), region, account).length > 0
      ? `ResourceInUse: Target group '${text(props, "arn")}' is currently in use by a listener or a rule`
      : undefined;
  },
};

const listener: ResourceType = {
  type: "aws:lb/listener:Listener",
  replacedBy: ["loadBalancerArn"],
  outputs: (props, place) => ({
    arn: `${text(props, "loadBalancerArn").replace(":loadbalancer/", ":listener/")}/${place.serial}`,
  }),
  id: "arn",
  refusesCreate: ({ props, region }, account) => {
    const shared = valuesAt(props, "defaultActions.targetGroupArn")
      .map(String)
      .find((arn) =>
        listenersTo(arn, region, account).some((other) => other.props.loadBalancerArn !== props.loadBalancerArn),
      );
    if (shared !== undefined)
      return `TargetGroupAssociationLimit: The following target groups cannot be associated with more than one load balancer: ${shared}`;
    const same = account
      .all("aws:lb/listener:Listener", region)
      .some((each) => each.props.loadBalancerArn === props.loadBalancerArn && each.props.port === props.port);
    return same ? "DuplicateListener: A listener already exists on this port for this load balancer" : undefined;
  },
};

export const ELB_TYPES = [loadBalancer, targetGroup, listener];
