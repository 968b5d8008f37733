import type { AlarmSpec } from "../../world/cloudWatch/alarm";
import { COMPARISONS, TREATMENTS, type AlarmState, type Comparison } from "../../world/cloudWatch/evaluation";
import { MINUTE_MS } from "../../world/cloudWatch/metrics";
import type { Observed } from "../../world/cloudWatch/observed";
import type { Resource } from "../monitor";
import { block, isTrue, list, number, strings, text, type Inputs } from "../read";
import { readMath, readStat, unfed } from "./observed";
import { oneOf } from "./oneOf";
import type { Reader } from "./reader";

/** An alarm. Its actions do something where they are scaling policies; who else is told does nothing here. */
export const readMetricAlarm: Reader = (resource, { world, notModelled }) => {
  const { name } = resource;
  const watched = watchedBy(resource);
  if (typeof watched === "string") return notModelled(`alarm ${name}: ${watched}`);
  const problems = unfed(watched.observed);
  for (const problem of problems) notModelled(`alarm ${name}: ${problem}`);
  world.alarms.add(alarmSpec(resource, watched, problems.length === 0));
};

interface Watched {
  readonly observed: Observed;
  readonly periodMs: number;
}

/** What an alarm looks at, or what of it isn't modelled. */
function watchedBy({ inputs }: Resource): Watched | string {
  const queries = list(inputs.metricQueries);
  const metrics = queries.length === 0 ? [inputs] : queries.map((query) => ofMetric(query));
  const periods = new Set(metrics.flatMap(({ period }) => (period === undefined ? [] : [number(period, 0)])));
  const [seconds = MINUTE_MS / 1000] = periods;
  if (periods.size > 1) return `periods of ${[...periods].join(" and ")} s in one expression`;
  if (seconds === 0 || (seconds * 1000) % MINUTE_MS !== 0) return `a period of ${seconds} s`;
  const observed =
    queries.length === 0
      ? readStat(statOf(inputs, inputs.extendedStatistic ?? inputs.statistic))
      : readMath(
          queries,
          (query) => statOf(ofMetric(query), ofMetric(query).stat),
          ({ returnData }) => queries.length === 1 || isTrue(returnData),
        );
  return typeof observed === "string" ? observed : { observed, periodMs: seconds * 1000 };
}

/** A query's metric, or its expression with a period of its own. */
const ofMetric = (query: Inputs): Inputs => (query.metric === undefined ? query : block(query.metric));

const statOf = ({ namespace, metricName, dimensions }: Inputs, statistic: unknown) => ({
  namespace,
  metricName,
  dimensions: strings(dimensions),
  statistic,
});

function alarmSpec({ name, inputs, outputs }: Resource, watched: Watched, isFed: boolean): AlarmSpec {
  const where = `alarm ${name}`;
  const evaluationPeriods = number(inputs.evaluationPeriods, 1);
  return {
    ...watched,
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
    isFed,
  };
}
