/**
 * What the clients do where a request fails: they send it again after a while, and what is served then is no failure. The
 * load that they add by it isn't counted: where little fails it is little.
 */
import { randomBinomial } from "d3-random";
import type { ClientRetries } from "../inputs/profile";
import type { Clock, Timer } from "../world/clock";
import type { Random } from "../world/context";
import type { FailureCause, Tally } from "./tally";

export interface Loss {
  readonly cause: FailureCause;
  readonly count: number;
  /** No container had begun to work on them. */
  readonly isUnbegun: boolean;
  /** They were lost at an even rate in so many milliseconds until now. */
  readonly overMs: number;
}

interface Batch {
  readonly cause: FailureCause;
  readonly count: number;
  /** How often they may still be sent. */
  readonly attempts: number;
}

export class Retries {
  /** Requests that failed at first, since the start. */
  failures = 0;
  private readonly waiting = new Map<Timer, Batch>();
  private readonly binomial: (count: number, share: number) => () => number;

  /** @param servedShare of the requests that are sent now, or have been since the last change */
  constructor(
    private readonly policy: ClientRetries | undefined,
    private readonly clock: Clock,
    private readonly servedShare: () => number,
    random: Random,
    private readonly tally: Tally,
  ) {
    this.binomial = randomBinomial.source(random);
  }

  lose({ cause, count, isUnbegun, overMs }: Loss): void {
    const { policy } = this;
    this.failures += count;
    const isRetried =
      policy !== undefined && (policy.of.includes("5xx") || (isUnbegun && policy.of.includes("connect")));
    if (isRetried) this.retry({ cause, count, attempts: policy.attempts }, overMs, policy.backoffSeconds * 1000);
    else this.tally.fail(cause, count);
  }

  /** What still waits is answered as it would be now. */
  finish(): void {
    for (const [timer, batch] of this.forget()) {
      timer.run = undefined;
      const left = this.send(batch);
      this.tally.fail(left.cause, left.count);
    }
  }

  clear(): void {
    for (const [timer] of this.forget()) timer.run = undefined;
  }

  private forget(): [Timer, Batch][] {
    const waiting = [...this.waiting];
    this.waiting.clear();
    return waiting;
  }

  /** Those that were lost long enough ago have been sent again while everything was as it is; the others meet what comes. */
  private retry(batch: Batch, overMs: number, backoffMs: number): void {
    const { cause, count, attempts } = batch;
    if (attempts === 0) return this.tally.fail(cause, count);
    const already = overMs > backoffMs ? this.binomial(count, 1 - backoffMs / overMs)() : 0;
    if (already > 0) this.retry(this.send({ ...batch, count: already }), overMs - backoffMs, backoffMs);
    if (count > already) this.wait({ ...batch, count: count - already }, backoffMs, Math.min(overMs, backoffMs));
  }

  /** All at once, in the middle of the time in which they would be sent. */
  private wait(batch: Batch, backoffMs: number, overMs: number): void {
    const timer = this.clock.after(backoffMs - overMs / 2, () => {
      this.waiting.delete(timer);
      this.retry(this.send(batch), 0, backoffMs);
    });
    this.waiting.set(timer, batch);
  }

  /** Sends them once; what fails again. */
  private send({ cause, count, attempts }: Batch): Batch {
    const served = this.binomial(count, this.servedShare())();
    this.tally.served += served;
    this.tally.retried += served;
    return { cause, count: count - served, attempts: attempts - 1 };
  }
}
