/** What an alarm or a query looks at: one metric, or what metric math makes of several. */
import { keyOf, type Metric, type Statistic } from "./metric";
import type { Metrics } from "./metrics";
import { evaluateExpression, seriesOf, type Series, type Value } from "./metricMath/evaluate";
import { parseExpression, type Expression } from "./metricMath/expression";

export interface MetricStat {
  readonly metric: Metric;
  readonly statistic: Statistic;
}

export interface MathQuery {
  readonly id: string;
  readonly is: MetricStat | string;
}

/** The query of this id is the result; it and the others have one period. */
export interface MetricMath {
  readonly queries: readonly MathQuery[];
  readonly result: string;
}

export type Observed = MetricStat | MetricMath;

export interface Range {
  /** Full minutes. */
  readonly from: number;
  readonly to: number;
  readonly periodMs: number;
}

/** A datapoint for each period, of what was published by `asOf`; undefined where there is none. */
export type Observer = (range: Range, asOf: number) => Series;

export const isMath = (observed: Observed): observed is MetricMath => "queries" in observed;

/** All the metrics that it is made of. */
export function metricsOf(observed: Observed): readonly Metric[] {
  if (!isMath(observed)) return [observed.metric];
  return observed.queries.flatMap(({ is }) => (typeof is === "string" ? [] : [is.metric]));
}

export function observer(observed: Observed, metrics: Pick<Metrics, "read">): Observer {
  return isMath(observed) ? mathObserver(observed, metrics) : statObserver(observed, metrics);
}

/** What of it isn't modelled; undefined where all is. */
export function observedProblem(observed: Observed): string | undefined {
  try {
    observer(observed, { read: () => undefined })({ from: 0, to: 1, periodMs: 1 }, 0);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function statObserver({ metric, statistic }: MetricStat, metrics: Pick<Metrics, "read">): Observer {
  const key = keyOf(metric);
  return ({ from, to, periodMs }, asOf) =>
    Array.from({ length: Math.ceil((to - from) / periodMs) }, (_, index) => {
      const at = from + index * periodMs;
      return metrics.read(key, statistic, at, at + periodMs, asOf);
    });
}

function mathObserver({ queries, result }: MetricMath, metrics: Pick<Metrics, "read">): Observer {
  const sources = new Map(
    queries.map(({ id, is }): [string, Observer | Expression] => [
      id,
      typeof is === "string" ? parseExpression(is) : statObserver(is, metrics),
    ]),
  );
  const metricIds = queries.filter(({ is }) => typeof is !== "string").map(({ id }) => id);
  return (range, asOf) => {
    const periods = Math.ceil((range.to - range.from) / range.periodMs);
    const known = new Map<string, Value>();
    const open = new Set<string>();
    const valueOf = (id: string): Value | undefined => {
      const source = sources.get(id);
      if (source === undefined || known.has(id)) return known.get(id);
      if (open.has(id)) throw new Error(`metric math: ${id} is made of itself`);
      open.add(id);
      const value =
        typeof source === "function"
          ? source(range, asOf)
          : evaluateExpression(source, { periods, valueOf, metricIds });
      known.set(id, value);
      return value;
    };
    const value = valueOf(result);
    if (value === undefined) throw new Error(`metric math: no query has the id ${result}`);
    return seriesOf(value, periods);
  };
}
