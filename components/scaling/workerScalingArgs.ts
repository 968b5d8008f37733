/** How the number of workers follows what waits in their queues, and how it does where nothing is said. */
import type { ScaleInTier, ScalingSchedule, ServiceScaling } from "./scalingArgs";

/** Steps of one time are one table: the highest bound that is reached says how many tasks are added. */
export interface WorkerScaleOutStep {
  /** Messages that wait, in all queues of the service. */
  readonly atLeast: number;
  /** Minutes in a row. @default 1 */
  readonly forMinutes?: number;
  /** Tasks. */
  readonly add: number;
}

/** As in scaling out, downwards. ECS chooses the tasks, and spares those that are protected. */
export interface WorkerScaleInStep {
  /** Messages that wait or are being worked on, in all queues of the service: a busy worker has work though none waits. */
  readonly below: number;
  /** Minutes in a row. @default 15, as AWS's target tracking */
  readonly forMinutes?: number;
  /** Tasks. */
  readonly remove: number;
}

export const WORKER_TIERS_PER = ["service", "task"] as const;

/** Scaling in by the function, which takes tasks without a job only, and leaves one for every job that there is. */
export interface WorkerScaleIn {
  /** Of messages that wait or are being worked on. @default below 80 % of what a task may work on at once, remove 16 */
  readonly tiers?: readonly ScaleInTier[];
  /** Whether `below` is of all messages, or of those of each task. @default "task" */
  readonly tiersPer?: (typeof WORKER_TIERS_PER)[number];
  /** Most of the tasks to take in one round, in percent; one task may always be taken. @default 100 */
  readonly mostSharePercent?: number;
  /** Minutes in a row with so few messages, before the first task is taken. @default 5: a job every few minutes keeps its task */
  readonly forMinutes?: number;
}

export interface WorkerScaling extends Pick<ServiceScaling, "scaleInCooldownSeconds"> {
  /**
   * Fewest tasks. From 0, a first message waits some minutes: three or four until it is seen, and as long as an instance and a
   * container take to start. @default 0
   */
  readonly minCount?: number;
  /** Most tasks. @default 10 */
  readonly maxCount?: number;
  /**
   * `"backlog"`: so many tasks that what waits is worked off in time. A task may have `concurrency` messages in its hands, and
   * `concurrency × acceptableLatencySeconds ÷ msgProcessingSeconds` that wait: with one job at once, 60 s to wait and 2 s a job
   * these are 31, and 310 messages are for 10 tasks. Target tracking looks at it for three minutes; out of zero tasks, a step
   * policy starts as many as it takes. Or steps of the messages that wait.
   * @default "backlog"
   */
  readonly scaleOut?: "backlog" | readonly WorkerScaleOutStep[];
  /**
   * The function, which takes tasks without a job; steps; AWS's target tracking, beside `scaleOut: "backlog"`; nobody.
   * @default {}: the function
   */
  readonly scaleIn?: WorkerScaleIn | readonly WorkerScaleInStep[] | "targetTracking" | "none";
  /** @default none */
  readonly schedules?: readonly ScalingSchedule[];
  /**
   * After scaling out, the same backlog adds nothing and a larger one only the difference: tasks that have yet to start don't show
   * in the metrics. @default 300, about what an instance and its tasks take
   */
  readonly scaleOutCooldownSeconds?: number;
}

export const WORKER_SCALING_DEFAULTS = {
  minCount: 0,
  maxCount: 10,
  scaleOut: "backlog",
  tiersPer: "task",
  mostSharePercent: 100,
  lowForMinutes: 5,
  scaleOutCooldownSeconds: 300,
} as const;
