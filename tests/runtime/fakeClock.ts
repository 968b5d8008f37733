import type { Timers } from "../../runtime/timers";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until it is told to go on; what awaits an answer runs in between. */
export class FakeClock implements Timers {
  #now = Date.parse("2026-11-25T00:00:00Z");
  #order = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): unknown {
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    this.#timers.add(timer);
    return timer;
  }

  cancel(timer: unknown): void {
    this.#timers.delete(timer as Timer);
  }

  get timersSet(): number {
    return this.#timers.size;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** `look` is called whenever time has gone on. */
  async goOn(ms: number, look: () => void = () => {}): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let timer = this.#first(); timer !== undefined && timer.at <= until; timer = this.#first()) {
      this.#timers.delete(timer);
      this.#now = timer.at;
      look();
      timer.run();
      await settled();
    }
    this.#now = until;
    look();
  }

  #first(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
