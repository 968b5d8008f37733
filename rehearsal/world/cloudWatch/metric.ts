/** What names a metric, and what is told of it. */

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface MetricDatum extends Metric {
  readonly value: number;
  /** How many samples of this value there were: they count so often in Sum, Average and SampleCount. @default 1 */
  readonly samples?: number;
  /** It can't be read before. @default as soon as its namespace's minute is published */
  readonly notBefore?: number;
}

export const STATISTICS = ["Average", "Sum", "Minimum", "Maximum", "SampleCount"] as const;

export type Statistic = (typeof STATISTICS)[number];

export const isStatistic = (value: unknown): value is Statistic => STATISTICS.includes(value as Statistic);

/** A metric is its namespace, its name and exactly these dimensions, in whatever order they are given. */
export function keyOf({ namespace, name, dimensions }: Metric): string {
  let key = `${namespace}|${name}`;
  for (const dimension of Object.keys(dimensions).sort()) key += `|${dimension}=${dimensions[dimension]}`;
  return key;
}
