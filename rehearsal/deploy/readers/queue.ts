import { Queue } from "../../world/sqs";
import { json, number, object, text } from "../read";
import type { Reader } from "./reader";

/** SQS's defaults: visibility 30 s, retention 4 days, no delay (semantics §8.3). */
export const readQueue: Reader = ({ inputs, outputs }, { world }) => {
  const redrive = object(json(inputs.redrivePolicy));
  const url = text(outputs.url);
  const queue = new Queue(
    {
      name: text(outputs.name),
      arn: text(outputs.arn),
      url,
      visibilityTimeoutMs: number(inputs.visibilityTimeoutSeconds, 30) * 1000,
      retentionMs: number(inputs.messageRetentionSeconds, 345_600) * 1000,
      delayMs: number(inputs.delaySeconds, 0) * 1000,
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
export const linkDeadLetters: Reader = ({ outputs }, { world }) => {
  const queue = world.queues.get(text(outputs.url));
  if (queue?.spec.redrive === undefined) return;
  queue.deadLetterQueue = [...world.queues.values()].find(
    (each) => each.spec.arn === queue.spec.redrive!.deadLetterTargetArn,
  );
};
