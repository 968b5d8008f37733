/**
 * The event of an alarm that changed its state.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
 */
import { dateOf, eventTime } from "../context";
import type { AwsEvent } from "../eventBridge";
import type { AlarmSpec, AlarmStanding } from "./alarm";
import { MINUTE_MS } from "./metrics";
import { isMath, type MetricStat } from "./observed";

export function stateChangeEvent(spec: AlarmSpec, before: AlarmStanding, now: AlarmStanding): AwsEvent {
  const { name, arn, description } = spec;
  return {
    "detail-type": "CloudWatch Alarm State Change",
    source: "aws.cloudwatch",
    time: eventTime(now.since),
    resources: [arn],
    detail: {
      alarmName: name,
      configuration: {
        description,
        metrics: queriesOf(spec),
      },
      previousState: described(spec, before),
      state: described(spec, now),
    },
  };
}

/** As the event names them; a single metric is called `m1`. */
function queriesOf({ observed, periodMs }: AlarmSpec): object[] {
  if (!isMath(observed)) return [{ id: "m1", ...metricStat(observed, periodMs), returnData: true }];
  return observed.queries.map(({ id, is }) => ({
    id,
    ...(typeof is === "string" ? { expression: is } : metricStat(is, periodMs)),
    returnData: id === observed.result,
  }));
}

const metricStat = ({ metric, statistic }: MetricStat, periodMs: number) => ({
  metricStat: {
    metric: { namespace: metric.namespace, name: metric.name, dimensions: metric.dimensions },
    period: periodMs / 1000,
    stat: statistic,
  },
});

/** Why an alarm is in its state, in words. */
export function reasonOf({ threshold, comparison }: AlarmSpec, { state, values }: AlarmStanding): string {
  if (state === "INSUFFICIENT_DATA" || values.length === 0) return `No datapoints decide: ${state}`;
  return `Threshold Crossed: datapoints [${values.join(", ")}], ${comparison} ${threshold}: ${state}`;
}

function described(spec: AlarmSpec, standing: AlarmStanding) {
  const { since, values, state } = standing;
  return {
    value: state,
    reason: reasonOf(spec, standing),
    reasonData: JSON.stringify({
      version: "1.0",
      queryDate: timestamp(since),
      startDate: timestamp(since - spec.evaluationPeriods * spec.periodMs - (since % MINUTE_MS)),
      ...(isMath(spec.observed) ? {} : { statistic: spec.observed.statistic }),
      period: spec.periodMs / 1000,
      recentDatapoints: values,
      threshold: spec.threshold,
    }),
    timestamp: timestamp(since),
  };
}

/** As these events write it: with milliseconds, and the zone without a colon. */
const timestamp = (ms: number): string => dateOf(ms).toISOString().replace("Z", "+0000");
