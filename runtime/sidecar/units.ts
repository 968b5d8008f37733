/** Units of work that other processes begin and end by name. */
import type { Work } from "../middleware";
import type { Timers } from "../timers";

interface Unit {
  readonly end: () => void;
  readonly timer: unknown;
}

export class Units {
  readonly #units = new Map<string, Unit>();
  #expired = 0;
  #whenNone: (() => void) | undefined;

  constructor(
    private readonly work: Work,
    private readonly timers: Timers,
  ) {}

  /** Names of the units in progress. */
  get ids(): string[] {
    return [...this.#units.keys()];
  }

  get inProgress(): number {
    return this.#units.size;
  }

  /** How many ended because nobody renewed or ended them in time. */
  get expired(): number {
    return this.#expired;
  }

  /** Begins the unit, or renews it; whether it is new. */
  put(id: string, ttlMs: number): boolean {
    const before = this.#units.get(id);
    if (before !== undefined) this.timers.cancel(before.timer);
    const timer = this.timers.after(ttlMs, () => {
      this.#expired++;
      this.end(id);
    });
    this.#units.set(id, { end: before?.end ?? this.work.begin(), timer });
    return before === undefined;
  }

  /** Whether there was such a unit. */
  end(id: string): boolean {
    const unit = this.#units.get(id);
    if (unit === undefined) return false;
    this.timers.cancel(unit.timer);
    this.#units.delete(id);
    unit.end();
    if (this.#units.size === 0) this.#whenNone?.();
    return true;
  }

  /** Resolves once no unit is in progress, or after `mostMs`. */
  none(mostMs: number): Promise<void> {
    if (this.#units.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.timers.after(mostMs, resolve);
      this.#whenNone = () => {
        this.timers.cancel(timer);
        resolve();
      };
    });
  }
}
