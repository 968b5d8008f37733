/** What an SqsWorkerTier takes, and what it takes where nothing is given. */
import type * as aws from "@pulumi/aws";
import type { ScalingTransforms } from "./scaling/scalingArgs";
import type { WorkerScaling } from "./scaling/workerScaling";
import { SERVICE_DEFAULTS, type ServiceArgs, type ServiceTransforms } from "./service/serviceArgs";
import { TASK_DEFAULTS, type TaskArgs, type TaskTransforms } from "./task/taskArgs";
import type { Transform } from "./transform";
import { QUEUE_ALARM_DEFAULTS } from "./watch/queueAlarms";
import type { Polling } from "./worker/workerEnvironment";
import type { WorkerQueueArgs } from "./worker/workerQueueArgs";
import type { WorkerQueueTransforms } from "./worker/workerQueues";
import type { WorkerServices } from "./worker/workerServices";

/** The number of its tasks follows the queues. */
export interface SqsWorkerTierArgs<Name extends string = string>
  extends Omit<ServiceArgs, "desiredCount" | "externallyScaled">, TaskArgs {
  /** In order of priority. A name makes a queue; an object says more of it, or takes one that exists. */
  queues: readonly (Name | WorkerQueueArgs<Name>)[];
  /** Whether the queues are FIFO: one list of priorities has queues of one kind. @default false */
  fifo?: boolean;
  /** Whether an update that would delete a queue, with the jobs in it, is refused. @default false */
  protectQueues?: boolean;
  /**
   * One service takes from all queues, in order; or each queue has a service of its own, with its share of `maxCount` by weight, so
   * that none can take another's capacity. @default "one"
   */
  services?: WorkerServices;
  /**
   * Of the one service: whether a free worker always asks the first queue first, or each in turn by its weight, so that none is
   * starved. @default "strict"
   */
  polling?: Polling;
  /** Jobs that a task works on at once. @default 1 */
  concurrency?: number;
  /** The sidecar that takes the jobs and hands them to the main container. @default none: the main container takes them */
  consumerContainer?: string;
  /** Whether the consumer prolongs the visibility timeout while it works, as the runtime's does. @default true */
  heartbeat?: boolean;
  /** How long a message may wait for a worker; a queue may say its own. @default 60 */
  acceptableLatencySeconds?: number;
  /** How long a job takes on average: how many messages a task may have waiting follows from it. @default none: scaleOut has steps */
  msgProcessingSeconds?: number;
  /** The longest that a job takes: one that an interruption would cut short is warned of. @default not known */
  longestJobSeconds?: number;
  /**
   * Whether a task is protected from scale-in and deployments while it works. Without, each that is to go is told by SIGTERM, and
   * finishes what it has. @default true, unless longestJobSeconds is 10 less than the stop timeout, or shorter
   */
  protectsWork?: boolean;
  /** How the number of tasks follows what waits. @default from 0 to 10, by the backlog */
  scaling?: WorkerScaling;
  /** Whether an update waits until a deployment is through, which waits for the jobs that it finds. @default false */
  waitForSteadyState?: boolean;
  /** Whether there are alarms, where the cluster has them. @default true */
  alarms?: boolean;
  /** More failed jobs in five minutes are an alarm. @default 10 */
  mostFailedJobs?: number;
  /** Changes a child's args before it is declared. @default none */
  transform?: SqsWorkerTierTransforms;
}

export interface SqsWorkerTierTransforms
  extends TaskTransforms, ServiceTransforms, ScalingTransforms, WorkerQueueTransforms {
  alarm?: Transform<aws.cloudwatch.MetricAlarmArgs>;
}

export const SQS_WORKER_TIER_DEFAULTS = {
  logRetentionDays: TASK_DEFAULTS.logRetentionDays,
  ...SERVICE_DEFAULTS,
  ...QUEUE_ALARM_DEFAULTS,
  // A protected task ends with its job: an update would wait for the longest.
  waitForSteadyState: false,
  fifo: false,
  protectQueues: false,
  services: "one" as WorkerServices,
  polling: "strict" as Polling,
  concurrency: 1,
  heartbeat: true,
  alarms: true,
};
