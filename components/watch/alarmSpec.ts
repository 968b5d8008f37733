/** What every alarm says of itself. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** An alarm's own: what it looks at, and when it goes off. */
export type AlarmSpec = Omit<aws.cloudwatch.MetricAlarmArgs, "alarmActions" | "okActions" | "tags"> & {
  readonly alarmDescription: string;
  readonly evaluationPeriods: number;
};

/** Goes off with the first one in a minute. */
export function anyOf(namespace: string, metricName: string, dimensions: Record<string, pulumi.Input<string>>) {
  const observed = { namespace, metricName, dimensions, statistic: "Sum", period: 60 };
  return { ...observed, comparisonOperator: "GreaterThanThreshold", threshold: 0, evaluationPeriods: 1 };
}
