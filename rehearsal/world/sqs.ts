/** SQS: standard queues with delay, visibility timeout, retention and redrive. */
import type { Context } from "./context";
import { PRIORITY } from "./clock";
import { Topic } from "./topic";

export interface QueueSpec {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeoutMs: number;
  readonly retentionMs: number;
  readonly delayMs: number;
  readonly redrive: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number } | undefined;
}

export interface Message {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: number;
  receiveCount: number;
  visibleAt: number;
  receiptHandle: string | undefined;
}

export class Queue {
  /** A message can be received now. */
  readonly available = new Topic<undefined>();
  readonly messages = new Map<string, Message>();
  /** Messages that went to the dead-letter queue, and that nobody received within their retention. */
  deadLettered = 0;
  expired = 0;
  private count = 0;
  deadLetterQueue: Queue | undefined;

  constructor(
    readonly spec: QueueSpec,
    private readonly context: Context,
  ) {}

  send(body: string, delayMs: number = this.spec.delayMs): string {
    const { clock } = this.context;
    const messageId = `${this.spec.name}-${(++this.count).toString(16).padStart(8, "0")}`;
    this.messages.set(messageId, {
      messageId,
      body,
      sentAt: clock.now,
      receiveCount: 0,
      visibleAt: clock.now + delayMs,
      receiptHandle: undefined,
    });
    this.announce(clock.now + delayMs);
    return messageId;
  }

  /** Up to `limit` visible messages; each is hidden for the visibility timeout. */
  receive(limit: number): Message[] {
    const { now } = this.context.clock;
    const received: Message[] = [];
    for (const message of this.messages.values()) {
      if (received.length === limit) break;
      if (message.visibleAt > now) continue;
      if (now - message.sentAt > this.spec.retentionMs) {
        this.messages.delete(message.messageId);
        this.expired++;
      } else if (this.spec.redrive !== undefined && message.receiveCount >= this.spec.redrive.maxReceiveCount) {
        this.messages.delete(message.messageId);
        this.deadLettered++;
        this.deadLetterQueue?.send(message.body);
        this.context.log.write("sqs.DeadLettered", { queue: this.spec.name, messageId: message.messageId });
      } else {
        message.receiveCount++;
        message.receiptHandle = `${message.messageId}/${message.receiveCount}`;
        this.setVisibleAt(message, now + this.spec.visibilityTimeoutMs);
        received.push(message);
      }
    }
    return received;
  }

  /** Deletes what was received; an old receipt deletes nothing. */
  delete(receiptHandle: string): void {
    const message = this.messages.get(receiptHandle.split("/")[0]!);
    if (message?.receiptHandle === receiptHandle) this.messages.delete(message.messageId);
  }

  private setVisibleAt(message: Message, at: number): void {
    message.visibleAt = at;
    this.announce(at);
  }

  private announce(at: number): void {
    if (at === this.context.clock.now) this.available.publish(undefined);
    else this.context.clock.at(at, () => this.available.publish(undefined), PRIORITY.observe);
  }
}
