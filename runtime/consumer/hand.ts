/** The jobs in hand: kept hidden from other workers while they are worked on, then deleted, held back for a while, or given back. */
import { backoff } from "../backoff";
import { Batches } from "./batches";
import type { ConsumerEvent } from "./events";
import { HeldJob, type Keeper } from "./heldJob";
import { LONGEST_VISIBILITY_SECONDS, type ResolvedOptions, type ResolvedQueue } from "./options";
import type { PortFailure, ReceivedMessage, VisibilityChange } from "./port";

/** A heartbeat begins with half of the time left at the latest, and has two more looks to try again in. */
const LOOKS_PER_TIMEOUT = 6;
const LONGEST_LOOK_MS = 20_000;
/** Before SQS's 12 hours are over, a job may save what it has; then it is given back while that still can be said. */
const SAVE_BEFORE_LIMIT_MS = 60_000;
const TAKE_BEFORE_LIMIT_MS = 25_000;
/** SQS counts from its own answer, which came a moment before the message. */
const ANSWER_SECONDS = 5;

interface Calls {
  readonly deletes: Batches<{ readonly receiptHandle: string }>;
  readonly changes: Batches<VisibilityChange>;
}

export class Hand implements Keeper {
  stopsAt: number | undefined;
  /** By message. */
  readonly #jobs = new Map<string, HeldJob>();
  readonly #calls: ReadonlyMap<ResolvedQueue, Calls>;
  readonly #lookMs: number;
  #isLooking = false;
  readonly #whenEmpty: (() => void)[] = [];

  constructor(private readonly options: ResolvedOptions) {
    const { queues } = options;
    const shortest = Math.min(...queues.map((queue) => queue.visibilityTimeoutSeconds));
    this.#lookMs = Math.min(LONGEST_LOOK_MS, (shortest * 1000) / LOOKS_PER_TIMEOUT);
    this.#calls = new Map(queues.map((queue) => [queue, callsOf(queue, options)]));
  }

  get size(): number {
    return this.#jobs.size;
  }

  get jobs(): readonly HeldJob[] {
    return [...this.#jobs.values()];
  }

  now(): number {
    return this.options.timers.now();
  }

  /**
   * A job for a message; undefined where the job is in hand already. SQS delivers at least once, and a second run beside the first
   * would do it twice.
   */
  take(queue: ResolvedQueue, message: ReceivedMessage): HeldJob | undefined {
    const known = this.#jobs.get(message.messageId);
    if (known !== undefined && !known.comesBack) {
      // Answers may cross on their way: the receipt of the earlier receive is of no use any more.
      if (message.receiveCount > known.receiveCount) known.receivedAgain(message, this.now());
      return undefined;
    }
    const release = this.options.work?.begin() ?? (() => undefined);
    const job = new HeldJob(message, queue, this.now(), release, this);
    this.#jobs.set(job.id, job);
    this.#lookLater();
    const secondsInQueue = Math.max(0, (job.receivedAt - message.sentAt) / 1000);
    this.tell(job, { kind: "started", secondsInQueue });
    return job;
  }

  /** Resolves when none is in hand. */
  empty(): Promise<void> {
    if (this.#jobs.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  async done(job: HeldJob): Promise<void> {
    if (!this.#settle(job)) return;
    this.tell(job, { kind: "done", ...this.#spent(job) });
    const failure = await this.#delete(job);
    if (failure !== undefined) this.tell(job, { kind: "deleteFailed", error: failure.reason });
    this.#letGo(job);
  }

  async failed(job: HeldJob, error: unknown, retryAfterSeconds?: number): Promise<void> {
    if (!this.#settle(job)) return;
    const seconds = this.#retrySeconds(job, retryAfterSeconds);
    this.tell(job, { kind: "failed", ...this.#spent(job), error, retryInSeconds: seconds });
    if (job.groupId !== undefined) this.tell(job, { kind: "groupBlocked", groupId: job.groupId, seconds });
    await this.#comesBackIn(job, seconds);
  }

  async giveBack(job: HeldJob, reason: string): Promise<void> {
    if (!this.#settle(job)) return;
    this.tell(job, { kind: "givenBack", ...this.#spent(job), reason });
    job.abort(reason);
    await this.#comesBackIn(job, 0);
  }

  /** Lets a job save what it has, once; one that has saved it is given back for another worker to go on with. */
  async checkpoint(job: HeldJob): Promise<void> {
    const { checkpoint } = this.options;
    if (checkpoint === undefined || job.checkpointed) return;
    job.checkpointed = true;
    try {
      if ((await checkpoint(job, job.remainingSeconds())) === "saved") await this.giveBack(job, "it was saved");
    } catch (error) {
      this.tell(job, { kind: "checkpointFailed", error });
    }
  }

  /** By the receipt of then: where the message was received once more meanwhile, by the newer one as well. */
  async #delete(job: HeldJob): Promise<PortFailure | undefined> {
    const { receiptHandle } = job;
    const failure = await this.#calls.get(job.source)!.deletes.make({ receiptHandle });
    return job.receiptHandle === receiptHandle ? failure : this.#delete(job);
  }

  /** True for whoever says first what came of it. */
  #settle(job: HeldJob): boolean {
    if (job.isOver) return false;
    job.isOver = true;
    return true;
  }

  async #comesBackIn(job: HeldJob, visibilityTimeoutSeconds: number): Promise<void> {
    job.comesBack = true;
    await job.beating;
    const change = { receiptHandle: job.receiptHandle, visibilityTimeoutSeconds };
    const failure = await this.#calls.get(job.source)!.changes.make(change, () => this.now() < job.hiddenUntil);
    if (failure !== undefined && !failure.isFinal) this.tell(job, { kind: "giveBackFailed", error: failure.reason });
    this.#letGo(job);
  }

  #letGo(job: HeldJob): void {
    job.release();
    // Its message may be in hand again by now.
    if (this.#jobs.get(job.id) !== job) return;
    this.#jobs.delete(job.id);
    if (this.#jobs.size > 0) return;
    for (const tell of this.#whenEmpty.splice(0)) tell();
  }

  #retrySeconds(job: HeldJob, given: number | undefined): number {
    const { backoff: bounds, random } = this.options;
    const { baseSeconds: first, mostSeconds: longest } = bounds;
    const seconds = given ?? backoff({ first, longest }, job.receiveCount, random());
    const most = Math.min(LONGEST_VISIBILITY_SECONDS, (job.limitAt - this.now()) / 1000 - 1);
    return Math.floor(Math.max(0, Math.min(seconds, most)));
  }

  /** As long as there is something to look at. */
  #lookLater(): void {
    if (this.#isLooking || this.#jobs.size === 0) return;
    this.#isLooking = true;
    this.options.timers.after(this.#lookMs, () => {
      this.#isLooking = false;
      this.#lookAround();
      this.#lookLater();
    });
  }

  #lookAround(): void {
    const now = this.now();
    for (const job of this.#jobs.values()) {
      if (!job.isOver && now >= job.limitAt - TAKE_BEFORE_LIMIT_MS) this.#atLimit(job);
      else if (now >= job.limitAt - SAVE_BEFORE_LIMIT_MS && !job.isOver) void this.checkpoint(job);
      const isDue = job.hiddenUntil - now <= job.source.visibilityTimeoutSeconds * 500;
      if (isDue && !job.comesBack) job.beating ??= this.#beat(job).finally(() => (job.beating = undefined));
    }
  }

  #atLimit(job: HeldJob): void {
    this.#settle(job);
    this.tell(job, { kind: "limit", ...this.#spent(job) });
    job.abort("SQS hides a message for 12 hours at most");
    void this.#comesBackIn(job, 0);
  }

  /** Goes on for what is done and not deleted yet: it must not come back before. */
  async #beat(job: HeldJob): Promise<void> {
    const now = this.now();
    const left = Math.floor((job.limitAt - now) / 1000) - ANSWER_SECONDS;
    const visibilityTimeoutSeconds = Math.min(job.source.visibilityTimeoutSeconds, left);
    const hiddenUntil = now + visibilityTimeoutSeconds * 1000;
    if (hiddenUntil <= job.hiddenUntil) return;
    const change = { receiptHandle: job.receiptHandle, visibilityTimeoutSeconds };
    const failure = await this.#calls
      .get(job.source)!
      .changes.make(change, () => !job.comesBack && this.now() < job.hiddenUntil);
    if (failure === undefined) job.hiddenUntil = hiddenUntil;
    else if (!job.isOver) this.#beatFailed(job, failure);
  }

  #beatFailed(job: HeldJob, { reason, isFinal }: { readonly reason: string; readonly isFinal: boolean }): void {
    if (!isFinal) return this.tell(job, { kind: "heartbeatFailed", error: reason });
    this.#settle(job);
    this.tell(job, { kind: "takenOver", ...this.#spent(job), reason });
    job.abort(reason);
    this.#letGo(job);
  }

  #spent(job: HeldJob): { readonly seconds: number } {
    return { seconds: (this.now() - job.receivedAt) / 1000 };
  }

  tell(job: HeldJob, event: EventOfJob): void {
    const { id: jobId, receiveCount, source } = job;
    this.options.report({ ...event, queue: source.name, queueUrl: source.url, jobId, receiveCount });
  }
}

type WithoutJob<E> = E extends { readonly jobId: string }
  ? Omit<E, "queue" | "queueUrl" | "jobId" | "receiveCount">
  : never;
type EventOfJob = WithoutJob<ConsumerEvent>;

function callsOf({ url }: ResolvedQueue, { sqs, timers, random }: ResolvedOptions): Calls {
  const deletes = (items: readonly { readonly receiptHandle: string }[]) =>
    sqs.delete(
      url,
      items.map(({ receiptHandle }) => receiptHandle),
    );
  return {
    deletes: new Batches({ timers, random, call: deletes }),
    changes: new Batches({ timers, random, call: (items) => sqs.changeVisibility(url, items) }),
  };
}
