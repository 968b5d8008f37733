/**
 * Jobs for whoever takes them, one by one: from several queues in order of priority, and no more than are asked for. A job that
 * was taken is kept hidden from other workers until it is settled; what can't be done before the process ends goes back in time.
 */
import { Hand } from "./hand";
import type { HeldJob } from "./heldJob";
import type { TakenJob } from "./job";
import { resolveOptions, type JobSourceOptions, type ResolvedOptions } from "./options";
import { Receiver, type Delivery } from "./receiver";
import { MOST_AT_ONCE } from "./waits";

export class JobSource {
  readonly #options: ResolvedOptions;
  readonly #hand: Hand;
  readonly #receiver: Receiver;
  #stopped: Promise<void> | undefined;

  /**
   * @param batchSize most jobs that `takeSome` resolves with, 1 to 10
   * @throws RangeError that names every option that can't be
   */
  constructor(options: JobSourceOptions, batchSize = 1) {
    this.#options = resolveOptions(options);
    if (!(Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= MOST_AT_ONCE)) {
      throw new RangeError(`SQS consumer: batchSize is ${batchSize}: a whole number from 1 to ${MOST_AT_ONCE}.`);
    }
    this.#hand = new Hand(this.#options);
    const onLate = (delivery: Delivery): void => this.#giveBackLate(delivery);
    this.#receiver = new Receiver({ ...this.#options, batchSize, onLate });
  }

  /** Jobs in hand: taken, and not yet settled with SQS. */
  get inProgress(): number {
    return this.#hand.size;
  }

  get isStopping(): boolean {
    return this.#stopped !== undefined;
  }

  /** Waits for a job; undefined once the source stops. */
  async take(): Promise<TakenJob | undefined> {
    const [job] = await this.takeSome();
    return job;
  }

  /** Waits for jobs of one queue, at most `batchSize`; none once the source stops. */
  async takeSome(): Promise<readonly TakenJob[]> {
    for (;;) {
      const delivery = await this.#receiver.next();
      if (delivery === undefined) return [];
      const jobs = delivery.messages.flatMap((message) => this.#hand.take(delivery.queue, message) ?? []);
      if (jobs.length > 0) return jobs;
    }
  }

  /**
   * Takes nothing more. Jobs in hand may go on until `giveBackMarginSeconds` before the stop timeout's end; those that are known
   * to take longer, or have saved what they have, are given back at once. Resolves when none is in hand and no call is under
   * way: a poll that waits comes back within 20 s.
   */
  stop(): Promise<void> {
    return (this.#stopped ??= this.#stop());
  }

  async #stop(): Promise<void> {
    const { timers, stopTimeoutSeconds, giveBackMarginSeconds, report } = this.#options;
    const secondsLeft = stopTimeoutSeconds - giveBackMarginSeconds;
    this.#hand.stopsAt = timers.now() + secondsLeft * 1000;
    report({ kind: "stopping", inProgress: this.#hand.size, secondsLeft });
    const timer = timers.after(secondsLeft * 1000, () => this.#giveBackAll());
    const quiet = this.#receiver.stop();
    for (const job of this.#hand.jobs) void this.#endInTime(job);
    await quiet;
    await this.#hand.empty();
    timers.cancel(timer);
    report({ kind: "stopped" });
  }

  async #endInTime(job: HeldJob): Promise<void> {
    if (job.isOver) return;
    const expected = this.#options.expectedSeconds?.(job);
    const spent = (this.#options.timers.now() - job.receivedAt) / 1000;
    await this.#hand.checkpoint(job);
    if (expected !== undefined && expected - spent > job.remainingSeconds()) {
      await job.giveBack(`it takes ${Math.ceil(expected - spent)} s more`);
    }
  }

  #giveBackAll(): void {
    for (const job of this.#hand.jobs) void job.giveBack("the stop timeout is over");
  }

  #giveBackLate({ queue, messages }: Delivery): void {
    for (const message of messages) void this.#hand.take(queue, message)?.giveBack("it came after the stop");
  }
}
