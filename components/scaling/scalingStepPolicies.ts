/** Step scaling: a policy, and the alarm that calls it. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { cloudWatchMetric, isQueue } from "./scalingMetric";
import { cooldowns } from "./scalingResolved";
import { stepAdjustments, type Direction, type StepTable } from "./scalingSteps";
import { inSequence, ofTarget, type ScalingContext } from "./scalingTarget";
import { transformed } from "../transform";

/** The unit in which a table counts its time. */
const PERIOD_SECONDS = 60;

/** A policy and its alarm before they are declared. */
export interface StepPolicyArgs {
  /** Of both. */
  readonly name: string;
  readonly direction: Direction;
  readonly configuration: aws.types.input.appautoscaling.PolicyStepScalingPolicyConfiguration;
  readonly alarm: Omit<aws.cloudwatch.MetricAlarmArgs, "alarmActions" | "tags">;
}

export interface StepPolicy {
  readonly direction: Direction;
  readonly policy: aws.appautoscaling.Policy;
  readonly alarm: aws.cloudwatch.MetricAlarm;
}

export function makeStepPolicies(all: readonly StepPolicyArgs[], context: ScalingContext): StepPolicy[] {
  const policies = inSequence(all, [], (each, dependsOn) => makePolicy(each, context, dependsOn));
  return all.map((each, index) => {
    const policy = policies[index]!;
    return { direction: each.direction, policy, alarm: makeAlarm(each, policy, context) };
  });
}

function makePolicy(
  { name, configuration }: StepPolicyArgs,
  { target, transform, parent }: ScalingContext,
  dependsOn: pulumi.Resource[],
): aws.appautoscaling.Policy {
  const args: aws.appautoscaling.PolicyArgs = {
    ...ofTarget(target),
    policyType: "StepScaling",
    stepScalingPolicyConfiguration: configuration,
  };
  return new aws.appautoscaling.Policy(name, transformed(args, transform.scalingPolicy), { parent, dependsOn });
}

function makeAlarm(
  { name, alarm }: StepPolicyArgs,
  policy: aws.appautoscaling.Policy,
  { tags, transform, parent }: ScalingContext,
): aws.cloudwatch.MetricAlarm {
  const args: aws.cloudwatch.MetricAlarmArgs = { ...alarm, alarmActions: [policy.arn], tags };
  return new aws.cloudwatch.MetricAlarm(name, transformed(args, transform.scalingAlarm), { parent });
}

/** Of each table of a metric, its policy and alarm. */
export function tablePolicies(name: string, tables: readonly StepTable[], context: ScalingContext): StepPolicyArgs[] {
  return tables.map((table) => {
    const { direction, metric, metricId, forMinutes } = table;
    return {
      name: `${name}-scale-${direction}-${metricId}-${forMinutes}m`,
      direction,
      configuration: tableConfiguration(table, context),
      alarm: {
        alarmDescription: `${name}: ${metricId} ${wordsOf(table)}`,
        ...cloudWatchMetric(metric, context.measured),
        period: PERIOD_SECONDS,
        ...tableAlarm(table),
        treatMissingData: treatMissingData(table),
      },
    };
  });
}

/** What a policy does by a table. */
export function tableConfiguration(
  table: StepTable,
  { scaling }: Pick<ScalingContext, "scaling">,
): StepPolicyArgs["configuration"] {
  const { scaleOutCooldownSeconds, scaleInCooldownSeconds } = cooldowns(scaling);
  return {
    adjustmentType: "ChangeInCapacity",
    metricAggregationType: "Average",
    cooldown: table.direction === "out" ? scaleOutCooldownSeconds : scaleInCooldownSeconds,
    stepAdjustments: stepAdjustments(table),
  };
}

/** When a table's alarm goes off, whatever it looks at. */
export function tableAlarm({ direction, threshold, forMinutes }: StepTable) {
  return {
    evaluationPeriods: forMinutes,
    datapointsToAlarm: forMinutes,
    comparisonOperator: direction === "out" ? "GreaterThanOrEqualToThreshold" : "LessThanThreshold",
    threshold,
  };
}

export function wordsOf({ direction, threshold, steps }: StepTable): string {
  const [first] = steps;
  const verb = direction === "out" ? `at least ${threshold}, adds` : `below ${threshold}, removes`;
  return `${verb} ${first!.tasks} ${first!.tasks === 1 ? "task" : "tasks"} or more`;
}

/**
 * AWS repeats an alarm's scaling every minute for as long as it lasts, and minutes without a value leave it as it was: it would go
 * on adding, or removing, with nothing seen. Only of requests and messages no value means that there are none, which is low.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
function treatMissingData({ direction, metric }: StepTable): "breaching" | "notBreaching" {
  const silentWhenIdle = metric === "requestsPerTarget" || isQueue(metric);
  return direction === "in" && silentWhenIdle ? "breaching" : "notBreaching";
}
