import type { AlarmSpec } from "../../world/cloudWatch/alarm";
import { COMPARISONS, TREATMENTS, type AlarmState, type Comparison } from "../../world/cloudWatch/evaluation";
import { isFed } from "../../world/cloudWatch/fedMetrics";
import { isStatistic, type Metric, type Statistic } from "../../world/cloudWatch/metric";
import { MINUTE_MS } from "../../world/cloudWatch/metrics";
import type { Resource } from "../monitor";
import { block, list, number, strings, text, type Inputs } from "../read";
import { oneOf } from "./oneOf";
import type { Reader } from "./reader";

/** An alarm on one metric. Its actions do something where they are scaling policies; who else is told does nothing here. */
export const readMetricAlarm: Reader = (resource, { world, notModelled }) => {
  const { name } = resource;
  const observed = observedBy(resource);
  if (typeof observed === "string") return notModelled(`alarm ${name}: ${observed}`);
  const spec = alarmSpec(resource, observed);
  if (!spec.isFed) notModelled(`alarm ${name}: nothing here measures ${spec.metric.namespace} ${spec.metric.name}`);
  world.alarms.add(spec);
};

interface Observed {
  readonly metric: Metric;
  readonly statistic: Statistic;
  readonly periodMs: number;
}

/** What an alarm looks at, or what of it isn't modelled. */
function observedBy({ inputs }: Resource): Observed | string {
  const queries = list(inputs.metricQueries);
  if (queries.length > 1 || queries.some(({ expression }) => expression !== undefined)) return "metric math";
  const query = queries.length === 1 ? block(queries[0]!.metric) : undefined;
  const source: Inputs = query === undefined ? inputs : { ...query, statistic: query.stat };
  const statistic = source.extendedStatistic ?? source.statistic;
  if (!isStatistic(statistic)) return `statistic ${text(statistic)}`;
  const periodMs = number(source.period, MINUTE_MS / 1000) * 1000;
  if (periodMs % MINUTE_MS !== 0) return `a period of ${periodMs / 1000} s`;
  const metric = {
    namespace: text(source.namespace),
    name: text(source.metricName),
    dimensions: strings(source.dimensions),
  };
  return { metric, statistic, periodMs };
}

function alarmSpec({ name, inputs, outputs }: Resource, observed: Observed): AlarmSpec {
  const where = `alarm ${name}`;
  const evaluationPeriods = number(inputs.evaluationPeriods, 1);
  return {
    ...observed,
    name: text(outputs.name),
    arn: text(outputs.arn),
    description: text(inputs.alarmDescription),
    evaluationPeriods,
    datapointsToAlarm: number(inputs.datapointsToAlarm, evaluationPeriods),
    threshold: number(inputs.threshold, 0),
    comparison: oneOf(inputs.comparisonOperator, Object.keys(COMPARISONS) as Comparison[], where),
    treatMissingData: oneOf(inputs.treatMissingData ?? "missing", TREATMENTS, where),
    actionsEnabled: inputs.actionsEnabled !== false,
    actions: {
      OK: list<string>(inputs.okActions),
      ALARM: list<string>(inputs.alarmActions),
      INSUFFICIENT_DATA: list<string>(inputs.insufficientDataActions),
    } satisfies Record<AlarmState, readonly string[]>,
    isFed: isFed(observed.metric),
  };
}
