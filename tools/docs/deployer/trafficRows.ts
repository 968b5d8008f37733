/** The load balancers. */
import { actions, namedArn, type Row, type Rows } from "./actions";

const elb = (names: string): string[] => actions("elasticloadbalancing", names);

/** Listeners carry their load balancer's name. */
const LOAD_BALANCER = "loadbalancer/app/NAME-*/*";
const LISTENER = "listener/app/NAME-*/*/*";
const RULE = "listener-rule/app/NAME-*/*/*/*";
const TARGET_GROUP = "targetgroup/NAME-*/*";

const part = (row: Omit<Row, "resources"> & { readonly on: readonly string[] }): Row => {
  const { on, ...rest } = row;
  return {
    resources: on.map((resource) => namedArn("elasticloadbalancing", resource)),
    create: [...rest.create, ...elb("AddTags")],
    read: [...rest.read, ...elb("DescribeTags")],
    update: [...(rest.update ?? []), ...elb("RemoveTags")],
    delete: rest.delete,
  };
};

export const TRAFFIC: Rows = {
  "aws:lb/loadBalancer:LoadBalancer": part({
    on: [LOAD_BALANCER],
    create: elb("CreateLoadBalancer"),
    // Elastic Load Balancing looks at the network with the rights of whoever asks.
    read: [
      ...elb("DescribeLoadBalancers DescribeLoadBalancerAttributes DescribeCapacityReservation"),
      ...actions(
        "ec2",
        "DescribeAccountAttributes DescribeInternetGateways DescribeNetworkInterfaces DescribeSecurityGroups DescribeSubnets DescribeVpcs",
      ),
    ],
    update: elb("ModifyLoadBalancerAttributes SetIpAddressType SetSecurityGroups SetSubnets"),
    delete: elb("DeleteLoadBalancer"),
  }),
  "aws:lb/targetGroup:TargetGroup": part({
    on: [TARGET_GROUP],
    create: elb("CreateTargetGroup"),
    read: elb("DescribeTargetGroups DescribeTargetGroupAttributes"),
    update: elb("ModifyTargetGroup ModifyTargetGroupAttributes"),
    delete: elb("DeleteTargetGroup"),
  }),
  "aws:lb/listener:Listener": part({
    on: [LOAD_BALANCER, LISTENER],
    create: elb("CreateListener"),
    read: elb("DescribeListeners DescribeListenerAttributes"),
    update: elb("ModifyListener ModifyListenerAttributes"),
    delete: elb("DeleteListener"),
  }),
  "aws:lb/listenerRule:ListenerRule": part({
    on: [LISTENER, RULE],
    create: elb("CreateRule"),
    read: elb("DescribeRules"),
    update: elb("ModifyRule SetRulePriorities"),
    delete: elb("DeleteRule"),
  }),
  "aws:lb/listenerCertificate:ListenerCertificate": {
    resources: [namedArn("elasticloadbalancing", LISTENER)],
    create: elb("AddListenerCertificates"),
    read: elb("DescribeListenerCertificates"),
    delete: elb("RemoveListenerCertificates"),
  },
};
