/** What every alarm says of itself. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { EventsFunction } from "../eventsFunction";

/** An alarm's own: what it looks at, and when it goes off. */
export type AlarmSpec = Omit<aws.cloudwatch.MetricAlarmArgs, "alarmActions" | "okActions" | "tags"> & {
  readonly alarmDescription: string;
  readonly evaluationPeriods: number;
};

/** Goes off with the first one in a minute. */
export function anyOf(namespace: string, metricName: string, dimensions: Record<string, pulumi.Input<string>>) {
  const observed = { namespace, metricName, dimensions, statistic: "Sum", period: 60 };
  return { ...observed, comparisonOperator: "GreaterThanThreshold", threshold: 0, evaluationPeriods: 1 };
}

/** A function that is fed by a queue of its own. */
export type WatchedFunction = Pick<EventsFunction, "callback" | "events">;

/** What of any such function needs a person. */
export function functionAlarms(
  whose: string,
  part: string,
  { callback, events }: WatchedFunction,
  dimensions: Record<string, pulumi.Input<string>>,
  failedActions = "FailedActions",
): Record<string, AlarmSpec> {
  const deadLetters = { QueueName: events.deadLetterQueue.name };
  return {
    [`${part}-failed-actions`]: {
      ...anyOf("Spotproof", failedActions, dimensions),
      alarmDescription: `${whose} decided something that was not carried out`,
    },
    [`${part}-errors`]: {
      ...anyOf("AWS/Lambda", "Errors", { FunctionName: callback.function.name }),
      alarmDescription: `${whose} failed as a whole`,
    },
    [`${part}-dead-letters`]: {
      ...anyOf("AWS/SQS", "ApproximateNumberOfMessagesVisible", deadLetters),
      statistic: "Maximum",
      alarmDescription: `${whose} failed four times at one message`,
    },
  };
}
