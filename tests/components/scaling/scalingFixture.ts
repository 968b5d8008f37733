/** A service with its load balancer, made by hand, to scale in one way or another. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { makeScaling, type ScalingSettings } from "../../../components/scaling/scaling";
import type { ServiceScaling } from "../../../components/scaling/scalingArgs";
import { scalingProblems } from "../../../components/scaling/scalingProblems";
import type { ScalingFacts } from "../../../components/scaling/scalingResolved";
import { record, type Recorded, type Recording } from "../../support/recorder";

export const FACTS: ScalingFacts = { hasBalancer: true, deregistrationDelaySeconds: 45, checkIntervalSeconds: 5 };
export const WITHOUT_BALANCER: ScalingFacts = { ...FACTS, hasBalancer: false };

/** Nothing but the bounds, and so every default. */
export const BOUNDS = { minCount: 4, maxCount: 20 };

export const TARGET = "aws:appautoscaling/target:Target";
export const POLICY = "aws:appautoscaling/policy:Policy";
export const SCHEDULED_ACTION = "aws:appautoscaling/scheduledAction:ScheduledAction";
export const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";

interface Changes extends Partial<Omit<ScalingSettings, "scaling" | "balancer">> {
  readonly hasBalancer?: boolean;
}

/** A service named `api` on a cluster named `shop`. */
export function recordScaling(scaling: Partial<ServiceScaling> = {}, changes: Changes = {}): Promise<Recording> {
  const { hasBalancer = true, ...rest } = changes;
  return record(() => {
    const parent = new pulumi.ComponentResource("test:Service", "api");
    const cluster = new aws.ecs.Cluster("shop");
    const service = new aws.ecs.Service("api", { cluster: cluster.arn });
    const settings: ScalingSettings = {
      scaling: { ...BOUNDS, ...scaling },
      cluster,
      service,
      balancer: hasBalancer ? balancer() : undefined,
      deregistrationDelaySeconds: FACTS.deregistrationDelaySeconds,
      checkIntervalSeconds: FACTS.checkIntervalSeconds,
      healthCheckIntervalSeconds: 10,
      protectsWork: true,
      logRetentionDays: 30,
      tags: {},
      ...rest,
    };
    makeScaling("api", settings, parent);
  });
}

function balancer(): NonNullable<ScalingSettings["balancer"]> {
  return { loadBalancer: new aws.lb.LoadBalancer("api-alb"), targetGroup: new aws.lb.TargetGroup("api-targets") };
}

/** The problems of otherwise right args, one line each. */
export function problemsOf(scaling: Partial<ServiceScaling>, facts: Partial<ScalingFacts> = {}): string[] {
  return scalingProblems({ ...BOUNDS, ...scaling }, { ...FACTS, ...facts }).map(
    ({ property, allowed, change }) => `${property}: ${allowed}; ${change}`,
  );
}

/** The bounds and adjustments of a step scaling policy. */
export function adjustmentsOf(policy: Recorded): unknown {
  return (policy.inputs.stepScalingPolicyConfiguration as { stepAdjustments: unknown }).stepAdjustments;
}
