/**
 * What SQS tells CloudWatch of its queues.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
import type { Queue } from "../sqs";
import type { MetricDatum } from "./metric";

export function queueMetrics(queue: Queue, now: number): MetricDatum[] {
  let visible = 0;
  let inFlight = 0;
  let oldest = now;
  for (const { receivedAt, visibleAt, sentAt } of queue.messages.values()) {
    if (now - sentAt >= queue.spec.retentionMs) continue;
    if (visibleAt <= now) visible++;
    else if (receivedAt !== undefined) inFlight++;
    oldest = Math.min(oldest, sentAt);
  }
  const datum = (name: string, value: number): MetricDatum => ({
    namespace: "AWS/SQS",
    name,
    dimensions: { QueueName: queue.spec.name },
    value,
  });
  return [
    datum("ApproximateNumberOfMessagesVisible", visible),
    datum("ApproximateNumberOfMessagesNotVisible", inFlight),
    datum("ApproximateAgeOfOldestMessage", Math.round((now - oldest) / 1000)),
  ];
}
