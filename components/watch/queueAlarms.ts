/** What needs a person in the queues of a worker tier. */
import type * as pulumi from "@pulumi/pulumi";
import { anyOf, type AlarmSpec } from "./alarmSpec";
import { makeAlarms, type Alarms, type AlarmSettings } from "./alarms";

export const QUEUE_ALARM_DEFAULTS = { mostFailedJobs: 10 };

export interface WatchedQueue {
  /** What the program calls it. */
  readonly key: string;
  /** AWS's. */
  readonly name: pulumi.Input<string>;
  /** AWS's, where it is known. */
  readonly deadLetterQueueName?: pulumi.Input<string>;
  /** The age that a message may have: what waiting and its job take, since SQS counts until it is deleted. */
  readonly oldestSeconds: number;
}

export interface QueueAlarmsSettings extends AlarmSettings {
  readonly queues: readonly WatchedQueue[];
  readonly mostFailedJobs: number;
}

/** Replacing an interrupted instance takes a few minutes, in which messages may wait for longer. */
const TOO_OLD_MINUTES = 5;
const FAILED_MINUTES = 5;

/** Named by the queue: `high-too-old`, `high-dead-letters`, `high-failing`, `high-heartbeats`. */
export function makeQueueAlarms(name: string, settings: QueueAlarmsSettings, parent: pulumi.Resource): Alarms {
  const specs = settings.queues.flatMap((queue) => queueSpecs(name, queue, settings));
  return makeAlarms(name, Object.fromEntries(specs), settings, parent);
}

function queueSpecs(name: string, queue: WatchedQueue, { mostFailedJobs }: QueueAlarmsSettings): [string, AlarmSpec][] {
  const { key, oldestSeconds, deadLetterQueueName } = queue;
  const ofQueue = { QueueName: queue.name };
  const tooOld: AlarmSpec = {
    ...anyOf("AWS/SQS", "ApproximateAgeOfOldestMessage", ofQueue),
    statistic: "Maximum",
    threshold: oldestSeconds,
    evaluationPeriods: TOO_OLD_MINUTES,
    alarmDescription: `${name}: for ${TOO_OLD_MINUTES} minutes the oldest message of ${key} has been older than ${oldestSeconds} s, the job included`,
  };
  const failing: AlarmSpec = {
    ...anyOf("Spotproof", "JobsFailed", ofQueue),
    period: FAILED_MINUTES * 60,
    threshold: mostFailedJobs,
    alarmDescription: `${name}: more than ${mostFailedJobs} jobs of ${key} failed within ${FAILED_MINUTES} minutes`,
  };
  const heartbeats: AlarmSpec = {
    ...anyOf("Spotproof", "HeartbeatFailures", ofQueue),
    period: FAILED_MINUTES * 60,
    alarmDescription: `${name}: workers could not keep jobs of ${key} hidden, which others may do again`,
  };
  const specs: [string, AlarmSpec][] = [
    [`${key}-too-old`, tooOld],
    [`${key}-failing`, failing],
    [`${key}-heartbeats`, heartbeats],
  ];
  if (deadLetterQueueName === undefined) return specs;
  const dead: AlarmSpec = {
    ...anyOf("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: deadLetterQueueName }),
    statistic: "Maximum",
    alarmDescription: `${name}: jobs of ${key} failed too often and are dead letters now`,
  };
  return [...specs, [`${key}-dead-letters`, dead]];
}
