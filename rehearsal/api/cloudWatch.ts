/** CloudWatch's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-cloudwatch";
import type { Alarm, AlarmSpec } from "../world/cloudWatch/alarm";
import { reasonOf } from "../world/cloudWatch/alarmEvent";
import { isStatistic, type Metric } from "../world/cloudWatch/metric";
import { MINUTE_MS } from "../world/cloudWatch/metrics";
import { isMath, observedProblem, observer, type MetricStat, type Observed } from "../world/cloudWatch/observed";
import { EPOCH_MS } from "../world/constants";
import { dateOf } from "../world/context";
import type { World } from "../world/world";
import { anywhere, atMost, paged, type Bucket, type Operation } from "./operation";

/** §8.1: pages, batches and calls a second. Bursts aren't documented: they are taken as one second's calls. */
const ALARMS_PAGE = { byDefault: 50, most: 100 };
const MOST_QUERIES = 500;
const MOST_DATAPOINTS = 100_800;
const MOST_DATA = 1000;
const BUCKETS = {
  describeAlarms: { name: "cloudwatch DescribeAlarms", burst: 9, refillPerSecond: 9 },
  getMetricData: { name: "cloudwatch GetMetricData", burst: 50, refillPerSecond: 50 },
  putMetricData: { name: "cloudwatch PutMetricData", burst: 500, refillPerSecond: 500 },
} as const satisfies Record<string, Bucket>;

const describeAlarms: Operation<sdk.DescribeAlarmsCommandInput> = {
  requires: [],
  limits: atMost("AlarmNames", 100),
  bucket: BUCKETS.describeAlarms,
  kind: "read",
  // AWS looks at the permission on all alarms, whichever are asked for.
  request: (_, { options }) => ({
    action: "cloudwatch:DescribeAlarms",
    resources: [{ arn: `arn:aws:cloudwatch:${options.region}:${options.account}:alarm:*`, context: {} }],
  }),
  run: ({ AlarmNames, AlarmNamePrefix, StateValue, NextToken, MaxRecords }, world, asOf) => {
    const wanted = [...world.alarms.byName.values()].filter(
      (alarm) =>
        (AlarmNames?.includes(alarm.spec.name) ?? true) &&
        alarm.spec.name.startsWith(AlarmNamePrefix ?? "") &&
        (StateValue ?? alarm.standingAt(asOf).state) === alarm.standingAt(asOf).state,
    );
    const { items, next } = paged(wanted, NextToken, MaxRecords, ALARMS_PAGE);
    return { MetricAlarms: items.map((alarm) => describe(alarm, asOf)), CompositeAlarms: [], NextToken: next };
  },
};

function describe(alarm: Alarm, asOf: number): sdk.MetricAlarm {
  const { spec } = alarm;
  const standing = alarm.standingAt(asOf);
  return {
    AlarmName: spec.name,
    AlarmArn: spec.arn,
    AlarmDescription: spec.description,
    ActionsEnabled: spec.actionsEnabled,
    OKActions: [...spec.actions.OK],
    AlarmActions: [...spec.actions.ALARM],
    InsufficientDataActions: [...spec.actions.INSUFFICIENT_DATA],
    StateValue: standing.state,
    StateReason: reasonOf(spec, standing),
    StateUpdatedTimestamp: dateOf(standing.since),
    StateTransitionedTimestamp: dateOf(standing.since),
    ...describeObserved(spec),
    EvaluationPeriods: spec.evaluationPeriods,
    DatapointsToAlarm: spec.datapointsToAlarm,
    Threshold: spec.threshold,
    ComparisonOperator: spec.comparison,
    TreatMissingData: spec.treatMissingData,
  };
}

function describeObserved({ observed, periodMs }: AlarmSpec): Partial<sdk.MetricAlarm> {
  const Period = periodMs / 1000;
  if (isMath(observed)) {
    const Metrics = observed.queries.map(({ id, is }) => ({
      Id: id,
      ...(typeof is === "string" ? { Expression: is } : { MetricStat: { ...describeStat(is), Period } }),
      ReturnData: id === observed.result,
    }));
    return { Metrics };
  }
  const { Metric, Stat } = describeStat(observed);
  return { ...Metric, Statistic: Stat, Period };
}

const describeStat = ({ metric, statistic }: MetricStat) => ({
  Metric: {
    Namespace: metric.namespace,
    MetricName: metric.name,
    Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
  },
  Stat: statistic,
});

const getMetricData: Operation<sdk.GetMetricDataCommandInput> = {
  requires: ["MetricDataQueries", "StartTime", "EndTime"],
  limits: (input) => atMost("MetricDataQueries", MOST_QUERIES)(input) ?? rangeProblem(input),
  bucket: BUCKETS.getMetricData,
  kind: "read",
  request: () => ({ action: "cloudwatch:GetMetricData", resources: anywhere }),
  run: (input, world, asOf) => {
    const results = (input.MetricDataQueries ?? [])
      .filter(({ ReturnData }) => ReturnData ?? true)
      .map((query) => answer(query, input, world, asOf));
    const datapoints = results.reduce((sum, { Values }) => sum + Values.length, 0);
    if (datapoints > MOST_DATAPOINTS) {
      throw new Error(`GetMetricData asks for ${datapoints} datapoints: one page of ${MOST_DATAPOINTS} is modelled`);
    }
    return { MetricDataResults: results, Messages: [] };
  },
};

function rangeProblem({ StartTime, EndTime }: sdk.GetMetricDataCommandInput): string | undefined {
  if (StartTime!.getTime() < EndTime!.getTime()) return undefined;
  return `StartTime ${StartTime!.toISOString()} must be before EndTime ${EndTime!.toISOString()}`;
}

/** Throws what isn't modelled, as of a command that isn't. */
function statOf({ Id, MetricStat }: sdk.MetricDataQuery): MetricStat & { readonly periodMs: number } {
  const { Metric, Period = 0, Stat } = MetricStat!;
  if (!isStatistic(Stat)) throw new Error(`GetMetricData query ${Id}: statistic ${Stat} is not modelled`);
  const periodMs = Period * 1000;
  if (!(periodMs > 0 && periodMs % MINUTE_MS === 0)) {
    throw new Error(`GetMetricData query ${Id}: a period of ${Period} s is not modelled; whole minutes are`);
  }
  return { metric: metricOf(Metric), statistic: Stat, periodMs };
}

const metricOf = (metric: sdk.Metric | undefined): Metric => ({
  namespace: metric?.Namespace ?? "",
  name: metric?.MetricName ?? "",
  dimensions: dimensionsOf(metric?.Dimensions),
});

const dimensionsOf = (dimensions: readonly sdk.Dimension[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(dimensions.map(({ Name = "", Value = "" }) => [Name, Value]));

/** What a query looks at: its own metric, or metric math over the whole request, whose metrics have one period. */
function observedBy(query: sdk.MetricDataQuery, all: readonly sdk.MetricDataQuery[]): [Observed, number] {
  const { Id = "", Expression } = query;
  if (Expression === undefined) {
    const { periodMs, ...stat } = statOf(query);
    return [stat, periodMs];
  }
  const stats = new Map(
    all.filter(({ MetricStat }) => MetricStat !== undefined).map((each) => [each.Id, statOf(each)]),
  );
  const periods = [...new Set([...stats.values()].map(({ periodMs }) => periodMs))];
  const observed = {
    queries: all.map((each) => ({ id: each.Id ?? "", is: stats.get(each.Id) ?? each.Expression ?? "" })),
    result: Id,
  };
  const problem = periods.length > 1 ? "metrics of different periods are not modelled" : observedProblem(observed);
  if (problem !== undefined) throw new Error(`GetMetricData query ${Id}: ${problem}`);
  return [observed, periods[0] ?? MINUTE_MS];
}

/** A period's datapoint bears the time of its beginning. What has none is left out. */
function answer(query: sdk.MetricDataQuery, request: sdk.GetMetricDataCommandInput, world: World, asOf: number) {
  const [observed, periodMs] = observedBy(query, request.MetricDataQueries ?? []);
  const from = Math.floor((request.StartTime!.getTime() - EPOCH_MS) / periodMs) * periodMs;
  const to = Math.min(request.EndTime!.getTime() - EPOCH_MS, world.clock.now);
  checkKept(Math.max(0, from), world);
  const series = observer(observed, world.metrics)({ from, to, periodMs }, asOf);
  const found = series.flatMap((value, index) => (value === undefined ? [] : [{ at: from + index * periodMs, value }]));
  if (request.ScanBy !== "TimestampAscending") found.reverse();
  return {
    Id: query.Id,
    Label: query.Label ?? query.MetricStat?.Metric?.MetricName ?? query.Id,
    StatusCode: "Complete",
    Timestamps: found.map(({ at }) => dateOf(at)),
    Values: found.map(({ value }) => value),
  };
}

function checkKept(start: number, { clock, metrics }: World): void {
  if (clock.now - start <= metrics.keptMs) return;
  throw new Error(
    `GetMetricData asks for ${(clock.now - start) / MINUTE_MS} minutes: the rehearsal keeps ${metrics.keptMs / MINUTE_MS} (CLOUD_WATCH.readableMs)`,
  );
}

const putMetricData: Operation<sdk.PutMetricDataCommandInput> = {
  requires: ["Namespace", "MetricData"],
  limits: (input) => atMost("MetricData", MOST_DATA)(input) ?? namespaceProblem(input.Namespace),
  bucket: BUCKETS.putMetricData,
  kind: "modify",
  request: ({ Namespace }) => ({
    action: "cloudwatch:PutMetricData",
    resources: [{ arn: "*", context: { "cloudwatch:namespace": Namespace ?? "" } }],
  }),
  run: ({ Namespace, MetricData }, world) => {
    for (const datum of MetricData ?? []) put(Namespace ?? "", datum, world);
    return {};
  },
};

const namespaceProblem = (namespace: string | undefined): string | undefined =>
  namespace?.startsWith("AWS/") === true ? `Namespace ${namespace}: AWS/ is AWS's own` : undefined;

function put(namespace: string, datum: sdk.MetricDatum, { metrics }: World): void {
  const { MetricName = "", Dimensions, Value, Values = [], Counts = [], StatisticValues } = datum;
  if (StatisticValues !== undefined) throw new Error(`PutMetricData ${MetricName}: StatisticValues is not modelled`);
  const metric = { namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
  if (Value !== undefined) metrics.put({ ...metric, value: Value });
  for (const [index, value] of Values.entries()) metrics.put({ ...metric, value, samples: Counts[index] ?? 1 });
}

export const cloudWatch: Readonly<Record<string, Operation>> = {
  DescribeAlarms: describeAlarms,
  GetMetricData: getMetricData,
  PutMetricData: putMetricData,
};
