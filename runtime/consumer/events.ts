/** What a consumer tells of: for logs, metrics and traces. */

interface OfQueue {
  /** Name of the queue, as the consumer was given it. */
  readonly queue: string;
  readonly queueUrl: string;
}

interface OfJob extends OfQueue {
  readonly jobId: string;
  readonly receiveCount: number;
}

interface OfEnd extends OfJob {
  /** From when it was taken. */
  readonly seconds: number;
}

export type ConsumerEvent =
  | (OfQueue & { readonly kind: "received"; readonly count: number })
  | (OfQueue & { readonly kind: "receiveFailed"; readonly error: string; readonly retryInMs: number })
  /** A job was taken, so long after it was sent. */
  | (OfJob & { readonly kind: "started"; readonly secondsInQueue: number })
  | (OfEnd & { readonly kind: "done" })
  | (OfEnd & { readonly kind: "failed"; readonly error: unknown; readonly retryInSeconds: number })
  | (OfEnd & { readonly kind: "givenBack"; readonly reason: string })
  /** SQS hides a message for 12 hours at most: its job has come to them, and was given back. */
  | (OfEnd & { readonly kind: "limit" })
  /** SQS says that the receipt is too old: another worker has the job, or somebody deleted it. */
  | (OfEnd & { readonly kind: "takenOver"; readonly reason: string })
  /** A failed job holds up the others of its message group until it comes back. */
  | (OfJob & { readonly kind: "groupBlocked"; readonly groupId: string; readonly seconds: number })
  | (OfJob & { readonly kind: "heartbeatFailed"; readonly error: string })
  /** It is done, and will be done again: its message couldn't be deleted. */
  | (OfJob & { readonly kind: "deleteFailed"; readonly error: string })
  /** It comes back only when its visibility timeout is over. */
  | (OfJob & { readonly kind: "giveBackFailed"; readonly error: string })
  | (OfJob & { readonly kind: "checkpointFailed"; readonly error: unknown })
  | { readonly kind: "stopping"; readonly inProgress: number; readonly secondsLeft: number }
  | { readonly kind: "stopped" };

/** Never throws into the work. */
export type Report = (event: ConsumerEvent) => void;
