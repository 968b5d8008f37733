/** The names of the metrics that the functions write, as they write them. */
import { reportHints } from "../../functions/drain/recommendation/report";
import { report } from "../../functions/drain/report";
import { planShare } from "../../functions/fallback/plan";
import { report as reportFallback } from "../../functions/fallback/report";
import type { LogRecord } from "../../functions/log";
import { metricsOf } from "../../functions/refresh/report";
import { report as reportRebalance } from "../../functions/rebalance/report";
import type { RebalanceSettings } from "../../functions/rebalance/settings";
import { report as reportScaleIn } from "../../functions/scaleIn/report";
import type { ScaleInSettings } from "../../functions/scaleIn/settings";

const CLUSTER_ARN = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";

/** The drain function's, without recommendations. */
export function metricNames(): string[] {
  const records: LogRecord[] = [];
  const notice = { kind: "interruption", instanceId: "i-00000000", noticedAt: 0, deadline: 120_000 } as const;
  const settings = {
    clusterArn: CLUSTER_ARN,
    autoScalingGroupName: "shop",
    queueUrl: "",
    replacement: "detach",
    recommendations: "ignore",
    recommendationMinutes: 60,
    stopTimeoutSeconds: 60,
    checkIntervalSeconds: 5,
  } as const;
  report([], [notice], { now: () => 2_000, log: (record) => void records.push(record) }, settings);
  return namesIn(records);
}

/** What the drain function writes besides where it minds recommendations. */
export function recommendationMetricNames(): string[] {
  const records: LogRecord[] = [];
  const ports = { now: () => 0, log: (record: LogRecord) => void records.push(record) };
  reportHints({ actions: [], failures: [] }, 0, ports, { clusterArn: CLUSTER_ARN });
  return namesIn(records);
}

/** The fallback function's. */
export function fallbackMetricNames(): string[] {
  const records: LogRecord[] = [];
  const settings = {
    clusterArn: CLUSTER_ARN,
    autoScalingGroupName: "shop",
    declaredBase: 0,
    maxInstances: 1,
    maxHours: 1,
  };
  const distribution = { base: 0, percentageAboveBase: 0 };
  const { found } = planShare({ desired: 0, distribution, members: [], mark: undefined, failures: [] }, settings, 0);
  const outcome = { actions: [], failure: undefined, found, returned: 0, waitsFor: undefined };
  reportFallback(outcome, { now: () => 0, log: (record) => void records.push(record) }, settings);
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

/** The refresh function's. */
export function refreshMetricNames(): string[] {
  const state = { versions: [], imageId: "", groups: [], goesOn: undefined };
  return Object.keys(metricsOf(state, { actions: [], failures: [], failedRefreshes: 0 }, [], 0));
}

/** The rebalance function's. */
export function rebalanceMetricNames(): string[] {
  const records: LogRecord[] = [];
  const outcome = { tended: [], beginning: undefined, apartPercent: 50, actions: [], failures: [] };
  const settings = { clusterArn: CLUSTER_ARN } as RebalanceSettings;
  reportRebalance(outcome, { now: () => 0, log: (record) => void records.push(record) }, settings);
  return namesIn(records);
}

/** Of all functions of a cluster, as its defaults have them. */
export const clusterMetricNames = (): string[] => [
  ...metricNames(),
  ...fallbackMetricNames(),
  ...rebalanceMetricNames(),
  ...refreshMetricNames(),
];

function namesIn(records: readonly LogRecord[]): string[] {
  return records.flatMap(({ _aws }) => {
    const { CloudWatchMetrics } = _aws as { CloudWatchMetrics: { Metrics: { Name: string }[] }[] };
    return CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
  });
}
