/** Target tracking policies. Application Auto Scaling makes their alarms itself. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { TargetTracking } from "./scalingArgs";
import { cloudWatchMetric, metricId, type Measured } from "./scalingMetric";
import { cooldowns } from "./scalingResolved";
import { inSequence, ofTarget, type ScalingContext } from "./scalingTarget";
import { transformed } from "../transform";

export interface TrackingSettings {
  /** Somebody else scales in. */
  readonly scaleInDisabled: boolean;
  /** They come one after the other, and after these. */
  readonly after: readonly pulumi.Resource[];
}

type Configuration = aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfiguration;

/** A policy before it is declared. */
export interface TrackingArgs {
  readonly name: string;
  /** What is tracked. */
  readonly specification: Partial<Configuration>;
  readonly target: number;
  readonly cooldowns: ReturnType<typeof cooldowns>;
}

export function makeTargetTracking(
  all: readonly TrackingArgs[],
  { scaleInDisabled, after }: TrackingSettings,
  { target, transform, parent }: ScalingContext,
): aws.appautoscaling.Policy[] {
  return inSequence(all, after, (tracking, dependsOn) => {
    const args: aws.appautoscaling.PolicyArgs = {
      ...ofTarget(target),
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        ...tracking.specification,
        targetValue: tracking.target,
        disableScaleIn: scaleInDisabled,
        scaleOutCooldown: tracking.cooldowns.scaleOutCooldownSeconds,
        scaleInCooldown: tracking.cooldowns.scaleInCooldownSeconds,
      },
    };
    return new aws.appautoscaling.Policy(tracking.name, transformed(args, transform.scalingPolicy), {
      parent,
      dependsOn,
    });
  });
}

/** One of each metric that the service's scaling is to keep at its target. */
export function trackedTargets(name: string, { scaling, measured }: ScalingContext): TrackingArgs[] {
  return (scaling.targetTracking ?? []).map((tracking) => ({
    name: `${name}-track-${metricId(tracking.metric)}`,
    specification: metricSpecification(tracking, measured),
    target: tracking.target,
    cooldowns: cooldowns(scaling, tracking),
  }));
}

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html */
function metricSpecification({ metric }: TargetTracking, measured: Measured): Partial<Configuration> {
  if (metric === "cpu") return predefined("ECSServiceAverageCPUUtilization");
  if (metric === "memory") return predefined("ECSServiceAverageMemoryUtilization");
  if (metric === "requestsPerTarget") return predefined("ALBRequestCountPerTarget", resourceLabel(measured));
  const { namespace, metricName, statistic, dimensions } = cloudWatchMetric(metric, measured);
  const named = Object.entries(dimensions).map(([name, value]) => ({ name, value }));
  return { customizedMetricSpecification: { namespace, metricName, statistic, dimensions: named } };
}

function predefined(predefinedMetricType: string, label?: pulumi.Output<string>): Partial<Configuration> {
  return { predefinedMetricSpecification: { predefinedMetricType, resourceLabel: label } };
}

/** `app/…/targetgroup/…`. @throws Error without a load balancer; the problems of the args say so before. */
function resourceLabel({ balancer }: Measured): pulumi.Output<string> {
  if (!balancer) throw new Error("ALBRequestCountPerTarget needs a load balancer");
  return pulumi.interpolate`${balancer.loadBalancer}/${balancer.targetGroup}`;
}
