/** A clock and its timers, given from outside, so that a test or a rehearsal runs on its own time. */
export interface Timers {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs once, `ms` milliseconds from now; what it returns cancels it. */
  after(ms: number, run: () => void): unknown;
  cancel(timer: unknown): void;
}
