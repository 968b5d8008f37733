import { consumerSettingsOf } from "../../jobs/workerSettings";
import { Queue } from "../../world/sqs/queue";
import { isTrue, json, number, object, text } from "../read";
import { oneOf } from "./oneOf";
import type { Reader } from "./reader";

/** SQS's defaults: visibility 30 s, retention 4 days, no delay (semantics §8.3). */
export const readQueue: Reader = ({ name, inputs, outputs }, { world }) => {
  const redrive = object(json(inputs.redrivePolicy));
  const url = text(outputs.url);
  const queue = new Queue(
    {
      name: text(outputs.name),
      arn: text(outputs.arn),
      url,
      isFifo: isTrue(inputs.fifoQueue),
      contentBasedDeduplication: isTrue(inputs.contentBasedDeduplication),
      deduplicationScope: oneOf(inputs.deduplicationScope ?? "queue", ["queue", "messageGroup"], `queue ${name}`),
      visibilityTimeoutMs: number(inputs.visibilityTimeoutSeconds, 30) * 1000,
      retentionMs: number(inputs.messageRetentionSeconds, 345_600) * 1000,
      delayMs: number(inputs.delaySeconds, 0) * 1000,
      receiveWaitMs: number(inputs.receiveWaitTimeSeconds, 0) * 1000,
      redrive:
        redrive.deadLetterTargetArn === undefined
          ? undefined
          : {
              deadLetterTargetArn: text(redrive.deadLetterTargetArn),
              maxReceiveCount: number(redrive.maxReceiveCount, 10),
            },
    },
    world.context,
  );
  world.queues.set(url, queue);
};

/** Once every queue is there, each knows its dead-letter queue. */
export const linkDeadLetters: Reader = ({ name, outputs }, { world, notModelled }) => {
  const queue = world.queues.get(text(outputs.url));
  if (queue?.spec.redrive === undefined) return;
  const { deadLetterTargetArn } = queue.spec.redrive;
  queue.deadLetterQueue = [...world.queues.values()].find(({ spec }) => spec.arn === deadLetterTargetArn);
  if (queue.deadLetterQueue === undefined) {
    notModelled(`queue ${name}: what goes to ${deadLetterTargetArn}, which the program doesn't declare, is gone`);
  }
};

/** Once every service is there: the queues that its tasks take jobs from and that aren't. */
export const listUnknownQueues: Reader = ({ name, outputs }, { world, notModelled }) => {
  const services = [...world.clusters.values()].flatMap((cluster) => [...cluster.services.values()]);
  const service = services.find(({ spec }) => spec.arn === text(outputs.arn));
  if (service === undefined) return;
  for (const { url } of consumerSettingsOf(service.spec.taskDefinition)?.queues ?? []) {
    if (world.queues.has(url)) continue;
    notModelled(`service ${name}: it takes jobs from ${url}, which the program doesn't declare: nothing is sent there`);
  }
};
