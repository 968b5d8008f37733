/** The consumers that are compared, each as its documentation would have it for many short jobs. */
import type { SQS } from "@aws-sdk/client-sqs";
import { Consumer, type ConsumerOptions } from "sqs-consumer";
import { Squiss } from "squiss-ts";
import { sdkSqs, SqsConsumer, type SqsConsumerOptions } from "../../runtime";

export interface Setting {
  readonly sqs: SQS;
  readonly queueUrl: string;
  readonly work: () => Promise<void>;
}

/** Starts a consumer; what it resolves with stops it. */
export type Start = (setting: Setting) => Promise<() => unknown>;

/** Jobs at once, for all of them: as many as sqs-consumer can work on. */
export const CONCURRENCY = 10;
const VISIBILITY_TIMEOUT_SECONDS = 60;
/** As ours: so long a delete waits for others to go with it. */
const LINGER_MS = 20;

export const CONSUMERS = {
  "SqsConsumer, handler": (setting) => ours(setting, { handler: setting.work, concurrency: CONCURRENCY }),
  "SqsConsumer, batchHandler": (setting) => ours(setting, { batchHandler: (jobs) => all(jobs.length, setting.work) }),
  "sqs-consumer, handleMessage": (setting) =>
    sqsConsumer(setting, { handleMessage: (message) => setting.work().then(() => message) }),
  "sqs-consumer, handleMessageBatch": (setting) =>
    sqsConsumer(setting, { handleMessageBatch: (messages) => all(messages.length, setting.work).then(() => messages) }),
  "squiss-ts": squiss,
  "the SDK alone, in batches": sdkAlone,
} satisfies Record<string, Start>;

export type ConsumerName = keyof typeof CONSUMERS;

async function all(count: number, work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: count }, work));
}

function ours(
  { sqs, queueUrl: url }: Setting,
  handling: Pick<SqsConsumerOptions, "handler" | "batchHandler" | "concurrency">,
): Promise<() => unknown> {
  const queues = [{ name: "queue", url, visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS }];
  const consumer = new SqsConsumer({ sqs: sdkSqs(sqs), queues, ...handling } as SqsConsumerOptions);
  consumer.start();
  return Promise.resolve(() => consumer.stop());
}

function sqsConsumer(
  { sqs, queueUrl }: Setting,
  handling: Pick<ConsumerOptions, "handleMessage" | "handleMessageBatch">,
): Promise<() => unknown> {
  const consumer = Consumer.create({
    sqs,
    queueUrl,
    batchSize: CONCURRENCY,
    visibilityTimeout: VISIBILITY_TIMEOUT_SECONDS,
    heartbeatInterval: VISIBILITY_TIMEOUT_SECONDS / 2,
    messageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp"],
    messageAttributeNames: ["All"],
    ...handling,
  });
  consumer.start();
  return Promise.resolve(() => consumer.stop());
}

async function squiss({ sqs, queueUrl, work }: Setting): Promise<() => unknown> {
  const consumer = new Squiss({
    SQS: sqs,
    queueUrl,
    maxInFlight: CONCURRENCY,
    visibilityTimeoutSecs: VISIBILITY_TIMEOUT_SECONDS,
    autoExtendTimeout: true,
    deleteWaitMs: LINGER_MS,
  });
  consumer.on("message", (message) => void work().then(() => message.del()));
  await consumer.start();
  return () => consumer.stop(true);
}

/** What any consumer on the SDK pays at least: a receive and a delete for ten. */
function sdkAlone({ sqs, queueUrl: QueueUrl, work }: Setting): Promise<() => unknown> {
  let isStopped = false;
  const run = async (): Promise<void> => {
    while (!isStopped) {
      const { Messages = [] } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: CONCURRENCY });
      await all(Messages.length, work);
      const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      if (Entries.length > 0) await sqs.deleteMessageBatch({ QueueUrl, Entries });
    }
  };
  const running = run();
  return Promise.resolve(() => {
    isStopped = true;
    return running;
  });
}
