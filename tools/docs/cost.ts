/** What Spotproof's own parts cost by the month, from what the program declares and AWS's list prices of us-east-1. */
import type { Resource } from "../../rehearsal/deploy/monitor";

/** A month as AWS counts it. */
const HOURS = 730;
const MINUTES = HOURS * 60;

/**
 * USD, us-east-1.
 * @see https://aws.amazon.com/lambda/pricing/ https://aws.amazon.com/sqs/pricing/ https://aws.amazon.com/eventbridge/pricing/
 * https://aws.amazon.com/cloudwatch/pricing/ https://aws.amazon.com/sns/pricing/ https://aws.amazon.com/kms/pricing/
 */
const PRICE = {
  lambdaRequest: 0.2e-6,
  lambdaGbSecondArm: 0.0000133334,
  sqsRequest: 0.4e-6,
  eventBridgeEvent: 1e-6,
  logsGb: 0.5,
  metric: 0.3,
  alarmMetric: 0.1,
  dashboard: 3,
  snsRequest: 0.5e-6,
  key: 1,
  kmsRequest: 3e-6,
};

/** An idle sweep makes two calls to AWS; assumed, since no function has run in an account for this page. */
const SWEEP_SECONDS = 0.2;
/** START, END and REPORT, which Lambda writes for each run; the function itself logs only what it does. Assumed. */
const LOG_BYTES_PER_RUN = 500;
/** An event source mapping begins with five pollers, each of which waits up to 20 s for a message.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
const POLLERS = 5;
const POLL_SECONDS = 20;

/** Begins and ends of alarms. Assumed: a bad month. */
const ALARM_CHANGES = 1000;

export interface CostRow {
  readonly part: string;
  readonly arithmetic: string;
  readonly usd: number;
}

const ofType = (resources: readonly Resource[], type: string): Resource[] =>
  resources.filter((resource) => resource.type === type);

/** How often the rules' schedules start the functions in a month. */
function sweepsPerMonth(resources: readonly Resource[]): number {
  const schedules = ofType(resources, "aws:cloudwatch/eventRule:EventRule").flatMap(({ inputs }) =>
    typeof inputs.scheduleExpression === "string" ? [inputs.scheduleExpression] : [],
  );
  return schedules.reduce((sum, schedule) => {
    const [, minutes] = /^rate\((\d+) minutes?\)$/.exec(schedule) ?? [];
    if (minutes === undefined)
      throw new Error(`${schedule}: a rate in minutes; teach tools/docs/cost.ts the other kinds`);
    return sum + MINUTES / Number(minutes);
  }, 0);
}

/** An alarm is paid by the metrics that it looks at. */
function alarmMetrics(resources: readonly Resource[]): number {
  return ofType(resources, "aws:cloudwatch/metricAlarm:MetricAlarm").reduce((sum, { inputs }) => {
    const queries = (inputs.metricQueries as { metric?: unknown }[] | undefined) ?? [{ metric: true }];
    return sum + queries.filter(({ metric }) => metric !== undefined).length;
  }, 0);
}

/** @param metrics how many custom metrics the functions write */
export function costRows(resources: readonly Resource[], metrics: number): CostRow[] {
  const sweeps = sweepsPerMonth(resources);
  const functions = ofType(resources, "aws:lambda/function:Function");
  const gb = Math.max(...functions.map(({ inputs }) => Number(inputs.memorySize) / 1024));
  const mappings = ofType(resources, "aws:lambda/eventSourceMapping:EventSourceMapping").length;
  const polls = (mappings * POLLERS * HOURS * 3600) / POLL_SECONDS;
  const gbSeconds = sweeps * SWEEP_SECONDS * gb;
  return [
    row("Lambda, requests", `${count(sweeps)} runs × $0.20 per million`, sweeps * PRICE.lambdaRequest),
    row(
      "Lambda, time",
      `${count(sweeps)} runs × ${SWEEP_SECONDS} s × ${gb} GB = ${count(gbSeconds)} GB-s × $0.0000133334`,
      gbSeconds * PRICE.lambdaGbSecondArm,
    ),
    row(
      "SQS, polls of an empty queue",
      `${mappings} ${mappings === 1 ? "mapping" : "mappings"} × ${POLLERS} pollers × ${count(polls / mappings / POLLERS)} polls of ${POLL_SECONDS} s × $0.40 per million`,
      polls * PRICE.sqsRequest,
    ),
    row("SQS, messages", `${count(sweeps)} × (send + delete) × $0.40 per million`, 2 * sweeps * PRICE.sqsRequest),
    row(
      "EventBridge",
      `${count(sweeps)} scheduled events × $1.00 per million at most`,
      sweeps * PRICE.eventBridgeEvent,
    ),
    row(
      "CloudWatch Logs",
      `${count(sweeps)} runs × ${LOG_BYTES_PER_RUN} bytes × $0.50 per GB`,
      ((sweeps * LOG_BYTES_PER_RUN) / 1e9) * PRICE.logsGb,
    ),
    row("metrics, in a month with interruptions", `${metrics} × $0.30`, metrics * PRICE.metric),
    ...watchingRows(resources),
  ];
}

/** Alarms, where they go, and the dashboard. */
function watchingRows(resources: readonly Resource[]): CostRow[] {
  const alarms = alarmMetrics(resources);
  const dashboards = ofType(resources, "aws:cloudwatch/dashboard:Dashboard").length;
  const topics = ofType(resources, "aws:sns/topic:Topic").length;
  const keys = ofType(resources, "aws:kms/key:Key").length;
  const told = topics * ALARM_CHANGES;
  return [
    row("alarms", `${alarms} metrics in alarms × $0.10`, alarms * PRICE.alarmMetric),
    row("dashboard", `${dashboards} × $3.00`, dashboards * PRICE.dashboard),
    row("the alarms' topic", `${count(told)} messages × $0.50 per million`, told * PRICE.snsRequest),
    row(
      "the topic's key",
      `${keys} × $1.00 + ${count(told)} requests × $3.00 per million`,
      keys * PRICE.key + told * PRICE.kmsRequest,
    ),
  ];
}

const row = (part: string, arithmetic: string, usd: number): CostRow => ({ part, arithmetic, usd });

const count = (value: number): string => Math.round(value).toLocaleString("en-US");

export function costTable(rows: readonly CostRow[]): string {
  const total = rows.reduce((sum, { usd }) => sum + usd, 0);
  return [
    "| part | arithmetic | USD a month |",
    "|---|---|---:|",
    ...rows.map(({ part, arithmetic, usd }) => `| ${part} | ${arithmetic} | ${usd.toFixed(2)} |`),
    `| **together** | | **${total.toFixed(2)}** |`,
  ].join("\n");
}

/** What a stack costs that has more switched on, beside what it costs without. */
export function comparisonTable(without: readonly CostRow[], withMore: readonly CostRow[]): string {
  const pairs = withMore.map((row, index) => ({ ...row, before: without[index]!.usd }));
  const sum = (rows: readonly CostRow[]): number => rows.reduce((total, { usd }) => total + usd, 0);
  const changed = pairs.filter(({ usd, before }) => usd !== before);
  return [
    "| part | arithmetic with scaling | USD a month | without |",
    "|---|---|---:|---:|",
    ...changed.map(
      ({ part, arithmetic, usd, before }) => `| ${part} | ${arithmetic} | ${usd.toFixed(2)} | ${before.toFixed(2)} |`,
    ),
    `| **together**, with what doesn't change | | **${sum(withMore).toFixed(2)}** | **${sum(without).toFixed(2)}** |`,
  ].join("\n");
}
