/** SQS: standard and FIFO queues with delay, visibility timeout, long polling, retention and redrive. */
import type { Context } from "../context";
import { PRIORITY, type Timer } from "../clock";
import { SQS } from "../constants";
import { noFaults, type Faults } from "../faults";
import { Topic } from "../topic";
import { Deduplication } from "./deduplication";
import { received, type Message, type ReceivedMessage, type StoredMessage } from "./message";
import { MessageStore } from "./messageStore";
import { sendProblem, type QueueSpec, type SendOptions } from "./queueSpec";
import { Waiters, type Answer, type Poll } from "./waiters";

export type { Message, ReceivedMessage } from "./message";
export type { QueueSpec, SendOptions } from "./queueSpec";

export interface Reception extends ReceivedMessage {
  /** It was in flight: SQS gave it twice. */
  readonly isDuplicate: boolean;
}

export class Queue {
  /** A message can be received now. */
  readonly available = new Topic<undefined>();
  readonly events = {
    sent: new Topic<Message>(),
    received: new Topic<Reception>(),
    deleted: new Topic<Message>(),
    deadLettered: new Topic<Message>(),
    /** Nobody deleted it within its retention. */
    expired: new Topic<Message>(),
  };
  /** Since the start. */
  readonly counts = { sent: 0, received: 0, emptyReceives: 0, deleted: 0, deadLettered: 0, expired: 0 };
  /** When somebody last sent, received, deleted or changed something here. */
  lastCallAt: number;
  faults: Faults = noFaults;
  deadLetterQueue: Queue | undefined;
  private readonly store: MessageStore;
  private readonly deduplication: Deduplication;
  private readonly waiters: Waiters;
  private readonly random: () => number;
  private wake: Timer | undefined;

  constructor(
    readonly spec: QueueSpec,
    private readonly context: Context,
  ) {
    this.store = new MessageStore(spec, context, (message) => {
      this.counts.expired++;
      this.events.expired.publish(message);
    });
    this.deduplication = new Deduplication(spec, context.clock);
    this.waiters = new Waiters(context.clock, ({ most, visibilityTimeoutMs }) => this.take(most, visibilityTimeoutMs));
    this.lastCallAt = context.clock.now;
    this.random = context.random(`sqs/duplicates/${spec.name}`);
  }

  /** Returns the message's id; a duplicate in a FIFO queue has that of the message before. */
  send(body: string, options: SendOptions = {}): string {
    const problem = sendProblem(this.spec, options);
    if (problem !== undefined) throw new Error(problem);
    this.called();
    return this.deduplication.idOf(body, options, () => {
      const messageId = `${this.spec.name}-${(++this.counts.sent).toString(16).padStart(8, "0")}`;
      const { groupId, attributes = {}, delayMs = this.spec.delayMs } = options;
      const sentAt = this.context.clock.now;
      this.events.sent.publish(this.put({ messageId, body, sentAt, groupId, attributes }, delayMs));
      return messageId;
    });
  }

  /** Up to `limit` visible messages; each is hidden for the visibility timeout. */
  receive(limit: number, visibilityTimeoutMs?: number): ReceivedMessage[] {
    this.called();
    const messages = this.take(limit, visibilityTimeoutMs);
    if (messages.length === 0) this.counts.emptyReceives++;
    return messages;
  }

  /** Long polling: answers as soon as there is a message, or with none when the time is over. Who cancels receives nothing. */
  poll(request: Poll, answer: Answer): { cancel(): void } {
    this.called();
    return this.waiters.add(request, request.waitMs ?? this.spec.receiveWaitMs, (messages) => {
      if (messages.length === 0) this.counts.emptyReceives++;
      answer(messages);
    });
  }

  /** Deletes what was received; an old receipt deletes nothing, nor does a lapsed one in a FIFO queue. */
  delete(receiptHandle: string): boolean {
    const message = this.receivedAs(receiptHandle);
    if (message === undefined || (this.spec.isFifo && message.whereabouts !== "inFlight")) return false;
    this.counts.deleted++;
    this.store.remove(message);
    this.events.deleted.publish(message);
    this.announce();
    return true;
  }

  /** Hides a message that is in flight for so long from now on; false where it isn't, or would be hidden for over 12 h. */
  changeVisibility(receiptHandle: string, timeoutMs: number): boolean {
    const { now } = this.context.clock;
    const message = this.receivedAs(receiptHandle);
    if (message?.whereabouts !== "inFlight") return false;
    if (now + timeoutMs > message.receivedAt + SQS.longestInvisibleMs) return false;
    this.hide(message, now + timeoutMs);
    this.announce();
    return true;
  }

  /** All that are in the queue, by id. */
  get messages(): ReadonlyMap<string, StoredMessage> {
    return this.settled.messages;
  }

  get visible(): number {
    return this.settled.count("visible");
  }

  /** Messages that were received and are still hidden. */
  get inFlight(): number {
    return this.settled.count("inFlight");
  }

  /** As many are in flight as SQS allows. */
  get isFull(): boolean {
    return this.inFlight >= SQS.inFlight;
  }

  /** Messages whose delay isn't over. */
  get delayed(): number {
    return this.settled.count("delayed");
  }

  /** How long the oldest message has been in this queue; of a standard queue those don't count that keep coming back. */
  get ageOfOldestMs(): number {
    const { now } = this.context.clock;
    return now - (this.settled.oldestSince ?? now);
  }

  private called(): void {
    this.lastCallAt = this.context.clock.now;
  }

  private get settled(): MessageStore {
    this.store.settle();
    return this.store;
  }

  private put(message: Parameters<MessageStore["put"]>[0], delayMs: number): Message {
    const stored = this.store.put(message, delayMs);
    this.wakeAt(this.store.nextDue);
    this.announce();
    return stored;
  }

  private hide(message: StoredMessage, until: number): void {
    this.store.hide(message, "inFlight", until);
    this.wakeAt(until);
  }

  private take(limit: number, visibilityTimeoutMs: number = this.spec.visibilityTimeoutMs): ReceivedMessage[] {
    const store = this.settled;
    const room = Math.min(limit, SQS.inFlight - store.count("inFlight"));
    const receptions: Reception[] = [];
    const copied: StoredMessage[] = [];
    while (receptions.length < room) {
      const taken = store.take(room - receptions.length);
      if (taken.length === 0) break;
      for (const message of taken) {
        const isDuplicate = message.whereabouts === "inFlight";
        if (this.isPoison(message)) {
          if (!isDuplicate) this.deadLetter(message);
          continue;
        }
        receptions.push({ ...this.give(message, visibilityTimeoutMs), isDuplicate });
        if (!this.spec.isFifo && this.faults.deliversTwice(this.random)) copied.push(message);
      }
    }
    for (const message of copied) store.copy(message);
    for (const reception of receptions) this.events.received.publish(reception);
    return receptions;
  }

  private isPoison({ receiveCount }: StoredMessage): boolean {
    return this.spec.redrive !== undefined && receiveCount >= this.spec.redrive.maxReceiveCount;
  }

  private give(message: StoredMessage, visibilityTimeoutMs: number): ReceivedMessage {
    const { now } = this.context.clock;
    this.counts.received++;
    message.receiveCount++;
    message.receivedAt = now;
    message.receiptHandle = `${message.messageId}/${message.receiveCount}`;
    this.hide(message, now + visibilityTimeoutMs);
    return received(message, message.receiptHandle);
  }

  /** One receive more would exceed the count. In a standard queue the message keeps its age. */
  private deadLetter(message: StoredMessage): void {
    const { now } = this.context.clock;
    const { messageId, body, groupId, attributes } = message;
    this.counts.deadLettered++;
    this.store.remove(message, true);
    const sentAt = this.spec.isFifo ? now : message.sentAt;
    this.deadLetterQueue?.put({ messageId, body, sentAt, groupId, attributes }, 0);
    this.context.log.write("sqs.DeadLettered", { queue: this.spec.name, messageId });
    this.events.deadLettered.publish(message);
  }

  private receivedAs(receiptHandle: string): StoredMessage | undefined {
    this.called();
    const message = this.settled.messages.get(receiptHandle.slice(0, receiptHandle.lastIndexOf("/")));
    return message?.receiptHandle === receiptHandle ? message : undefined;
  }

  /** Tells who waits for a message. */
  private announce(): void {
    if (this.store.hasNews) {
      this.store.hasNews = false;
      this.available.publish(undefined);
    }
    this.waiters.serveSoon();
  }

  /** Looks again then, or before. */
  private wakeAt(at: number | undefined): void {
    const { clock } = this.context;
    if (at === undefined || (this.wake !== undefined && this.wake.at <= at)) return;
    clock.cancel(this.wake);
    this.wake = clock.at(at, () => this.look(), PRIORITY.observe);
  }

  private look(): void {
    this.wake = undefined;
    this.store.settle();
    this.announce();
    this.wakeAt(this.store.nextDue);
  }
}
