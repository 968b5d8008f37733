/** SQS: standard queues with delay, visibility timeout, retention and redrive. */
import type { Context } from "./context";
import { PRIORITY, type Timer } from "./clock";
import { SQS } from "./constants";
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
  receivedAt: number | undefined;
  visibleAt: number;
  receiptHandle: string | undefined;
  /** Tells that it is visible. */
  announcement: Timer | undefined;
}

export class Queue {
  /** A message can be received now. */
  readonly available = new Topic<undefined>();
  readonly messages = new Map<string, Message>();
  /** Messages that went to the dead-letter queue, and that nobody deleted within their retention. */
  deadLettered = 0;
  expired = 0;
  private count = 0;
  deadLetterQueue: Queue | undefined;

  constructor(
    readonly spec: QueueSpec,
    private readonly context: Context,
  ) {}

  send(body: string, delayMs: number = this.spec.delayMs): string {
    const { now } = this.context.clock;
    const messageId = `${this.spec.name}-${(++this.count).toString(16).padStart(8, "0")}`;
    this.put({ messageId, body, sentAt: now, visibleAt: now + delayMs });
    return messageId;
  }

  private put(message: Pick<Message, "messageId" | "body" | "sentAt" | "visibleAt">): void {
    const put: Message = {
      ...message,
      receiveCount: 0,
      receivedAt: undefined,
      receiptHandle: undefined,
      announcement: undefined,
    };
    this.messages.set(message.messageId, put);
    this.showAt(put, message.visibleAt);
  }

  /** Messages that were received and are still hidden. */
  get inFlight(): number {
    const { now } = this.context.clock;
    let count = 0;
    for (const { receivedAt, visibleAt } of this.messages.values()) {
      if (receivedAt !== undefined && visibleAt > now) count++;
    }
    return count;
  }

  /** Up to `limit` visible messages; each is hidden for the visibility timeout. */
  receive(limit: number, visibilityTimeoutMs: number = this.spec.visibilityTimeoutMs): Message[] {
    const { now } = this.context.clock;
    const received: Message[] = [];
    const room = this.messages.size < SQS.inFlight ? limit : Math.min(limit, SQS.inFlight - this.inFlight);
    for (const message of this.messages.values()) {
      if (received.length >= room) break;
      if (now - message.sentAt >= this.spec.retentionMs) this.expire(message);
      else if (message.visibleAt > now) continue;
      else if (this.spec.redrive !== undefined && message.receiveCount >= this.spec.redrive.maxReceiveCount) {
        this.deadLetter(message);
      } else {
        message.receiveCount++;
        message.receivedAt = now;
        message.receiptHandle = `${message.messageId}/${message.receiveCount}`;
        this.showAt(message, now + visibilityTimeoutMs);
        received.push(message);
      }
    }
    return received;
  }

  private expire(message: Message): void {
    this.remove(message);
    this.expired++;
  }

  /** One receive more would exceed the count. The message keeps its age. */
  private deadLetter(message: Message): void {
    this.remove(message);
    this.deadLettered++;
    const { messageId, body, sentAt } = message;
    this.deadLetterQueue?.put({ messageId, body, sentAt, visibleAt: this.context.clock.now });
    this.context.log.write("sqs.DeadLettered", { queue: this.spec.name, messageId });
  }

  /** Deletes what was received; an old receipt deletes nothing. */
  delete(receiptHandle: string): void {
    const message = this.received(receiptHandle);
    if (message !== undefined) this.remove(message);
  }

  /** Hides a message that is in flight for so long from now on; false where it isn't, or would be hidden for over 12 h. */
  changeVisibility(receiptHandle: string, timeoutMs: number): boolean {
    const { now } = this.context.clock;
    const message = this.received(receiptHandle);
    if (message?.receivedAt === undefined || message.visibleAt <= now) return false;
    if (now + timeoutMs > message.receivedAt + SQS.longestInvisibleMs) return false;
    this.showAt(message, now + timeoutMs);
    return true;
  }

  private received(receiptHandle: string): Message | undefined {
    const message = this.messages.get(receiptHandle.split("/")[0]!);
    return message?.receiptHandle === receiptHandle ? message : undefined;
  }

  private remove(message: Message): void {
    this.context.clock.cancel(message.announcement);
    this.messages.delete(message.messageId);
  }

  private showAt(message: Message, at: number): void {
    const { clock } = this.context;
    clock.cancel(message.announcement);
    message.visibleAt = at;
    message.announcement = undefined;
    if (at <= clock.now) this.available.publish(undefined);
    else message.announcement = clock.at(at, () => this.available.publish(undefined), PRIORITY.observe);
  }
}
