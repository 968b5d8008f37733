/** What needs a person about the AMI of a cluster's instances. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Refresh } from "../cluster/refreshArgs";
import { anyOf, makeAlarms, type Alarms, type AlarmSettings, type AlarmSpec, type WatchedFunction } from "./alarms";

export interface WatchedRefresh extends WatchedFunction, AlarmSettings {
  readonly cluster: aws.ecs.Cluster;
  readonly refresh: Refresh;
  readonly refreshMaxMinutes: number;
}

const HOUR_SECONDS = 3600;
/** Where you replace them: a day. Where the function does: a week, which has a window. */
const OLDER_HOURS = { notify: 24, auto: 168, off: 168 } as const satisfies Record<Refresh, number>;

export function makeRefreshAlarms(name: string, settings: WatchedRefresh, parent: pulumi.Resource): Alarms {
  return makeAlarms(name, refreshAlarms(name, settings), settings, parent);
}

function refreshAlarms(
  name: string,
  { cluster, callback, events, refresh, refreshMaxMinutes }: WatchedRefresh,
): Record<string, AlarmSpec> {
  const ofCluster = { ClusterName: cluster.name };
  const whose = `${name}'s refresh function`;
  const hours = OLDER_HOURS[refresh];
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
      threshold: refreshMaxMinutes * 60,
      ...worst,
      alarmDescription: `${name}: an instance refresh has taken more than ${refreshMaxMinutes} minutes`,
    },
    "refresh-failed-actions": {
      ...anyOf("Spotproof", "FailedRefreshActions", ofCluster),
      alarmDescription: `${whose} decided something that was not carried out`,
    },
    "refresh-errors": {
      ...anyOf("AWS/Lambda", "Errors", { FunctionName: callback.function.name }),
      alarmDescription: `${whose} failed as a whole`,
    },
    "refresh-dead-letters": {
      ...anyOf("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: events.deadLetterQueue.name }),
      statistic: "Maximum",
      alarmDescription: `${whose} failed four times at one message`,
    },
  };
}
