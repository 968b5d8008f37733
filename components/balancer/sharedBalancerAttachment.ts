/** A service behind a shared load balancer: a target group of its own, and rules that lead to it. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { RoutingTransforms } from "./balancerArgs";
import { plainName, urlOf } from "./dnsRecord";
import type { LoadBalancer } from "./loadBalancer";
import { makeTargetGroup, targetIdentity } from "./loadBalancerTargets";
import type { SharedBalancer } from "./sharedBalancer";
import type { Rule } from "./sharedBalancerRoutes";
import { transformed } from "../transform";

export interface AttachmentSettings {
  readonly hosts?: readonly string[];
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly groupArgs: aws.lb.TargetGroupArgs;
}

/**
 * ECS takes a target group only once a load balancer uses it, and requests must not come before the tasks do. So a rule behind the
 * balancer's last one, which no request comes to, holds the group to the balancer.
 */
export function attach(
  balancer: SharedBalancer,
  name: string,
  { hosts, tags, groupArgs }: AttachmentSettings,
  parent: pulumi.Resource,
): LoadBalancer {
  const { front, listeners, loadBalancer, notFound } = balancer;
  const own = targetIdentity(groupArgs);
  // A target group can't be behind two load balancers: another balancer takes another group.
  const replacementTrigger = pulumi.output({ balancer: front.replacementTrigger, ...own });
  const targetGroup = makeTargetGroup(name, groupArgs, replacementTrigger, parent);
  const holding: aws.lb.ListenerRuleArgs = {
    listenerArn: listeners.serving.arn,
    // AWS's provider gives it a priority above all others.
    conditions: [{ hostHeader: { values: [`${name.toLowerCase()}.invalid`] } }],
    actions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
    tags,
  };
  const holder = new aws.lb.ListenerRule(`${name}-target-holder`, holding, { parent, dependsOn: [notFound] });
  const host = plainName(hosts);
  return {
    loadBalancer,
    targetGroup,
    listeners: listeners.all,
    securityGroup: front.securityGroup,
    url: host === undefined ? balancer.url : urlOf(balancer.args, host),
    ready: [...listeners.all, ...front.securityGroup.rules, holder],
  };
}

export interface RulesSettings {
  readonly hosts?: readonly string[];
  readonly paths?: readonly string[];
  readonly priority?: number;
  readonly targetGroup: aws.lb.TargetGroup;
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: RoutingTransforms;
}

/**
 * The rules that requests come by. They wait for the service: a rule goes on to another target group, in place, when the tasks that
 * are registered with it serve, and until then the old group's do. Other hosts or paths make another rule, beside the old one.
 */
export function makeRules(
  balancer: SharedBalancer,
  name: string,
  { hosts = [], paths = [], priority, targetGroup, tags, transform }: RulesSettings,
  service: pulumi.Resource,
  parent: pulumi.Resource,
): aws.lb.ListenerRule[] {
  const rules = balancer.registry.add(name, { hosts, paths, priority }).map((rule) => {
    const args: aws.lb.ListenerRuleArgs = {
      listenerArn: balancer.listeners.serving.arn,
      priority: rule.priority,
      conditions: conditionsOf(rule),
      actions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
      tags,
    };
    const options = { parent, dependsOn: [service], deleteBeforeReplace: false };
    const ruleName = [name, "rule", rule.key].filter((part) => part !== "").join("-");
    return new aws.lb.ListenerRule(ruleName, transformed(args, transform?.listenerRule), options);
  });
  balancer.servedBy(name, [service, ...rules]);
  return rules;
}

function conditionsOf({ hosts, paths }: Rule): aws.types.input.lb.ListenerRuleCondition[] {
  return [
    ...(hosts.length > 0 ? [{ hostHeader: { values: [...hosts] } }] : []),
    ...(paths.length > 0 ? [{ pathPattern: { values: [...paths] } }] : []),
  ];
}
