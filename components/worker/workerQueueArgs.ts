/** What a queue of a worker tier takes, and what it takes where nothing is given. */
import type * as pulumi from "@pulumi/pulumi";

export interface WorkerQueueArgs<Name extends string = string> {
  /** What the program calls it, e.g. `high`. */
  readonly name: Name;
  /** Its share where polling is weighted, or where each queue has a service. @default 1 */
  readonly weight?: number;
  /** How long a message may wait for a worker. @default the tier's */
  readonly acceptableLatencySeconds?: number;
  /**
   * How long a message stays hidden from other workers: the time after which a job begins anew whose worker is gone without a word.
   * With a heartbeat it needn't cover a job. @default 60; without a heartbeat the longest job and half a minute
   */
  readonly visibilityTimeoutSeconds?: number;
  /** The KMS key that the queue is encrypted with, by ARN. @default SQS's own */
  readonly kmsMasterKeyId?: pulumi.Input<string>;
  /** Of an existing dead-letter queue. @default one is made with each queue that is made */
  readonly deadLetterQueueArn?: pulumi.Input<string>;
  /** Of an existing queue, which stays as it is; what follows is then its own affair. @default a queue is made */
  readonly arn?: pulumi.Input<string>;
  /** Time before a message can be received, 0 to 900. @default 0 */
  readonly delaySeconds?: number;
  /** Time after which a message is lost, even one that is being worked on. @default 345600: 4 days */
  readonly messageRetentionSeconds?: number;
  /**
   * Receives after which a message is a dead letter. SQS counts what was interrupted or given back like what failed.
   * @default 10: a job may be interrupted five times, and still fail four times of its own
   */
  readonly maxReceiveCount?: number;
  /** Where a receiver asks for nothing else. @default 20, the longest */
  readonly receiveWaitTimeSeconds?: number;
  /** 1024 to 1048576. @default 262144 */
  readonly maxMessageSizeBytes?: number;
  /** FIFO only: whether two messages of one text within 5 minutes are one. @default false: the sender gives an id */
  readonly contentBasedDeduplication?: boolean;
  /** FIFO only: whether groups have their limits, and their deduplication, each for itself. @default false */
  readonly highThroughput?: boolean;
}

/** What is decided when a queue is made. */
export const OF_MADE_QUEUES = [
  "delaySeconds",
  "messageRetentionSeconds",
  "maxReceiveCount",
  "receiveWaitTimeSeconds",
  "maxMessageSizeBytes",
  "contentBasedDeduplication",
  "highThroughput",
] as const satisfies readonly (keyof WorkerQueueArgs)[];

export const WORKER_QUEUE_DEFAULTS = {
  weight: 1,
  delaySeconds: 0,
  messageRetentionSeconds: 4 * 24 * 3600,
  maxReceiveCount: 10,
  receiveWaitTimeSeconds: 20,
  contentBasedDeduplication: false,
  highThroughput: false,
};
