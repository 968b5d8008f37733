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

export function makeTargetTracking(
  name: string,
  { scaleInDisabled, after }: TrackingSettings,
  context: ScalingContext,
): aws.appautoscaling.Policy[] {
  const { target, scaling, measured, transform, parent } = context;
  return inSequence(scaling.targetTracking ?? [], after, (tracking, dependsOn) => {
    const { scaleOutCooldownSeconds, scaleInCooldownSeconds } = cooldowns(scaling, tracking);
    const args: aws.appautoscaling.PolicyArgs = {
      ...ofTarget(target),
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        ...metricSpecification(tracking, measured),
        targetValue: tracking.target,
        disableScaleIn: scaleInDisabled,
        scaleOutCooldown: scaleOutCooldownSeconds,
        scaleInCooldown: scaleInCooldownSeconds,
      },
    };
    const part = `${name}-track-${metricId(tracking.metric)}`;
    return new aws.appautoscaling.Policy(part, transformed(args, transform.scalingPolicy), { parent, dependsOn });
  });
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
