/** A job and what became of it. */

/** How a container ended with a job in hand: by SIGKILL, with its host, or on SIGTERM by itself. */
export const WORKER_ENDS = ["workerKilled", "hostLost", "diedOnSigterm"] as const;
export type WorkerEnd = (typeof WORKER_ENDS)[number];

/** How an attempt ended: also by its handler, or by the consumer that took it away from the handler. */
export type AttemptEnd = "done" | "failed" | "givenBack" | "limit" | "takenOver" | WorkerEnd;

/** Why a job was begun again. */
export const REPEAT_CAUSES = [
  ...WORKER_ENDS,
  "givenBack",
  "limit",
  "handlerFailed",
  "heartbeatFailed",
  "visibilityLapsed",
  "deleteFailed",
  "sqsDuplicate",
  "unexplained",
] as const;
export type RepeatCause = (typeof REPEAT_CAUSES)[number];

/** One worker's work on a job. */
export interface Attempt {
  readonly job: JobRecord;
  /** ARN of its task. */
  readonly worker: string;
  /** Of the message that it was given: 1 for the first receive. */
  readonly receiveCount: number;
  readonly beganAt: number;
  /** What of the job had been done before. */
  readonly savedMs: number;
  endedAt: number | undefined;
  end: AttemptEnd | undefined;
  /** How its container ended before SQS had deleted the message of a job that was done. */
  workerEnd: WorkerEnd | undefined;
  heartbeatFailed: boolean;
  deleteFailed: boolean;
}

export interface JobRecord {
  readonly messageId: string;
  /** Name of its queue, in the consumer's terms. */
  readonly queue: string;
  readonly arrivedAt: number;
  readonly workMs: number;
  readonly attempts: Attempt[];
  /** Of its work, what checkpoints have kept. */
  savedMs: number;
  /** Receives that SQS gave while another had the message. */
  readonly duplicates: Set<number>;
  doneAt: number | undefined;
  /** Its message went to the dead-letter queue, or is nowhere any more. */
  gone: "deadLettered" | "lost" | undefined;
}

/** What is to become of it: done counts for good, whatever happens to its message afterwards. */
export function stateOf({ doneAt, gone }: JobRecord): "completed" | "deadLettered" | "lost" | "open" {
  return doneAt === undefined ? (gone ?? "open") : "completed";
}

const CAUSE_OF: Readonly<Record<Exclude<AttemptEnd, "done" | "takenOver">, RepeatCause>> = {
  workerKilled: "workerKilled",
  hostLost: "hostLost",
  diedOnSigterm: "diedOnSigterm",
  failed: "handlerFailed",
  givenBack: "givenBack",
  limit: "limit",
};

/** Why a job is begun with this receive of its message that has been begun before. */
export function repeatCause({ attempts, duplicates }: JobRecord, receiveCount: number): RepeatCause {
  const before = [...attempts].sort((a, b) => a.receiveCount - b.receiveCount).at(-1);
  if (before === undefined) return "unexplained";
  // A second receiver may begin before the first, or never: then its message comes back by itself.
  const isTaken = [...duplicates].some((each) => each > before.receiveCount && each <= receiveCount);
  if (before.receiveCount > receiveCount || isTaken) return "sqsDuplicate";
  return causeAfter(before);
}

function causeAfter({ end, heartbeatFailed, deleteFailed, workerEnd }: Attempt): RepeatCause {
  const lapse = heartbeatFailed ? "heartbeatFailed" : "visibilityLapsed";
  if (end === undefined || end === "takenOver") return lapse;
  if (end !== "done") return CAUSE_OF[end];
  return workerEnd ?? (deleteFailed ? "deleteFailed" : lapse);
}
