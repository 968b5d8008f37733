/**
 * What many a container does with a queue: one message at a time, deleted when it is done. Nothing protects its work, and a
 * message whose handler fails comes back when its visibility timeout is over.
 */
import type { ConsumerQueue } from "../../runtime/consumer/options";
import type { ReceivedMessage, SqsPort } from "../../runtime/consumer/port";
import type { Timers } from "../../runtime/timers";

/** SQS developer guide, sqs-short-and-long-polling: the longest. */
const LONGEST_WAIT_SECONDS = 20;
/** SQS's own. */
const DEFAULT_VISIBILITY_SECONDS = 30;
const RETRY_MS = 1000;

type PlainQueue = Pick<ConsumerQueue, "url" | "visibilityTimeoutSeconds">;

export type PlainHandler = (message: ReceivedMessage) => Promise<void>;

export interface PlainConsumerOptions {
  readonly port: SqsPort;
  /** In order of priority. */
  readonly queues: readonly PlainQueue[];
  readonly handler: PlainHandler;
  /** Whether it extends the visibility timeout while it works. */
  readonly heartbeat: boolean;
  readonly timers: Timers;
}

export class PlainConsumer {
  private isStopping = false;
  private running: Promise<void> | undefined;

  constructor(private readonly options: PlainConsumerOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /** Takes nothing more; resolves when what is in hand is finished. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isStopping) {
      try {
        await this.takeOne();
      } catch {
        await new Promise<void>((resolve) => this.options.timers.after(RETRY_MS, resolve));
      }
    }
  }

  /** Whoever comes later in the order is asked only when those before have nothing; the last is waited for. */
  private async takeOne(): Promise<void> {
    const { port, queues } = this.options;
    for (const [index, queue] of queues.entries()) {
      const waitSeconds = index === queues.length - 1 ? LONGEST_WAIT_SECONDS : 0;
      const { url: queueUrl, visibilityTimeoutSeconds = DEFAULT_VISIBILITY_SECONDS } = queue;
      const [message] = await port.receive({ queueUrl, most: 1, waitSeconds, visibilityTimeoutSeconds });
      if (message !== undefined) return this.work(queue, message);
    }
  }

  private async work(queue: PlainQueue, message: ReceivedMessage): Promise<void> {
    const { port, handler } = this.options;
    const stopHeartbeat = this.beat(queue, message);
    try {
      await handler(message);
      await port.delete(queue.url, [message.receiptHandle]);
    } finally {
      stopHeartbeat();
    }
  }

  /** Each time that half of the visibility timeout is over. */
  private beat(queue: PlainQueue, { receiptHandle }: ReceivedMessage): () => void {
    const { url, visibilityTimeoutSeconds = DEFAULT_VISIBILITY_SECONDS } = queue;
    const { port, heartbeat, timers } = this.options;
    if (!heartbeat) return () => undefined;
    let timer: unknown;
    const next = (): void => {
      timer = timers.after((visibilityTimeoutSeconds * 1000) / 2, () => {
        port.changeVisibility(url, [{ receiptHandle, visibilityTimeoutSeconds }]).catch(() => undefined);
        next();
      });
    };
    next();
    return () => timers.cancel(timer);
  }
}
