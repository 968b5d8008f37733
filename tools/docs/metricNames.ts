/** The names of the metrics that the drain function writes, as it writes them. */
import { report } from "../../functions/drain/report";
import type { LogRecord } from "../../functions/log";

export function metricNames(): string[] {
  const records: LogRecord[] = [];
  const notice = { kind: "interruption", instanceId: "i-00000000", noticedAt: 0, deadline: 120_000 } as const;
  const settings = {
    clusterArn: "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
    autoScalingGroupName: "shop",
    queueUrl: "",
    replacement: "detach",
    stopTimeoutSeconds: 60,
    checkIntervalSeconds: 5,
  } as const;
  report([], [notice], { now: () => 2_000, log: (record) => void records.push(record) }, settings);
  return records.flatMap(({ _aws }) => {
    const { CloudWatchMetrics } = _aws as { CloudWatchMetrics: { Metrics: { Name: string }[] }[] };
    return CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
  });
}
