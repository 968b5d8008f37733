import {
  ADJUSTMENT_TYPES,
  stepsProblem,
  type AdjustmentType,
  type Step,
} from "../../world/applicationAutoScaling/stepAdjustment";
import { AGGREGATIONS, StepScaling } from "../../world/applicationAutoScaling/stepScaling";
import { TargetTracking, type TargetTrackingSpec } from "../../world/applicationAutoScaling/targetTracking";
import type { ScalableTarget } from "../../world/applicationAutoScaling/scalableTarget";
import { APPLICATION_AUTO_SCALING } from "../../world/constants";
import type { MetricStat, Observed } from "../../world/cloudWatch/observed";
import type { Resource } from "../monitor";
import { block, isTrue, list, number, text, type Inputs } from "../read";
import { readMath, readStat, unfed } from "./observed";
import { oneOf } from "./oneOf";
import { scalesService, targetOf } from "./scalableTarget";
import type { Deployment, Reader } from "./reader";

export const readScalingPolicy: Reader = (resource, deployment) => {
  if (!scalesService(resource, deployment)) return;
  const target = targetOf(resource, deployment);
  if (target === undefined) return;
  const type = text(resource.inputs.policyType ?? "StepScaling");
  if (type === "StepScaling") readStepScaling(resource, target, deployment);
  else if (type === "TargetTrackingScaling") readTargetTracking(resource, target, deployment);
  else deployment.notModelled(`scaling policy ${resource.name}: ${type}`);
};

const seconds = (value: unknown): number => number(value, APPLICATION_AUTO_SCALING.cooldownMs / 1000) * 1000;

function readStepScaling({ name, inputs, outputs }: Resource, target: ScalableTarget, { world }: Deployment): void {
  const settings = block(inputs.stepScalingPolicyConfiguration);
  const steps = list(settings.stepAdjustments).map((step): Step => ({
    lower: number(step.metricIntervalLowerBound, -Infinity),
    upper: number(step.metricIntervalUpperBound, Infinity),
    adjustment: number(step.scalingAdjustment, 0),
  }));
  const problem = stepsProblem(steps);
  if (problem !== undefined) throw new Error(`scaling policy ${name}: ${problem}`);
  const spec = {
    name: text(outputs.name),
    arn: text(outputs.arn),
    adjustmentType: oneOf<AdjustmentType>(settings.adjustmentType, ADJUSTMENT_TYPES, `scaling policy ${name}`),
    minAdjustmentMagnitude: number(settings.minAdjustmentMagnitude, 0),
    cooldownMs: seconds(settings.cooldown),
    aggregation: oneOf(
      settings.metricAggregationType ?? "Average",
      Object.keys(AGGREGATIONS) as (keyof typeof AGGREGATIONS)[],
      `scaling policy ${name}`,
    ),
    steps,
  };
  world.scalingPolicies.set(spec.arn, new StepScaling(spec, target));
}

function readTargetTracking(resource: Resource, target: ScalableTarget, { world, notModelled }: Deployment): void {
  const { name, inputs, outputs } = resource;
  const settings = block(inputs.targetTrackingScalingPolicyConfiguration);
  const tracked = trackedMetric(settings, target);
  if (typeof tracked === "string") return notModelled(`scaling policy ${name}: ${tracked}`);
  const problems = unfed(tracked);
  for (const problem of problems) notModelled(`scaling policy ${name}: ${problem}`);
  const spec: TargetTrackingSpec = {
    name: text(outputs.name),
    arn: text(outputs.arn),
    observed: tracked,
    targetValue: number(settings.targetValue, 0),
    scaleOutCooldownMs: seconds(settings.scaleOutCooldown),
    scaleInCooldownMs: seconds(settings.scaleInCooldown),
    disableScaleIn: isTrue(settings.disableScaleIn),
    isFed: problems.length === 0,
  };
  const alarmArn = (alarm: string): string =>
    `arn:aws:cloudwatch:${world.options.region}:${world.options.account}:alarm:${alarm}`;
  const policy = new TargetTracking(spec, target, world.options.flags);
  world.scalingPolicies.set(spec.arn, policy);
  for (const alarm of policy.alarms(alarmArn)) world.alarms.add(alarm);
}

/** The metric that a policy tracks, or what of it isn't modelled. */
function trackedMetric(settings: Inputs, target: ScalableTarget): Observed | string {
  const { predefinedMetricSpecification, customizedMetricSpecification } = settings;
  if (predefinedMetricSpecification !== undefined) return predefined(block(predefinedMetricSpecification), target);
  const custom = block(customizedMetricSpecification);
  const queries = list(custom.metrics);
  if (queries.length === 0) return readStat(statOf(custom, custom.statistic));
  return readMath(
    queries,
    ({ metricStat }) => statOf(block(block(metricStat).metric), block(metricStat).stat),
    ({ returnData }) => returnData === undefined || isTrue(returnData),
  );
}

const statOf = ({ namespace, metricName, dimensions }: Inputs, statistic: unknown) => ({
  namespace,
  metricName,
  dimensions: Object.fromEntries(list(dimensions).map(({ name, value }) => [text(name), text(value)])),
  statistic,
});

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html */
function predefined(settings: Inputs, { spec }: ScalableTarget): Observed | string {
  const [, ClusterName = "", ServiceName = ""] = spec.resourceId.split("/");
  const ofService = (name: string): MetricStat => ({
    metric: { namespace: "AWS/ECS", name, dimensions: { ClusterName, ServiceName } },
    statistic: "Average",
  });
  switch (settings.predefinedMetricType) {
    case "ECSServiceAverageCPUUtilization":
      return ofService("CPUUtilization");
    case "ECSServiceAverageMemoryUtilization":
      return ofService("MemoryUtilization");
    case "ALBRequestCountPerTarget":
      return requestsPerTarget(text(settings.resourceLabel));
    default:
      return text(settings.predefinedMetricType);
  }
}

/** The label is `app/…/targetgroup/…`. */
function requestsPerTarget(label: string): MetricStat {
  const [LoadBalancer = "", rest = ""] = label.split("/targetgroup/");
  const dimensions = { LoadBalancer, TargetGroup: `targetgroup/${rest}` };
  return { metric: { namespace: "AWS/ApplicationELB", name: "RequestCountPerTarget", dimensions }, statistic: "Sum" };
}
