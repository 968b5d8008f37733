/** The names of the metrics that the functions write, as they write them. */
import { report } from "../../functions/drain/report";
import type { LogRecord } from "../../functions/log";
import { report as reportRebalance } from "../../functions/rebalance/report";
import type { RebalanceSettings } from "../../functions/rebalance/settings";
import { report as reportScaleIn } from "../../functions/scaleIn/report";
import type { ScaleInSettings } from "../../functions/scaleIn/settings";

const CLUSTER_ARN = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";

/** The drain function's. */
export function metricNames(): string[] {
  const records: LogRecord[] = [];
  const notice = { kind: "interruption", instanceId: "i-00000000", noticedAt: 0, deadline: 120_000 } as const;
  const settings = {
    clusterArn: CLUSTER_ARN,
    autoScalingGroupName: "shop",
    queueUrl: "",
    replacement: "detach",
    stopTimeoutSeconds: 60,
    checkIntervalSeconds: 5,
  } as const;
  report([], [notice], { now: () => 2_000, log: (record) => void records.push(record) }, settings);
  return namesIn(records);
}

/** The scale-in function's. */
export function scaleInMetricNames(): string[] {
  const records: LogRecord[] = [];
  const outcome = { actions: [], failures: [], blockedBecause: undefined };
  const settings = { clusterArn: CLUSTER_ARN, serviceName: "web" } as ScaleInSettings;
  reportScaleIn(outcome, { now: () => 0, log: (record) => void records.push(record) }, settings);
  return namesIn(records);
}

/** The rebalance function's. */
export function rebalanceMetricNames(): string[] {
  const records: LogRecord[] = [];
  const outcome = { tended: [], beginning: undefined, apartPercent: 50, actions: [], failures: [] };
  const settings = { clusterArn: CLUSTER_ARN } as RebalanceSettings;
  reportRebalance(outcome, { now: () => 0, log: (record) => void records.push(record) }, settings);
  return namesIn(records);
}

function namesIn(records: readonly LogRecord[]): string[] {
  return records.flatMap(({ _aws }) => {
    const { CloudWatchMetrics } = _aws as { CloudWatchMetrics: { Metrics: { Name: string }[] }[] };
    return CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
  });
}
