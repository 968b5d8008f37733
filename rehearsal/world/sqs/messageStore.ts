/** What is in a queue, and where each message stands. Nothing here looks at all of them. */
import type { Context } from "../context";
import { SQS } from "../constants";
import { FifoOrder } from "./fifoOrder";
import { LiveHeap } from "./liveHeap";
import type { Message, StoredMessage, Whereabouts } from "./message";
import type { Order } from "./order";
import type { QueueSpec } from "./queueSpec";
import { StandardOrder } from "./standardOrder";

/** When a message that is hidden becomes visible; obsolete once its visibility has been changed. */
interface Hidden {
  readonly message: StoredMessage;
  readonly until: number;
}

const isHidden = ({ whereabouts }: StoredMessage): boolean => whereabouts === "delayed" || whereabouts === "inFlight";

export class MessageStore {
  readonly messages = new Map<string, StoredMessage>();
  /** Whether a message may have become receivable since this was last set. */
  hasNews = false;
  private readonly standing: Record<Whereabouts, number> = { delayed: 0, visible: 0, inFlight: 0, gone: 0 };
  private readonly order: Order;
  private readonly hidden = new LiveHeap<Hidden>(
    (a, b) => a.until - b.until || a.message.sequence - b.message.sequence,
    ({ message, until }) => message.hiddenUntil === until && isHidden(message),
  );
  private readonly byExpiry = new LiveHeap<StoredMessage>(
    (a, b) => a.sentAt - b.sentAt || a.sequence - b.sequence,
    ({ whereabouts }) => whereabouts !== "gone",
  );
  /** Those whose age CloudWatch is told. */
  private readonly unspoiled: LiveHeap<StoredMessage>;
  private sequence = 0;

  constructor(
    private readonly spec: QueueSpec,
    private readonly context: Context,
    private readonly expired: (message: StoredMessage) => void,
  ) {
    const visible = (): number => this.standing.visible;
    this.order = spec.isFifo ? new FifoOrder(visible) : new StandardOrder(spec.name, context, visible);
    this.unspoiled = new LiveHeap(
      (a, b) => a.sequence - b.sequence,
      ({ whereabouts, receiveCount }) => whereabouts !== "gone" && (spec.isFifo || receiveCount < SQS.poisonReceives),
    );
  }

  count(whereabouts: Whereabouts): number {
    return this.standing[whereabouts];
  }

  /** When the oldest message came; of a standard queue those don't count that keep coming back. */
  get oldestSince(): number | undefined {
    return this.unspoiled.peek()?.enteredAt;
  }

  /** When next something becomes visible or too old. */
  get nextDue(): number | undefined {
    const shown = this.hidden.peek()?.until;
    const oldest = this.byExpiry.peek();
    if (oldest === undefined) return undefined;
    return Math.min(shown ?? Infinity, oldest.sentAt + this.spec.retentionMs);
  }

  put(
    message: Pick<Message, "messageId" | "body" | "sentAt" | "groupId" | "attributes">,
    delayMs: number,
  ): StoredMessage {
    const { now } = this.context.clock;
    const stored: StoredMessage = {
      ...message,
      receiveCount: 0,
      sequence: this.sequence++,
      enteredAt: now,
      whereabouts: "gone",
      hiddenUntil: now,
      receivedAt: now,
      receiptHandle: undefined,
      ticket: 0,
    };
    this.messages.set(stored.messageId, stored);
    this.byExpiry.push(stored, this.messages.size);
    this.unspoiled.push(stored, this.messages.size);
    this.hide(stored, "delayed", now + delayMs);
    return stored;
  }

  /** The next visible messages; each is to be hidden or removed. */
  take(most: number): StoredMessage[] {
    return this.order.take(most);
  }

  /** It is in flight, and one receiver more can have it all the same. */
  copy(message: StoredMessage): void {
    this.order.add(message);
  }

  hide(message: StoredMessage, as: "delayed" | "inFlight", until: number): void {
    this.move(message, as);
    message.hiddenUntil = until;
    if (until <= this.context.clock.now) this.show(message);
    else this.hidden.push({ message, until }, this.standing.delayed + this.standing.inFlight);
  }

  remove(message: StoredMessage, wasTaken = message.whereabouts === "inFlight"): void {
    this.messages.delete(message.messageId);
    this.move(message, "gone");
    if (!wasTaken) return this.order.drop(message);
    this.order.release(message);
    if (this.spec.isFifo && this.standing.visible > 0) this.hasNews = true;
  }

  /** What became visible, and what is too old, by now. */
  settle(): void {
    const { now } = this.context.clock;
    for (let due = this.hidden.peek(); due !== undefined && due.until <= now; due = this.hidden.peek()) {
      this.show(due.message);
    }
    for (let oldest = this.byExpiry.peek(); oldest !== undefined; oldest = this.byExpiry.peek()) {
      if (now - oldest.sentAt < this.spec.retentionMs) break;
      this.remove(oldest);
      this.expired(oldest);
    }
  }

  private show(message: StoredMessage): void {
    const { whereabouts } = message;
    this.move(message, "visible");
    if (whereabouts === "inFlight") this.order.release(message);
    this.order.add(message);
    this.hasNews = true;
  }

  private move(message: StoredMessage, to: Whereabouts): void {
    if (message.whereabouts !== "gone") this.standing[message.whereabouts]--;
    message.whereabouts = to;
    if (to !== "gone") this.standing[to]++;
  }
}
