/** How requests come to a service: through a load balancer of its own, or through one that it shares. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { BALANCER_DEFAULTS, type BalancerTransforms, type RoutingArgs, type RoutingTransforms } from "./balancerArgs";
import { makeDnsRecords, plainName, urlOf } from "./dnsRecord";
import { makeFront, type Front, type FrontSettings } from "./loadBalancerFront";
import { makeListeners } from "./loadBalancerListeners";
import { makeTargetGroup, targetGroupArgs, targetIdentity, type TargetSettings } from "./loadBalancerTargets";
import type { LoadBalancerSecurityGroup } from "../cluster/securityGroups";
import { attach, makeRules } from "./sharedBalancerAttachment";

export interface LoadBalancerSettings
  extends FrontSettings, TargetSettings, Omit<RoutingArgs, "loadBalancingAlgorithm"> {
  readonly transform?: BalancerTransforms & RoutingTransforms;
}

export interface LoadBalancer {
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly targetGroup: aws.lb.TargetGroup;
  readonly listeners: readonly aws.lb.Listener[];
  readonly securityGroup: LoadBalancerSecurityGroup;
  readonly url: pulumi.Output<string>;
  /** With certificate and logs, where it is the service's own. */
  readonly front?: Front;
  /** There before the service, and until after it: ECS refuses a target group that no load balancer uses. */
  readonly ready: readonly pulumi.Resource[];
}

export function makeLoadBalancer(name: string, settings: LoadBalancerSettings, parent: pulumi.Resource): LoadBalancer {
  const { balancer, domainNames } = settings;
  const groupArgs = targetGroupArgs(name, settings);
  if (balancer) return attach(balancer, name, { ...settings, groupArgs }, parent);
  // Either replaces both. A target group can't be behind two load balancers, and a listener that moved to a new, empty one would
  // answer with errors until the tasks have followed.
  const front = makeFront(name, settings, targetIdentity(groupArgs), parent);
  const { loadBalancer, securityGroup } = front;
  const targetGroup = makeTargetGroup(name, groupArgs, front.replacementTrigger, parent);
  const forward = { type: "forward", targetGroupArn: targetGroup.arn };
  const { all: listeners } = makeListeners(name, settings, front, forward, parent);
  const url = urlOf(settings, plainName(domainNames) ?? loadBalancer.dnsName);
  const ready = [...listeners, ...securityGroup.rules];
  return { loadBalancer, targetGroup, listeners, securityGroup, url, front, ready };
}

/**
 * What sends requests to the service: names of its own balancer, or rules of a shared one. Each waits for the service, so that
 * whatever takes another's place has tasks that serve before a request comes, and the old one serves until then.
 */
export function makeRoutes(
  name: string,
  settings: LoadBalancerSettings,
  { loadBalancer, targetGroup }: LoadBalancer,
  service: pulumi.Resource,
  parent: pulumi.Resource,
): (aws.route53.Record | aws.lb.ListenerRule)[] {
  const { balancer, domainNames = [], hostedZoneId, transform } = settings;
  if (balancer) return makeRules(balancer, name, { ...settings, targetGroup }, service, parent);
  if (hostedZoneId === undefined) return [];
  const { ipAddressType = BALANCER_DEFAULTS.ipAddressType } = settings;
  const dns = { domainNames, hostedZoneId, loadBalancer, ipAddressType, transform: transform?.dnsRecord };
  return makeDnsRecords(name, dns, parent, [service]);
}
