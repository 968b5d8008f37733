/** The target group of a service. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { ROUTING_DEFAULTS, type LoadBalancingAlgorithm } from "./balancerArgs";
import { elbName } from "../names";
import { throwProblems, type Problem } from "../problems";
import { CLUSTER_TAG } from "../tags";
import { transformed, type Transform } from "../transform";

export interface TargetSettings {
  readonly clusterName: pulumi.Input<string>;
  readonly vpcId: pulumi.Input<string>;
  readonly deregistrationDelaySeconds: number;
  readonly healthCheckPath: string;
  readonly healthCheckIntervalSeconds: number;
  readonly healthCheckTimeoutSeconds: number;
  readonly healthyThresholdCount: number;
  readonly unhealthyThresholdCount: number;
  readonly healthCheckMatcher: string;
  readonly loadBalancingAlgorithm?: LoadBalancingAlgorithm;
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: { readonly targetGroup?: Transform<aws.lb.TargetGroupArgs> };
}

/** @throws InputProblemsError where the transform asks for what the algorithm doesn't go with */
export function targetGroupArgs(name: string, settings: TargetSettings): aws.lb.TargetGroupArgs {
  const { loadBalancingAlgorithm = ROUTING_DEFAULTS.loadBalancingAlgorithm } = settings;
  const args: aws.lb.TargetGroupArgs = {
    vpcId: settings.vpcId,
    targetType: "instance",
    protocol: "HTTP",
    // ECS registers each task with its dynamic port. A fixed one here, because a changed port replaces the group.
    port: 80,
    deregistrationDelay: settings.deregistrationDelaySeconds,
    loadBalancingAlgorithmType: loadBalancingAlgorithm,
    loadBalancingAnomalyMitigation: loadBalancingAlgorithm === "weighted_random" ? "on" : "off",
    healthCheck: {
      path: settings.healthCheckPath,
      port: "traffic-port",
      protocol: "HTTP",
      interval: settings.healthCheckIntervalSeconds,
      timeout: settings.healthCheckTimeoutSeconds,
      healthyThreshold: settings.healthyThresholdCount,
      unhealthyThreshold: settings.unhealthyThresholdCount,
      matcher: settings.healthCheckMatcher,
    },
    // The drain function may deregister the targets of its own cluster only.
    tags: { ...settings.tags, [CLUSTER_TAG]: settings.clusterName },
  };
  const all = transformed(args, settings.transform?.targetGroup);
  throwProblems(`BalancedService ${name}`, slowStartProblems(all));
  return all;
}

export function makeTargetGroup(
  name: string,
  args: aws.lb.TargetGroupArgs,
  replacementTrigger: pulumi.Output<unknown>,
  parent: pulumi.Resource,
): aws.lb.TargetGroup {
  const options = { parent, replacementTrigger, deleteBeforeReplace: false };
  return new aws.lb.TargetGroup(elbName(`${name}-targets`), args, options);
}

/** The properties of a target group that can't change in place. */
export function targetIdentity(args: aws.lb.TargetGroupArgs): Readonly<Record<string, unknown>> {
  const { port, protocol, protocolVersion, targetType, vpcId } = args;
  const named = { groupName: args.name, groupNamePrefix: args.namePrefix, groupIpAddressType: args.ipAddressType };
  return { ...named, port, protocol, protocolVersion, targetType, vpcId };
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
function slowStartProblems({ slowStart, loadBalancingAlgorithmType: algorithm }: aws.lb.TargetGroupArgs): Problem[] {
  if (typeof slowStart !== "number" || slowStart === 0 || algorithm === "round_robin") return [];
  const allowed = 'none but with loadBalancingAlgorithm "round_robin", because the others go by how a target does';
  const change = 'take slowStart out of transform.targetGroup, or set loadBalancingAlgorithm to "round_robin"';
  return [{ property: "transform.targetGroup slowStart", given: slowStart, allowed, change }];
}
