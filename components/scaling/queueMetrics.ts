/**
 * What a service's queues and workers come to, of what SQS and ECS tell CloudWatch every minute.
 *
 * What is missing must stay missing: each service's minutes come one or two late, and a filled value would then always be the
 * newest. So only messages in flight are filled, of which SQS may tell nothing where there are none; those that wait are told of
 * as long as the queue is in use. Tasks are the samples of the service's CPU metric, one a minute of each that runs.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html
 */
import type * as pulumi from "@pulumi/pulumi";
import { MOST_METRICS, type MetricMath } from "./metricMath";
import { cloudWatchMetric, type CloudWatchMetric, type Measured } from "./scalingMetric";

/** The metrics of one queue: messages that wait, and messages in flight. */
const METRICS_OF_QUEUE = 2;

/** So many queues may be measured beside the tasks; and so many where tasks aren't. */
export const MOST_QUEUES_PER_TASK = Math.floor((MOST_METRICS - 1) / METRICS_OF_QUEUE);
export const MOST_QUEUES = Math.floor(MOST_METRICS / METRICS_OF_QUEUE);

export interface QueuesMeasured extends Measured {
  readonly queueNames: readonly pulumi.Input<string>[];
}

/** Messages that a worker could take. */
export function waitingMessages(measured: QueuesMeasured): MetricMath {
  return { metrics: waiting(measured), expression: sumOfWaiting(measured), id: "waiting", label: "messages that wait" };
}

/** Messages that wait or are being worked on. */
export function openMessages(measured: QueuesMeasured): MetricMath {
  const metrics = { ...waiting(measured), ...inFlight(measured) };
  return { metrics, expression: sumOfOpen(measured), id: "messages", label: "messages" };
}

/** Nothing where no task runs. */
export function messagesPerTask(measured: QueuesMeasured): MetricMath {
  const { metrics } = openMessages(measured);
  const expression = `(${sumOfOpen(measured)}) / tasks`;
  return {
    metrics: { ...metrics, tasks: runningTasks(measured) },
    expression,
    id: "backlog",
    label: "messages per task",
  };
}

/**
 * Messages that wait while nobody works: 0 as soon as a task runs, or as a message is in flight. Were the tasks alone asked for,
 * minutes of theirs that come late would count as none.
 */
export function messagesWithoutTasks(measured: QueuesMeasured): MetricMath {
  const { metrics } = openMessages(measured);
  const working = measured.queueNames.map((_, index) => filledInFlight(index)).join(" + ");
  const expression = `IF(FILL(tasks, 0) + ${working} < 1, ${sumOfWaiting(measured)}, 0)`;
  const all = { ...metrics, tasks: runningTasks(measured) };
  return { metrics: all, expression, id: "unattended", label: "messages that wait while no task runs" };
}

/** Their sum is at least `openMessages`; for whoever adds up by itself. */
export const messageMetrics = (measured: QueuesMeasured): CloudWatchMetric[] =>
  Object.values(openMessages(measured).metrics);

const waiting = ({ queueNames }: QueuesMeasured) =>
  ofQueues(queueNames, "waiting", "ApproximateNumberOfMessagesVisible");

const inFlight = ({ queueNames }: QueuesMeasured) =>
  ofQueues(queueNames, "inFlight", "ApproximateNumberOfMessagesNotVisible");

function ofQueues(
  queueNames: QueuesMeasured["queueNames"],
  id: string,
  metricName: string,
): Record<string, CloudWatchMetric> {
  const metrics = queueNames.map((QueueName, index): [string, CloudWatchMetric] => [
    `${id}${index}`,
    { namespace: "AWS/SQS", metricName, dimensions: { QueueName }, statistic: "Average" },
  ]);
  return Object.fromEntries(metrics);
}

const runningTasks = (measured: Measured): CloudWatchMetric => ({
  ...cloudWatchMetric("cpu", measured),
  statistic: "SampleCount",
});

/** Missing where all are: a queue that nobody has asked for hours is told of late, and would hold up the others. */
const sumOfWaiting = ({ queueNames }: QueuesMeasured): string =>
  `SUM([${queueNames.map((_, index) => `waiting${index}`).join(", ")}])`;

const filledInFlight = (index: number): string => `FILL(inFlight${index}, 0)`;

const sumOfOpen = (measured: QueuesMeasured): string =>
  [sumOfWaiting(measured), ...measured.queueNames.map((_, index) => filledInFlight(index))].join(" + ");
