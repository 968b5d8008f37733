/** What an alarm or a policy looks at, as it was declared; a text where something of it isn't modelled. */
import { isFed } from "../../world/cloudWatch/fedMetrics";
import { isStatistic, type Metric } from "../../world/cloudWatch/metric";
import {
  metricsOf,
  observedProblem,
  type MathQuery,
  type MetricStat,
  type Observed,
} from "../../world/cloudWatch/observed";
import { text, type Inputs } from "../read";

interface Stat {
  readonly namespace: unknown;
  readonly metricName: unknown;
  readonly dimensions: Metric["dimensions"];
  readonly statistic: unknown;
}

export function readStat({ namespace, metricName, dimensions, statistic }: Stat): MetricStat | string {
  if (!isStatistic(statistic)) return `statistic ${text(statistic)}`;
  return { metric: { namespace: text(namespace), name: text(metricName), dimensions }, statistic };
}

/** `statOf`: the metric of a query that is no expression; `isResult`: whether a query is the one that counts. */
export function readMath(
  queries: readonly Inputs[],
  statOf: (query: Inputs) => Stat,
  isResult: (query: Inputs) => boolean,
): Observed | string {
  const results = queries.filter(isResult);
  if (results.length !== 1)
    return `${results.length} queries of ${queries.length} that return data: exactly one is allowed`;
  const read: MathQuery[] = [];
  for (const query of queries) {
    const { id, expression } = query;
    const is = expression === undefined ? readStat(statOf(query)) : text(expression);
    if (expression === undefined && typeof is === "string") return is;
    read.push({ id: text(id), is });
  }
  const [only] = read;
  if (read.length === 1 && typeof only!.is !== "string") return only!.is;
  const math = { queries: read, result: text(results[0]!.id) };
  return observedProblem(math) ?? math;
}

/** The metrics that it needs and that nobody here tells of. */
export function unfed(observed: Observed): readonly string[] {
  return metricsOf(observed)
    .filter((metric) => !isFed(metric))
    .map(({ namespace, name }) => `nothing here measures ${namespace} ${name}`);
}
