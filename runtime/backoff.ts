/** How long what failed waits before it is tried again. */

export interface BackoffBounds {
  /** After the first failure, at most; the unit is the caller's. */
  readonly first: number;
  readonly longest: number;
}

/** Past it the longest time is long reached; 2 to a power without end would be none of a number. */
const MOST_DOUBLINGS = 30;

/**
 * Exponential, between half and the whole, so that those that failed together don't come back together.
 * @param attempt 1 after the first failure
 * @param random uniform in [0, 1)
 */
export function backoff({ first, longest }: BackoffBounds, attempt: number, random: number): number {
  return Math.min(longest, first * 2 ** Math.min(MOST_DOUBLINGS, attempt - 1)) * (0.5 + random / 2);
}
