/**
 * Receives for whoever waits for a job, and never more than these: a message that is received and waits for a free slot would be
 * hidden from a worker that has one, and to give it back counts as a receive.
 *
 * A free slot asks the queues one after the other, in order of priority, without waiting: what the first has goes first. Such a
 * short poll asks some of SQS's servers only, and may miss a message that has just been sent; to wait for a second at an empty
 * queue before each job of a lower one would cost more than that. When none has any, the slot waits at a queue, where a poll asks
 * all servers.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
 */
import { backoff } from "../backoff";
import type { ResolvedOptions, ResolvedQueue } from "./options";
import type { ReceivedMessage } from "./port";
import { Turns } from "./turns";
import { MOST_AT_ONCE, planWaits, type Wait, type WaitLimits } from "./waits";

export interface Delivery {
  readonly queue: ResolvedQueue;
  /** None where the receiver has stopped. */
  readonly messages: readonly ReceivedMessage[];
}

type Slot = (delivery: Delivery | undefined) => void;

const LONGEST_WAIT_SECONDS = 20;
const WAIT_AT_OTHERS_SECONDS = 5;
const RETRY_MS = { first: 500, longest: 30_000 };
/** Requests under way at once, so that a thousand free slots don't open a thousand connections. */
const MOST_ASKING = 16;

export interface ReceiverOptions extends ResolvedOptions {
  /** Messages that one slot takes at once. */
  readonly batchSize: number;
  /** What comes in when nobody waits any more. */
  readonly onLate: (delivery: Delivery) => void;
}

export class Receiver {
  /** Free, and about to ask. */
  readonly #free: Slot[] = [];
  /** Free, and none of the queues had anything. */
  readonly #idle: Slot[] = [];
  readonly #waitsAt = new Set<ResolvedQueue>();
  readonly #failures = new Map<ResolvedQueue, { readonly count: number; readonly until: number }>();
  readonly #turns: Turns;
  readonly #limits: WaitLimits;
  /** Slots that ask together. */
  readonly #together: number;
  #asking = 0;
  #calls = 0;
  #turn = 0;
  #pause: unknown;
  #soon: unknown;
  #isStopped = false;
  readonly #whenQuiet: (() => void)[] = [];

  constructor(private readonly options: ReceiverOptions) {
    const { queues, polling, batchSize, stopTimeoutSeconds, giveBackMarginSeconds } = options;
    this.#turns = new Turns(queues, polling);
    // A group's messages come one after the other, in order, as long as one of it is in flight.
    this.#together = batchSize > 1 || queues.some(({ isFifo }) => isFifo) ? 1 : MOST_AT_ONCE;
    // What waits when the process is told to stop has to be back before it is killed.
    const most = Math.max(1, Math.floor((stopTimeoutSeconds - giveBackMarginSeconds) / 2));
    this.#limits = {
      first: Math.min(LONGEST_WAIT_SECONDS, most),
      others: Math.min(WAIT_AT_OTHERS_SECONDS, most),
    };
  }

  /** What the next free slot gets; undefined where the receiver has stopped. */
  next(): Promise<Delivery | undefined> {
    if (this.#isStopped) return Promise.resolve(undefined);
    return new Promise((slot) => {
      this.#free.push(slot);
      this.#askSoon();
    });
  }

  /** Resolves when no call is under way. */
  stop(): Promise<void> {
    this.#isStopped = true;
    this.options.timers.cancel(this.#pause);
    this.options.timers.cancel(this.#soon);
    for (const slot of [...this.#free.splice(0), ...this.#idle.splice(0)]) slot(undefined);
    if (this.#calls === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenQuiet.push(resolve));
  }

  /** Slots that become free in the same moment ask together. */
  #askSoon(): void {
    if (this.#free.length === 0) return;
    this.#soon ??= this.options.timers.after(0, () => {
      this.#soon = undefined;
      this.#ask();
    });
  }

  /** Many ask at once; those that become free meanwhile wait for an answer, or for being as many as one call takes. */
  #ask(): void {
    while (this.#free.length > 0 && this.#asking < MOST_ASKING) {
      if (this.#asking > 0 && this.#free.length < this.#together) return;
      void this.#askInOrder(this.#free.splice(0, this.#together));
    }
  }

  async #askInOrder(slots: Slot[]): Promise<void> {
    this.#asking++;
    let left = slots;
    for (const queue of this.#turns.next()) {
      if (left.length === 0 || this.#isStopped) break;
      if (!this.#isFailing(queue)) left = await this.#receive(queue, left, 0);
    }
    this.#asking--;
    this.#isIdle(left);
    this.#askSoon();
  }

  #isIdle(slots: readonly Slot[]): void {
    if (this.#isStopped) return slots.forEach((slot) => slot(undefined));
    this.#idle.push(...slots);
    this.#wait();
  }

  #wait(): void {
    const queues = this.options.queues.filter((queue) => !this.#isFailing(queue));
    const waits = planWaits(this.#idle.length, queues, this.#waitsAt, this.#turn, this.#limits);
    this.#turn += waits.length;
    for (const wait of waits) void this.#waitAt(wait);
    if (this.#idle.length > 0 && queues.length < this.options.queues.length) this.#pauseUntilRetry();
  }

  /** What was waited for says that there is more to ask for. */
  async #waitAt({ queue, seconds }: Wait): Promise<void> {
    const slots = this.#idle.splice(0, 1);
    this.#waitsAt.add(queue);
    const left = await this.#receive(queue, slots, seconds);
    this.#waitsAt.delete(queue);
    if (left.length === 0) this.#free.push(...this.#idle.splice(0));
    this.#askSoon();
    this.#isIdle(left);
  }

  /** Those of the slots that got nothing. */
  async #receive(queue: ResolvedQueue, slots: Slot[], waitSeconds: number): Promise<Slot[]> {
    const { sqs, batchSize } = this.options;
    const { url: queueUrl, visibilityTimeoutSeconds } = queue;
    const most = slots.length * batchSize;
    this.#calls++;
    try {
      const messages = await sqs.receive({ queueUrl, most, waitSeconds, visibilityTimeoutSeconds });
      this.#failures.delete(queue);
      return this.#deliver(queue, messages, slots);
    } catch (error) {
      this.#failed(queue, error);
      return slots;
    } finally {
      this.#calls--;
      if (this.#isStopped && this.#calls === 0) for (const tell of this.#whenQuiet.splice(0)) tell();
    }
  }

  #deliver(queue: ResolvedQueue, messages: readonly ReceivedMessage[], slots: Slot[]): Slot[] {
    if (messages.length === 0) return slots;
    const { name, url: queueUrl } = queue;
    this.options.report({ kind: "received", queue: name, queueUrl, count: messages.length });
    if (this.#isStopped) {
      this.options.onLate({ queue, messages });
      return slots;
    }
    const { batchSize } = this.options;
    const used = Math.ceil(messages.length / batchSize);
    for (let index = 0; index < used; index++) {
      const own = messages.slice(index * batchSize, (index + 1) * batchSize);
      slots[index]!({ queue, messages: own });
    }
    return slots.slice(used);
  }

  #failed(queue: ResolvedQueue, error: unknown): void {
    const { timers, random, report } = this.options;
    const count = (this.#failures.get(queue)?.count ?? 0) + 1;
    const retryInMs = backoff(RETRY_MS, count, random());
    this.#failures.set(queue, { count, until: timers.now() + retryInMs });
    report({ kind: "receiveFailed", queue: queue.name, queueUrl: queue.url, error: String(error), retryInMs });
  }

  #isFailing(queue: ResolvedQueue): boolean {
    return (this.#failures.get(queue)?.until ?? 0) > this.options.timers.now();
  }

  /** Some queue is failing: the first that may be asked again ends the pause. */
  #pauseUntilRetry(): void {
    const { timers } = this.options;
    timers.cancel(this.#pause);
    const now = timers.now();
    const ends = [...this.#failures.values()].map(({ until }) => until).filter((until) => until > now);
    this.#pause = timers.after(Math.max(1, Math.min(...ends) - now), () => {
      this.#free.push(...this.#idle.splice(0));
      this.#askSoon();
    });
  }
}
