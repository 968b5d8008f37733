/** What is known of the task's protection: what our own calls gave it, and what ECS has. */
import type { Protection } from "./taskProtection";

/** Differences between two expiries that are only rounding: the agent answers in whole seconds. */
const ROUNDING_MS = 2000;

/** How long after a call without an answer ECS may still carry it out. */
const LATE_MS = 60_000;

/** How ECS's protection stands to our own: as we set it, ended earlier or later by somebody else, or none. */
export type Standing = "ours" | "shorter" | "longer" | "gone";

/**
 * Expiries are ECS's time, and compared with each other only; how long we are covered is counted on this machine's clock
 * from the moment of the call. So a clock that is wrong shortens nothing.
 */
export class Holding {
  #own: { readonly until: number; readonly expiresAt: number } | undefined;
  #seen = 0;
  #lostAt = 0;
  #setAgain = false;
  /** The expiry that ECS answered to our last call. */
  #claim: number | undefined;
  /** Expiries that calls without an answer may have set; `last` is the earliest of the last of them. */
  #unsure: { readonly from: number; readonly last: number; readonly to: number } | undefined;
  #claimsUntil = 0;

  /** Until when the task is protected as far as is known, on this machine's clock; where it isn't, when that ended. */
  get coveredUntil(): number {
    return this.#own === undefined ? this.#lostAt : this.#own.until + this.#seen - this.#own.expiresAt;
  }

  /** Somebody shortened the protection. */
  get setAgain(): boolean {
    return this.#setAgain;
  }

  /** Whether ECS may have protection that we set and that hasn't expired by itself. */
  mayHold(now: number): boolean {
    return (this.#claim !== undefined || this.#unsure !== undefined) && now <= this.#claimsUntil;
  }

  /** A call sent at `sentAt` to protect for `ms` was answered. */
  given(sentAt: number, ms: number, answer: Protection): void {
    const expiresAt = answer.expiresAt ?? sentAt + ms;
    this.#own = { until: sentAt + ms, expiresAt };
    this.#seen = expiresAt;
    this.#setAgain = false;
    // The call before may still be carried out after this one.
    const before = this.#unsure;
    this.#unsure = before && before.last > sentAt + ms - LATE_MS ? { ...before, from: before.last } : undefined;
    this.#claim = expiresAt;
    this.#claimsUntil = sentAt + ms + LATE_MS;
  }

  /** A call to protect failed at `now`, which doesn't say that ECS did nothing. */
  unsure(sentAt: number, ms: number, now: number): void {
    const last = sentAt + ms;
    this.#unsure = { from: this.#unsure?.from ?? last, last, to: now + ms + LATE_MS };
    this.#claimsUntil = this.#unsure.to;
  }

  /** A call to release is on its way: from here on nothing is sure. */
  releasing(now: number): void {
    this.#own = undefined;
    this.#lostAt = now;
    this.#setAgain = false;
  }

  released(now: number): void {
    this.releasing(now);
    this.#claim = undefined;
    this.#unsure = undefined;
  }

  /** Learns what ECS answered when it was asked. */
  learn(state: Protection, now: number): Standing {
    if (!state.enabled) {
      this.released(now);
      return "gone";
    }
    if (this.#own === undefined) return this.isOurs(state) ? "ours" : "longer";
    const difference = (state.expiresAt ?? this.#own.expiresAt) - this.#own.expiresAt;
    this.#seen = this.#own.expiresAt + (Math.abs(difference) <= ROUNDING_MS ? 0 : difference);
    this.#setAgain = difference < -ROUNDING_MS;
    if (this.#setAgain) return "shorter";
    return difference <= ROUNDING_MS || this.isOurs(state) ? "ours" : "longer";
  }

  /** Whether a call of ours, answered or not, may have set this expiry. */
  isOurs({ enabled, expiresAt }: Protection): boolean {
    if (!enabled) return false;
    if (expiresAt === undefined) return true;
    const isNear = (from = Infinity, to = from) => expiresAt >= from - ROUNDING_MS && expiresAt <= to + ROUNDING_MS;
    return isNear(this.#claim) || isNear(this.#unsure?.from, this.#unsure?.to);
  }
}
