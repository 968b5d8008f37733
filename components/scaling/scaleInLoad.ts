/** What a service is scaled in by: where its load is measured, and how its tasks are taken out. */
import type * as aws from "@pulumi/aws";
import type { ScaleInTier } from "./scalingArgs";
import type { CloudWatchMetric } from "./scalingMetric";

export interface ScaleInLoad {
  /** What there is little of when the alarm goes off; a part of its name. */
  readonly of: "requests" | "messages";
  /** Of the function: what it does first. */
  readonly description: string;
  /** When and on what the alarm goes off that the load is low. */
  readonly lowAlarm: Pick<
    aws.cloudwatch.MetricAlarmArgs,
    | "namespace"
    | "metricName"
    | "dimensions"
    | "statistic"
    | "period"
    | "metricQueries"
    | "evaluationPeriods"
    | "treatMissingData"
  >;
  /** Of the alarm's threshold. */
  readonly unit: string;
  /** Their sum is the load. */
  readonly metrics: readonly CloudWatchMetric[];
  /** So many tasks are kept that none has more load. @default tiers and share alone say how many */
  readonly mostPerTask?: number;
  /** From which tasks are taken out; none for workers. */
  readonly targetGroups: readonly aws.lb.TargetGroup[];
  readonly pace: ScaleInPace;
}

/** In seconds. */
export interface ScaleInPace {
  /** Between two looks at a task that retires. */
  readonly look: number;
  /** Between two health checks of a target; of no bearing where there is none. */
  readonly healthCheck: number;
  /** Until a task that is out has no work and gets none. */
  readonly settle: number;
}

/** Who is chosen. */
export interface ScaleInChoice {
  readonly tiers: readonly ScaleInTier[];
  readonly tiersPer: "service" | "target" | "task";
  readonly mostSharePercent: number;
  readonly workPatienceSeconds: number;
}
