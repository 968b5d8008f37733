/** Every job of a rehearsal: when it came, who worked on it and how that ended, and what became of it. */
import type { Clock } from "../world/clock";
import type { Queue } from "../world/sqs/queue";
import { Topic } from "../world/topic";
import { repeatCause, type Attempt, type AttemptEnd, type JobRecord, type RepeatCause, type WorkerEnd } from "./job";

export class JobLedger {
  readonly jobs: JobRecord[] = [];
  /** A job is begun again, after another attempt or beside it. */
  readonly repeated = new Topic<{ readonly attempt: Attempt; readonly cause: RepeatCause }>();
  /** A job's message is gone, and nobody has done it. */
  readonly lost = new Topic<{ readonly job: JobRecord; readonly how: string }>();
  givenBack = 0;
  private readonly byMessage = new Map<string, JobRecord>();
  /** What a worker has in hand, and what it has done that SQS hasn't deleted. */
  private readonly unsettled = new Map<string, Set<Attempt>>();

  constructor(private readonly clock: Pick<Clock, "now">) {}

  /** What happens to a queue's messages is what happens to their jobs. */
  watch({ events }: Queue): void {
    events.received.subscribe(({ messageId, receiveCount, isDuplicate }) => {
      if (isDuplicate) this.byMessage.get(messageId)?.duplicates.add(receiveCount);
    });
    events.deleted.subscribe(({ messageId }) => this.onDeleted(messageId));
    events.deadLettered.subscribe(({ messageId }) => {
      const job = this.byMessage.get(messageId);
      if (job !== undefined) job.gone ??= "deadLettered";
    });
    events.expired.subscribe(({ messageId }) => this.lose(messageId, "its message expired"));
  }

  submit(job: Pick<JobRecord, "messageId" | "queue" | "workMs">): void {
    const record: JobRecord = {
      ...job,
      arrivedAt: this.clock.now,
      attempts: [],
      savedMs: 0,
      duplicates: new Set(),
      doneAt: undefined,
      gone: undefined,
    };
    this.jobs.push(record);
    this.byMessage.set(job.messageId, record);
  }

  /** The job of a message; undefined where the message is none of ours. */
  of(messageId: string): JobRecord | undefined {
    return this.byMessage.get(messageId);
  }

  /** A worker begins with a job that it was given by this receive of its message. */
  begin(job: JobRecord, worker: string, receiveCount: number): Attempt {
    const attempt: Attempt = {
      job,
      worker,
      receiveCount,
      beganAt: this.clock.now,
      savedMs: job.savedMs,
      endedAt: undefined,
      end: undefined,
      workerEnd: undefined,
      heartbeatFailed: false,
      deleteFailed: false,
    };
    const isAgain = job.attempts.length > 0;
    const cause = repeatCause(job, receiveCount);
    job.attempts.push(attempt);
    const inHand = this.unsettled.get(worker) ?? new Set();
    this.unsettled.set(worker, inHand.add(attempt));
    if (isAgain) this.repeated.publish({ attempt, cause });
    return attempt;
  }

  /** How far a job is while it is worked on. */
  progressOf({ beganAt, savedMs, job }: Attempt): number {
    return Math.min(job.workMs, savedMs + this.clock.now - beganAt);
  }

  /** What has been done until now is kept for whoever goes on. */
  checkpoint(attempt: Attempt): void {
    attempt.job.savedMs = Math.max(attempt.job.savedMs, this.progressOf(attempt));
  }

  end(attempt: Attempt, end: AttemptEnd): void {
    if (attempt.end !== undefined) return;
    attempt.endedAt = this.clock.now;
    attempt.end = end;
    if (end === "done") attempt.job.doneAt ??= this.clock.now;
    else this.settle(attempt);
  }

  /** A container is gone with all that it had in hand. */
  workerEnded(worker: string, how: WorkerEnd): void {
    for (const attempt of this.unsettled.get(worker) ?? []) {
      if (attempt.end === undefined) this.end(attempt, how);
      else attempt.workerEnd = how;
    }
    this.unsettled.delete(worker);
  }

  /** Whoever was given a message by this receive asked for more time, and was or wasn't heard. */
  heartbeat(messageId: string, receiveCount: number, isHeard: boolean): void {
    const attempt = this.attemptOf(messageId, receiveCount);
    if (attempt !== undefined) attempt.heartbeatFailed = !isHeard;
  }

  /** Its call to delete the message failed. */
  deleteFailed(messageId: string, receiveCount: number): void {
    const attempt = this.attemptOf(messageId, receiveCount);
    if (attempt !== undefined) attempt.deleteFailed = true;
  }

  /** The one that this receive began, or that goes on with it: a worker that gets its own message again has the newer receipt. */
  private attemptOf(messageId: string, receiveCount: number): Attempt | undefined {
    return this.of(messageId)
      ?.attempts.filter((each) => each.receiveCount <= receiveCount)
      .reduce<Attempt | undefined>(
        (last, each) => (last && last.receiveCount > each.receiveCount ? last : each),
        undefined,
      );
  }

  private onDeleted(messageId: string): void {
    const job = this.byMessage.get(messageId);
    for (const attempt of job?.attempts ?? []) if (attempt.end !== undefined) this.settle(attempt);
    this.lose(messageId, "its message was deleted before it was done");
  }

  private lose(messageId: string, how: string): void {
    const job = this.byMessage.get(messageId);
    if (job === undefined || job.doneAt !== undefined || job.gone !== undefined) return;
    job.gone = "lost";
    this.lost.publish({ job, how });
  }

  private settle(attempt: Attempt): void {
    this.unsettled.get(attempt.worker)?.delete(attempt);
  }
}
