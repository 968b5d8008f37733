/** When what failed is tried again: later and later, and never given up. */
import { backoff } from "./backoff";
import type { Purpose } from "./protectionPlan";

const RETRY_MS = { first: 500, longest: 30_000 };

export class Retries {
  #of: Purpose | undefined;
  #attempt = 0;
  #at = 0;

  /** @param random uniform in [0, 1) */
  constructor(private readonly random: () => number) {}

  /** What failed last and hasn't succeeded since. */
  get of(): Purpose | undefined {
    return this.#of;
  }

  /** Nothing is tried before, in milliseconds since the epoch. */
  get at(): number {
    return this.#at;
  }

  clear(): void {
    this.#of = undefined;
    this.#attempt = 0;
    this.#at = 0;
  }

  failed(purpose: Purpose, now: number): { readonly attempt: number; readonly retryInMs: number } {
    this.#of = purpose;
    this.#attempt++;
    const retryInMs = Math.ceil(backoff(RETRY_MS, this.#attempt, this.random()));
    this.#at = now + retryInMs;
    return { attempt: this.#attempt, retryInMs };
  }
}
