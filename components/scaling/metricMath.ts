/** An expression of several CloudWatch metrics, as alarms and target tracking policies take it: one value a minute. */
import type * as aws from "@pulumi/aws";
import type { CloudWatchMetric } from "./scalingMetric";

/** What an alarm, and so a target tracking policy, may look at.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html */
export const MOST_METRICS = 10;

const PERIOD_SECONDS = 60;

export interface MetricMath {
  /** By the id that the expression has for it. */
  readonly metrics: Readonly<Record<string, CloudWatchMetric>>;
  readonly expression: string;
  /** What it comes to. */
  readonly id: string;
  readonly label: string;
}

type AlarmQuery = aws.types.input.cloudwatch.MetricAlarmMetricQuery;
type TrackedMetric =
  aws.types.input.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetric;

export function alarmQueries({ metrics, expression, id, label }: MetricMath): AlarmQuery[] {
  const queries = Object.entries(metrics).map(([each, metric]): AlarmQuery => {
    const { namespace, metricName, dimensions, statistic: stat } = metric;
    return { id: each, metric: { namespace, metricName, dimensions, stat, period: PERIOD_SECONDS } };
  });
  return [...queries, { id, expression, label, returnData: true }];
}

export function trackedMetrics({ metrics, expression, id, label }: MetricMath): TrackedMetric[] {
  const queries = Object.entries(metrics).map(([each, metric]): TrackedMetric => {
    const { namespace, metricName, statistic: stat } = metric;
    const dimensions = Object.entries(metric.dimensions).map(([name, value]) => ({ name, value }));
    return { id: each, metricStat: { metric: { namespace, metricName, dimensions }, stat }, returnData: false };
  });
  return [...queries, { id, expression, label, returnData: true }];
}
