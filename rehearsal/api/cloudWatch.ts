/** CloudWatch's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-cloudwatch";
import type { Alarm } from "../world/cloudWatch/alarm";
import { reasonOf } from "../world/cloudWatch/alarmEvent";
import { isStatistic, keyOf, type Metric } from "../world/cloudWatch/metric";
import { MINUTE_MS } from "../world/cloudWatch/metrics";
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
    Namespace: spec.metric.namespace,
    MetricName: spec.metric.name,
    Dimensions: Object.entries(spec.metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
    Statistic: spec.statistic,
    Period: spec.periodMs / 1000,
    EvaluationPeriods: spec.evaluationPeriods,
    DatapointsToAlarm: spec.datapointsToAlarm,
    Threshold: spec.threshold,
    ComparisonOperator: spec.comparison,
    TreatMissingData: spec.treatMissingData,
  };
}

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

interface Query {
  readonly key: string;
  readonly statistic: Parameters<World["metrics"]["read"]>[1];
  readonly periodMs: number;
}

/** Throws what isn't modelled, as of a command that isn't. */
function read({ Id, MetricStat, Expression }: sdk.MetricDataQuery): Query {
  if (MetricStat === undefined) {
    throw new Error(`GetMetricData query ${Id}: ${Expression ?? "no MetricStat"} is not modelled; MetricStat is`);
  }
  const { Metric, Period = 0, Stat } = MetricStat;
  if (!isStatistic(Stat)) throw new Error(`GetMetricData query ${Id}: statistic ${Stat} is not modelled`);
  const periodMs = Period * 1000;
  if (!(periodMs > 0 && periodMs % MINUTE_MS === 0)) {
    throw new Error(`GetMetricData query ${Id}: a period of ${Period} s is not modelled; whole minutes are`);
  }
  return { key: keyOf(metricOf(Metric)), statistic: Stat, periodMs };
}

const metricOf = (metric: sdk.Metric | undefined): Metric => ({
  namespace: metric?.Namespace ?? "",
  name: metric?.MetricName ?? "",
  dimensions: dimensionsOf(metric?.Dimensions),
});

const dimensionsOf = (dimensions: readonly sdk.Dimension[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries(dimensions.map(({ Name = "", Value = "" }) => [Name, Value]));

/** A period's datapoint bears the time of its beginning. What has none is left out. */
function answer(query: sdk.MetricDataQuery, range: sdk.GetMetricDataCommandInput, world: World, asOf: number) {
  const { key, statistic, periodMs } = read(query);
  const start = Math.floor((range.StartTime!.getTime() - EPOCH_MS) / periodMs) * periodMs;
  const end = Math.min(range.EndTime!.getTime() - EPOCH_MS, world.clock.now);
  checkKept(Math.max(0, start), world);
  const found: { readonly at: number; readonly value: number }[] = [];
  for (let at = start; at < end; at += periodMs) {
    const value = world.metrics.read(key, statistic, at, at + periodMs, asOf);
    if (value !== undefined) found.push({ at, value });
  }
  if (range.ScanBy !== "TimestampAscending") found.reverse();
  return {
    Id: query.Id,
    Label: query.Label ?? query.MetricStat?.Metric?.MetricName,
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
