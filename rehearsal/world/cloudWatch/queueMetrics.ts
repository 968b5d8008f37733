/**
 * What SQS tells CloudWatch of a queue, every minute while it is active: it has messages, or was called in the last six hours.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-monitoring-using-cloudwatch.html
 */
import { SQS } from "../constants";
import type { Context } from "../context";
import type { Queue } from "../sqs/queue";
import type { MetricDatum } from "./metric";

type Counts = Readonly<Queue["counts"]>;

/** Counted since the minute before. */
const COUNTED = {
  NumberOfMessagesSent: "sent",
  NumberOfMessagesReceived: "received",
  NumberOfMessagesDeleted: "deleted",
  NumberOfEmptyReceives: "emptyReceives",
} as const satisfies Readonly<Record<string, keyof Counts>>;

interface Known {
  readonly counts: Counts;
  readonly isActive: boolean;
  /** Nothing is told before. */
  readonly notBefore: number;
}

export class QueueMetrics {
  private readonly known = new WeakMap<Queue, Known>();

  constructor(private readonly context: Context) {}

  of(queue: Queue): MetricDatum[] {
    const { clock } = this.context;
    const before = this.known.get(queue) ?? { counts: NONE, isActive: true, notBefore: 0 };
    const isActive = queue.messages.size > 0 || clock.now - queue.lastCallAt < SQS.activeMs;
    const notBefore = isActive && !before.isActive ? clock.now + this.lateMs : before.notBefore;
    this.known.set(queue, { counts: { ...queue.counts }, isActive, notBefore });
    if (!isActive) return [];
    const values = { ...standing(queue, this.context.flags.sqsReportsZero), ...since(queue.counts, before.counts) };
    const dimensions = { QueueName: queue.spec.name };
    return Object.entries(values).map(([name, value]) => ({
      namespace: "AWS/SQS",
      name,
      dimensions,
      value,
      notBefore,
    }));
  }

  private get lateMs(): number {
    return this.context.flags.sqsWakesLateMinutes * 60_000;
  }
}

const NONE: Counts = { sent: 0, received: 0, emptyReceives: 0, deleted: 0, deadLettered: 0, expired: 0 };

/** `withZero`: what there is none of is told of, too. */
function standing(queue: Queue, withZero: boolean): Readonly<Record<string, number>> {
  const { visible, inFlight, delayed, ageOfOldestMs } = queue;
  return {
    ApproximateNumberOfMessagesVisible: visible,
    ...((withZero || inFlight > 0) && { ApproximateNumberOfMessagesNotVisible: inFlight }),
    ...((withZero || delayed > 0) && { ApproximateNumberOfMessagesDelayed: delayed }),
    ...((withZero || queue.messages.size > 0) && { ApproximateAgeOfOldestMessage: Math.round(ageOfOldestMs / 1000) }),
  };
}

const since = (now: Counts, before: Counts): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(COUNTED).map(([name, count]) => [name, now[count] - before[count]]));
