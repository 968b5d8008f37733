/** One metric's samples, minute by minute, as sums and bounds, as far back as is kept. */
import { bisector } from "d3-array";

export interface Samples {
  sum: number;
  minimum: number;
  maximum: number;
  count: number;
}

/** A minute's samples, and when they can be read. */
export interface Minute extends Samples {
  minute: number;
  visibleAt: number;
}

const byMinute = bisector(({ minute }: Minute) => minute);

export class Series {
  /** Of the minutes of which something was told, the oldest first. */
  private readonly minutes: Minute[] = [];

  constructor(private size: number) {}

  /** The last minute of which something was told. */
  get latest(): number {
    return this.minutes.at(-1)?.minute ?? -1;
  }

  /** What was told of one minute and those up to another. */
  *between(first: number, last: number): Iterable<Minute> {
    for (let place = byMinute.left(this.minutes, first); place < this.minutes.length; place++) {
      const each = this.minutes[place]!;
      if (each.minute > last) return;
      yield each;
    }
  }

  /** So many samples of one value; what is older than what is kept is dropped. */
  add(minute: number, value: number, samples: number, visibleAt: number): void {
    if (minute <= this.latest - this.size) return;
    const told = { sum: value * samples, minimum: value, maximum: value, count: samples };
    const place = minute > this.latest ? this.minutes.length : byMinute.left(this.minutes, minute);
    const known = this.minutes[place];
    if (known?.minute === minute) addSamples(known, told);
    else this.minutes.splice(place, 0, { minute, visibleAt, ...told });
    while (this.minutes[0]!.minute <= this.latest - this.size) this.minutes.shift();
  }

  /** Keeps more from now on. */
  grow(size: number): void {
    this.size = size;
  }
}

export function addSamples(to: Samples, { sum, minimum, maximum, count }: Samples): void {
  to.sum += sum;
  to.minimum = Math.min(to.minimum, minimum);
  to.maximum = Math.max(to.maximum, maximum);
  to.count += count;
}
