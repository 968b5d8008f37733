/**
 * CloudWatch's metrics: what was observed in each minute, kept as sums and bounds, so that nothing grows with the number of
 * observations. A minute can be read once it is published, which is some time after its end.
 */
import { between, type Context } from "../context";
import { PRIORITY } from "../clock";
import { CLOUD_WATCH } from "../constants";
import { Topic } from "../topic";
import { keyOf, type MetricDatum, type Statistic } from "./metric";
import { addSamples, Series, type Samples } from "./series";

export { keyOf, type Metric, type MetricDatum, type Statistic } from "./metric";

export const MINUTE_MS = 60_000;

/** Asked at the end of every minute for what was observed in it. */
export type MetricSource = () => readonly MetricDatum[];

/** Of one sample at least. */
const VALUE: Readonly<Record<Statistic, (samples: Samples) => number>> = {
  Average: ({ sum, count }) => sum / count,
  Sum: ({ sum }) => sum,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
  SampleCount: ({ count }) => count,
};

export class Metrics {
  /** A minute is over and its sources have told; alarms look now. */
  readonly minuteEnded = new Topic<number>();
  private readonly sources: MetricSource[] = [];
  private readonly series = new Map<string, Series>();
  private readonly publication = new Map<string, { minute: number; visibleAt: number }>();
  private keptMinutes: number;

  constructor(
    private readonly context: Context,
    keptMs: number = CLOUD_WATCH.readableMs,
  ) {
    this.keptMinutes = keptMs / MINUTE_MS;
    context.clock.every(MINUTE_MS, MINUTE_MS, () => this.endMinute(), PRIORITY.observe);
  }

  addSource(source: MetricSource): void {
    this.sources.push(source);
  }

  /** Something observed now. */
  put(datum: MetricDatum): void {
    this.add(datum, Math.floor(this.context.clock.now / MINUTE_MS));
  }

  /** At least so much is kept from now on, for who looks further back than others. */
  keep(ms: number): void {
    const minutes = Math.ceil(ms / MINUTE_MS);
    if (minutes <= this.keptMinutes) return;
    this.keptMinutes = minutes;
    for (const series of this.series.values()) series.grow(minutes);
  }

  /** How far back can be read. */
  get keptMs(): number {
    return this.keptMinutes * MINUTE_MS;
  }

  /** A statistic from one full minute to another, of what was published by `asOf`; undefined where nothing was. */
  read(key: string, statistic: Statistic, from: number, to: number, asOf: number): number | undefined {
    const series = this.series.get(key);
    if (series === undefined) return undefined;
    let all: Samples | undefined;
    for (const each of series.between(from / MINUTE_MS, to / MINUTE_MS - 1)) {
      if (each.visibleAt > asOf) continue;
      if (all === undefined) all = { sum: each.sum, minimum: each.minimum, maximum: each.maximum, count: each.count };
      else addSamples(all, each);
    }
    return all === undefined ? undefined : VALUE[statistic](all);
  }

  private endMinute(): void {
    const ended = this.context.clock.now / MINUTE_MS;
    for (const source of this.sources) {
      for (const datum of source()) this.add(datum, ended - 1);
    }
    for (const [key, { latest }] of this.series) if (latest < ended - this.keptMinutes) this.series.delete(key);
    this.minuteEnded.publish(this.context.clock.now);
  }

  private add(datum: MetricDatum, minute: number): void {
    const key = keyOf(datum);
    let series = this.series.get(key);
    if (series === undefined) this.series.set(key, (series = new Series(this.keptMinutes)));
    const visibleAt = Math.max(datum.notBefore ?? 0, this.visibleAt(datum.namespace, minute));
    series.add(minute, datum.value, datum.samples ?? 1, visibleAt);
  }

  /** What a namespace tells of one minute is published together. */
  private visibleAt(namespace: string, minute: number): number {
    const known = this.publication.get(namespace);
    if (known?.minute === minute) return known.visibleAt;
    const late = namespace.startsWith("AWS/") ? CLOUD_WATCH.publicationMs : CLOUD_WATCH.ownPublicationMs;
    const drawn = between(this.context.random(`cloudWatch/${namespace}`), late);
    const visibleAt = (minute + 1) * MINUTE_MS + drawn;
    this.publication.set(namespace, { minute, visibleAt });
    return visibleAt;
  }
}
