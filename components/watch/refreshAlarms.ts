/** What needs a person about the AMI of a cluster's instances. */
import type * as pulumi from "@pulumi/pulumi";
import type { Refresh } from "../cluster/refreshArgs";
import { anyOf, functionAlarms, type AlarmSpec, type WatchedFunction } from "./alarmSpec";

export interface WatchedRefresh extends WatchedFunction {
  readonly mode: Refresh;
  readonly maxMinutes: number;
}

const HOUR_SECONDS = 3600;
/** Where you replace them: a day. Where the function does: a week, which has a window. */
const OLDER_HOURS = { notify: 24, auto: 168, off: 168 } as const satisfies Record<Refresh, number>;

export function refreshAlarms(
  name: string,
  watched: WatchedRefresh,
  ofCluster: Record<string, pulumi.Input<string>>,
): Record<string, AlarmSpec> {
  const { mode, maxMinutes } = watched;
  const hours = OLDER_HOURS[mode];
  const worst = { statistic: "Maximum", comparisonOperator: "GreaterThanOrEqualToThreshold", evaluationPeriods: 1 };
  return {
    "older-ami": {
      ...anyOf("Spotproof", "OutdatedInstances", ofCluster),
      statistic: "Minimum",
      period: HOUR_SECONDS,
      evaluationPeriods: hours,
      alarmDescription: `${name}: instances have run an older AMI for ${hours} hours`,
    },
    "refresh-failed": {
      ...anyOf("Spotproof", "RefreshesFailed", ofCluster),
      alarmDescription: `${name}: an instance refresh failed, or was rolled back`,
    },
    "refresh-too-long": {
      namespace: "Spotproof",
      metricName: "RefreshSeconds",
      dimensions: ofCluster,
      period: 300,
      threshold: maxMinutes * 60,
      ...worst,
      alarmDescription: `${name}: an instance refresh has taken more than ${maxMinutes} minutes`,
    },
    ...functionAlarms(`${name}'s refresh function`, "refresh", watched, ofCluster, "FailedRefreshActions"),
  };
}
