/** One metric's samples, minute by minute, as sums and bounds: a ring of as many minutes as are kept. */

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

export class Series {
  private ring: Minute[] = [];
  /** The last minute of which something was told. */
  latest = -1;

  constructor(private size: number) {}

  at(minute: number): Minute | undefined {
    const found = this.ring[minute % this.size];
    return found?.minute === minute ? found : undefined;
  }

  /** So many samples of one value; what is older than what is kept is dropped. */
  add(minute: number, value: number, samples: number, visibleAt: number): void {
    if (minute <= this.latest - this.size) return;
    this.latest = Math.max(this.latest, minute);
    const place = minute % this.size;
    const known = this.ring[place];
    if (known?.minute === minute)
      addSamples(known, { sum: value * samples, minimum: value, maximum: value, count: samples });
    else this.ring[place] = { minute, visibleAt, sum: value * samples, minimum: value, maximum: value, count: samples };
  }

  /** Keeps more from now on. */
  grow(size: number): void {
    const kept = this.ring.filter(({ minute }) => minute > this.latest - this.size);
    this.size = size;
    this.ring = [];
    for (const each of kept) this.ring[each.minute % size] = each;
  }
}

export function addSamples(to: Samples, { sum, minimum, maximum, count }: Samples): void {
  to.sum += sum;
  to.minimum = Math.min(to.minimum, minimum);
  to.maximum = Math.max(to.maximum, maximum);
  to.count += count;
}
