/** Values over time, in a bounded number of buckets that keep the least and the most: nothing short is averaged away. */
import { LIMITS, type Band } from "./data";

const MINUTE_MS = 60_000;
/** Lengths that read well on an axis. */
const MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 240, 360, 720, 1440];

/** The shortest length that takes no more buckets than a page keeps. */
export function bucketMsOf(durationMs: number, most: number = LIMITS.buckets): number {
  const fits = MINUTES.map((minutes) => minutes * MINUTE_MS).find((length) => durationMs / length <= most);
  return fits ?? Math.ceil(durationMs / most / MINUTE_MS) * MINUTE_MS;
}

export class Buckets {
  readonly count: number;

  constructor(
    readonly durationMs: number,
    readonly lengthMs = bucketMsOf(durationMs),
  ) {
    this.count = Math.max(1, Math.ceil(durationMs / lengthMs));
  }

  /** What lies outside counts towards the first or the last. */
  indexOf(at: number): number {
    return Math.min(this.count - 1, Math.max(0, Math.floor(at / this.lengthMs)));
  }

  zeros(): number[] {
    return new Array<number>(this.count).fill(0);
  }
}

/** A value that holds until it changes. */
export class Gauge {
  private readonly min: number[];
  private readonly max: number[];
  private filled = 0;

  constructor(
    private readonly buckets: Buckets,
    private value: number,
  ) {
    this.min = buckets.zeros();
    this.max = buckets.zeros();
    this.min[0] = this.max[0] = value;
  }

  /** `at` never goes back. */
  set(at: number, value: number): void {
    if (value === this.value) return;
    this.fillTo(this.buckets.indexOf(at));
    this.value = value;
    this.min[this.filled] = Math.min(this.min[this.filled]!, value);
    this.max[this.filled] = Math.max(this.max[this.filled]!, value);
  }

  band(): Band {
    this.fillTo(this.buckets.count - 1);
    return { min: this.min, max: this.max };
  }

  private fillTo(index: number): void {
    while (this.filled < index) {
      this.filled++;
      this.min[this.filled] = this.max[this.filled] = this.value;
    }
  }
}
