/**
 * A standard queue's order, which is best effort: the oldest first, or mixed within some seconds. What was received three times
 * goes to the back.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
import { SQS } from "../constants";
import type { Context } from "../context";
import { LiveHeap } from "./liveHeap";
import type { StoredMessage } from "./message";
import type { Order } from "./order";

interface Entry {
  readonly message: StoredMessage;
  readonly place: number;
  readonly ticket: number;
}

export class StandardOrder implements Order {
  private readonly waiting = new LiveHeap<Entry>(
    (a, b) => a.place - b.place || a.message.sequence - b.message.sequence,
    ({ message, ticket }) => message.ticket === ticket,
  );
  private tickets = 0;
  private readonly disorder: () => number;

  constructor(
    name: string,
    private readonly context: Context,
    private readonly visible: () => number,
  ) {
    const random = context.random(`sqs/order/${name}`);
    this.disorder = context.flags.sqsOrder === "mixed" ? () => random() * SQS.disorderMs : () => 0;
  }

  add(message: StoredMessage): void {
    const from = message.receiveCount < SQS.poisonReceives ? message.enteredAt : this.context.clock.now;
    message.ticket = ++this.tickets;
    this.waiting.push({ message, place: from + this.disorder(), ticket: message.ticket }, this.visible());
  }

  take(most: number): StoredMessage[] {
    const taken: StoredMessage[] = [];
    while (taken.length < most) {
      const entry = this.waiting.pop();
      if (entry === undefined) break;
      entry.message.ticket = 0;
      taken.push(entry.message);
    }
    return taken;
  }

  /** Nobody gets its copy any more. */
  release(message: StoredMessage): void {
    message.ticket = 0;
  }

  drop(message: StoredMessage): void {
    message.ticket = 0;
  }
}
