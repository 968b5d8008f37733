/** Step scaling: per table of steps a policy, and the alarm that calls it. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { cloudWatchMetric, isQueue } from "./scalingMetric";
import { cooldowns } from "./scalingResolved";
import { stepAdjustments, type StepTable } from "./scalingSteps";
import { inSequence, ofTarget, type ScalingContext } from "./scalingTarget";
import { transformed } from "../transform";

/** The unit in which a table counts its time. */
const PERIOD_SECONDS = 60;

export interface StepPolicy {
  readonly table: StepTable;
  readonly policy: aws.appautoscaling.Policy;
  readonly alarm: aws.cloudwatch.MetricAlarm;
}

export function makeStepPolicies(name: string, tables: readonly StepTable[], context: ScalingContext): StepPolicy[] {
  const policies = inSequence(tables, [], (table, dependsOn) => makePolicy(name, table, context, dependsOn));
  return tables.map((table, index) => {
    const policy = policies[index]!;
    return { table, policy, alarm: makeAlarm(name, table, policy, context) };
  });
}

const partName = (name: string, { direction, metricId, forMinutes }: StepTable): string =>
  `${name}-scale-${direction}-${metricId}-${forMinutes}m`;

function makePolicy(
  name: string,
  table: StepTable,
  { target, scaling, transform, parent }: ScalingContext,
  dependsOn: pulumi.Resource[],
): aws.appautoscaling.Policy {
  const { scaleOutCooldownSeconds, scaleInCooldownSeconds } = cooldowns(scaling);
  const args: aws.appautoscaling.PolicyArgs = {
    ...ofTarget(target),
    policyType: "StepScaling",
    stepScalingPolicyConfiguration: {
      adjustmentType: "ChangeInCapacity",
      metricAggregationType: "Average",
      cooldown: table.direction === "out" ? scaleOutCooldownSeconds : scaleInCooldownSeconds,
      stepAdjustments: stepAdjustments(table),
    },
  };
  const given = transformed(args, transform.scalingPolicy);
  return new aws.appautoscaling.Policy(partName(name, table), given, { parent, dependsOn });
}

function makeAlarm(
  name: string,
  table: StepTable,
  policy: aws.appautoscaling.Policy,
  { measured, tags, transform, parent }: ScalingContext,
): aws.cloudwatch.MetricAlarm {
  const { direction, metricId, threshold, forMinutes } = table;
  const [first] = table.steps;
  const verb = direction === "out" ? `at least ${threshold}, adds` : `below ${threshold}, removes`;
  const tasks = first!.tasks === 1 ? "task" : "tasks";
  const args: aws.cloudwatch.MetricAlarmArgs = {
    alarmDescription: `${name}: ${metricId} ${verb} ${first!.tasks} ${tasks} or more`,
    ...cloudWatchMetric(table.metric, measured),
    period: PERIOD_SECONDS,
    evaluationPeriods: forMinutes,
    datapointsToAlarm: forMinutes,
    comparisonOperator: direction === "out" ? "GreaterThanOrEqualToThreshold" : "LessThanThreshold",
    threshold,
    treatMissingData: treatMissingData(table),
    alarmActions: [policy.arn],
    tags,
  };
  return new aws.cloudwatch.MetricAlarm(partName(name, table), transformed(args, transform.scalingAlarm), { parent });
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
