/** The clock of the machine; the one place in which the runtime sets real timers. */
import type { Timers } from "./timers";

/** A timer of Node.js that is set for longer fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

const start = (ms: number, run: () => void): NodeJS.Timeout => setTimeout(run, Math.min(ms, LONGEST_MS));

/** Its timers keep the process alive. */
export const realTimers: Timers = {
  now: () => Date.now(),
  after: start,
  cancel: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Its timers don't keep a process alive that has nothing else to do. */
export const backgroundTimers: Timers = { ...realTimers, after: (ms, run) => start(ms, run).unref() };
