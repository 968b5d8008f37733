/** One JSON line per decision, and metrics in CloudWatch's embedded metric format. */

export type LogRecord = Readonly<Record<string, unknown>>;

export type Unit = "Count" | "Seconds" | "Milliseconds" | "Percent";

/** A value, or one for each of several events; at most 100. */
export type Metrics = Readonly<Record<string, { readonly value: number | readonly number[]; readonly unit: Unit }>>;

export const METRIC_NAMESPACE = "Spotproof";

/** A cluster's name, as metrics and resource ids have it, from its ARN. */
export const clusterNameOf = (clusterArn: string): string => clusterArn.slice(clusterArn.lastIndexOf("/") + 1);

/**
 * The log line from which CloudWatch Logs extracts metrics; `now` in milliseconds since the epoch.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function metricRecord(dimensions: Readonly<Record<string, string>>, metrics: Metrics, now: number): LogRecord {
  return {
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: METRIC_NAMESPACE,
          Dimensions: [Object.keys(dimensions)],
          Metrics: Object.entries(metrics).map(([Name, { unit }]) => ({ Name, Unit: unit })),
        },
      ],
    },
    ...dimensions,
    ...Object.fromEntries(Object.entries(metrics).map(([name, { value }]) => [name, value])),
  };
}
