/** Simulated time: a queue of events ordered by (time, priority, sequence). Time is integer milliseconds since the start. */
import Heap from "heap-js";

export interface Timer {
  readonly at: number;
  readonly priority: number;
  readonly sequence: number;
  run: (() => void) | undefined;
}

/** Order among events of the same millisecond: what ends comes before what begins, what looks comes last. */
export const PRIORITY = { end: 0, change: 1, observe: 2 } as const;

const inOrder = (a: Timer, b: Timer): number => a.at - b.at || a.priority - b.priority || a.sequence - b.sequence;

export class Clock {
  private readonly queue = new Heap<Timer>(inOrder);
  private sequence = 0;
  private time = 0;
  /** Set by whoever wakes a handler: the clock lets every handler run until it waits again before it goes on. */
  handlersWoken = false;
  /** How many events have run, for progress and benchmarks. */
  events = 0;

  get now(): number {
    return this.time;
  }

  /** Runs `run` at `at`; what lies in the past runs now. Times are rounded to whole milliseconds. */
  at(at: number, run: () => void, priority: number = PRIORITY.change): Timer {
    const timer: Timer = { at: Math.max(this.time, Math.round(at)), priority, sequence: this.sequence++, run };
    this.queue.push(timer);
    return timer;
  }

  after(delay: number, run: () => void, priority: number = PRIORITY.change): Timer {
    return this.at(this.time + delay, run, priority);
  }

  /** Runs `run` every `period`, the first time at `first`. */
  every(first: number, period: number, run: () => void, priority: number = PRIORITY.change): void {
    const tick = (): void => {
      this.after(period, tick, priority);
      run();
    };
    this.at(first, tick, priority);
  }

  cancel(timer: Timer | undefined): void {
    if (timer !== undefined) timer.run = undefined;
  }

  /** Runs every event before `end`. `settle` resolves when no handler can run on; `progress` is told the time now and then. */
  async runUntil(end: number, settle: () => Promise<void>, progress?: (now: number) => void): Promise<void> {
    if (this.handlersWoken) await this.letHandlersRun(settle);
    for (;;) {
      const timer = this.queue.peek();
      if (timer === undefined || timer.at >= end) break;
      this.queue.pop();
      if (timer.run === undefined) continue;
      this.time = timer.at;
      timer.run();
      if (this.handlersWoken) await this.letHandlersRun(settle);
      if ((++this.events & 0x3fff) === 0) progress?.(this.time);
    }
    this.time = end;
  }

  private letHandlersRun(settle: () => Promise<void>): Promise<void> {
    this.handlersWoken = false;
    return settle();
  }
}
