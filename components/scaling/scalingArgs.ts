/** How a service's number of tasks follows its load, and how it does where nothing is said. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { Transform } from "../transform";

export const STATISTICS = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"] as const;
export type Statistic = (typeof STATISTICS)[number];

/** Metrics of a service: the average of its tasks in percent of what they reserve, and requests per minute and target. */
export const SERVICE_METRICS = ["cpu", "memory", "requestsPerTarget"] as const;
export type ServiceMetric = (typeof SERVICE_METRICS)[number];

/** Visible messages of a queue. */
export interface QueueMetric {
  readonly queueName: pulumi.Input<string>;
  /** Tells it from the service's other metrics. @default the queue's name, or "queue" where that is an output */
  readonly id?: string;
}

export interface CustomMetric {
  readonly namespace: string;
  readonly metricName: string;
  /** @default none */
  readonly dimensions?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Over a minute. @default "Average" */
  readonly statistic?: Statistic;
  /** Tells it from the service's other metrics. @default the metric's name */
  readonly id?: string;
}

export type ScalingMetric = ServiceMetric | QueueMetric | CustomMetric;

/** Steps of one metric and one time are one table: the highest bound that is reached says how many tasks are added. */
export interface ScaleOutStep {
  readonly metric: ScalingMetric;
  /** In the metric's own unit. */
  readonly atLeast: number;
  /** Minutes in a row. @default 1 */
  readonly forMinutes?: number;
  /** Tasks. */
  readonly add: number;
}

/** As in scaling out, downwards. Exactly on an inner bound, AWS already takes the larger step. */
export interface ScaleInStep {
  readonly metric: ScalingMetric;
  /** In the metric's own unit. */
  readonly below: number;
  /** Minutes in a row. @default 15, as AWS's target tracking */
  readonly forMinutes?: number;
  /** Tasks. */
  readonly remove: number;
}

export const TIERS_PER = ["service", "target"] as const;

export interface ScaleInTier {
  /** Requests per minute, in each of the last three. */
  readonly below: number;
  /** Tasks, in one round. A round takes about a minute, and the next follows while the load stays low. */
  readonly remove: number;
}

/** Scaling in by the function that takes idle tasks out of the load balancer before ECS stops them. */
export interface ScaleInTiers {
  /** @default below 100 remove 2, 50 remove 4, 30 remove 8, 10 remove 16 */
  readonly tiers?: readonly ScaleInTier[];
  /** Whether `below` is of all requests, or of those of each task. @default "service" */
  readonly tiersPer?: (typeof TIERS_PER)[number];
  /** Most of the tasks to take in one round, in percent; one task may always be taken. @default 25 */
  readonly mostSharePercent?: number;
  /** How long a task that is still at work may go on without new requests, before it is let go and serves again. Shorter than the
   * deregistration delay, when the balancer would cut its requests. 0: only idle tasks are taken.
   * @default the deregistration delay less two check intervals */
  readonly workPatienceSeconds?: number;
}

/** @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html */
export interface TargetTracking {
  /** One that falls as tasks are added; a queue's length doesn't. */
  readonly metric: ServiceMetric | CustomMetric;
  /** In the metric's own unit. */
  readonly target: number;
  /** @default that of the service */
  readonly scaleOutCooldownSeconds?: number;
  /** @default that of the service */
  readonly scaleInCooldownSeconds?: number;
}

/** From a time on, other bounds than minCount and maxCount; an update of the stack that changes those puts them back.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html */
export interface ScalingSchedule {
  /** Minutes, hours, day of month, month, day of week, year, e.g. `0 8 ? * MON-FRI *`; or `at`. @default none */
  readonly cron?: string;
  /** Once, e.g. `2027-01-31T18:00:00`; or `cron`. @default none */
  readonly at?: string;
  /** IANA name. @default "UTC" */
  readonly timeZone?: string;
  /** Fewest tasks from then on. @default unchanged */
  readonly minCount?: number;
  /** Most tasks from then on. @default unchanged */
  readonly maxCount?: number;
}

export interface ServiceScaling {
  /** Fewest tasks. */
  readonly minCount: number;
  /** Most tasks. */
  readonly maxCount: number;
  /** @default CPU at least 60 % add 1, 70 % add 3; memory the same; 600 requests per target and minute add 1, 700 add 3; where
   * targetTracking is given, none */
  readonly scaleOut?: readonly ScaleOutStep[];
  /** Who scales in: steps; the function, by tiers; the target tracking policies; nobody.
   * @default {}: the function; without a load balancer "targetTracking" where that is given */
  readonly scaleIn?: readonly ScaleInStep[] | ScaleInTiers | "targetTracking" | "none";
  /** @default none */
  readonly targetTracking?: readonly TargetTracking[];
  /** @default none */
  readonly schedules?: readonly ScalingSchedule[];
  /** After scaling out, the same step adds nothing and a larger one only the difference.
   * @default 120, about what a new task takes to show in the metrics */
  readonly scaleOutCooldownSeconds?: number;
  /** After scaling in by steps or target tracking, none scales in again. @default 300 */
  readonly scaleInCooldownSeconds?: number;
}

export interface ScalingTransforms {
  scalableTarget?: Transform<aws.appautoscaling.TargetArgs>;
  scalingPolicy?: Transform<aws.appautoscaling.PolicyArgs>;
  scalingAlarm?: Transform<aws.cloudwatch.MetricAlarmArgs>;
  scheduledAction?: Transform<aws.appautoscaling.ScheduledActionArgs>;
  scaleInFunction?: Transform<aws.lambda.FunctionArgs>;
}

/**
 * Several tables may be in alarm at once: Application Auto Scaling then goes to the largest count that one of them asks for, and
 * doesn't add them up. CPU, memory and requests step alike, so that whichever is short first decides, and no other adds to it.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */
const SCALE_OUT: readonly ScaleOutStep[] = [
  { metric: "cpu", atLeast: 60, add: 1 },
  { metric: "cpu", atLeast: 70, add: 3 },
  { metric: "memory", atLeast: 60, add: 1 },
  { metric: "memory", atLeast: 70, add: 3 },
  { metric: "requestsPerTarget", atLeast: 600, add: 1 },
  { metric: "requestsPerTarget", atLeast: 700, add: 3 },
];

const TIERS: readonly ScaleInTier[] = [
  { below: 100, remove: 2 },
  { below: 50, remove: 4 },
  { below: 30, remove: 8 },
  { below: 10, remove: 16 },
];

export const SCALING_DEFAULTS = {
  scaleOut: SCALE_OUT,
  scaleOutForMinutes: 1,
  scaleInForMinutes: 15,
  scaleOutCooldownSeconds: 120,
  scaleInCooldownSeconds: 300,
  tiers: TIERS,
  tiersPer: "service",
  mostSharePercent: 25,
} as const;
