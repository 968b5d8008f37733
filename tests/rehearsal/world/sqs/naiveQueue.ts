/** SQS in the plainest words: every question walks all messages. What the world's queue is held against. */
import type { QueueSpec } from "../../../../rehearsal/world/sqs/queue";

interface NaiveMessage {
  readonly id: number;
  readonly group: string;
  readonly sentAt: number;
  count: number;
  hiddenUntil: number;
  receivedAt: number | undefined;
  receipt: string | undefined;
}

const POISON = 3;

export class NaiveQueue {
  now = 0;
  readonly moved: number[] = [];
  private messages: NaiveMessage[] = [];
  private sent = 0;

  constructor(private readonly spec: QueueSpec) {}

  send(group: string, delayMs: number): void {
    const hiddenUntil = this.now + delayMs;
    const id = ++this.sent;
    this.messages.push({
      id,
      group,
      sentAt: this.now,
      count: 0,
      hiddenUntil,
      receivedAt: undefined,
      receipt: undefined,
    });
  }

  receive(limit: number, timeoutMs: number): { readonly id: number; readonly receipt: string }[] {
    const given: NaiveMessage[] = [];
    while (given.length < limit) {
      const taken = this.next(limit - given.length);
      if (taken.length === 0) break;
      for (const message of taken) {
        if (message.count >= (this.spec.redrive?.maxReceiveCount ?? Infinity)) {
          this.moved.push(message.id);
          this.drop(message);
          continue;
        }
        message.count++;
        message.receivedAt = this.now;
        message.receipt = `${message.id}/${message.count}`;
        message.hiddenUntil = this.now + timeoutMs;
        given.push(message);
      }
    }
    return given.map(({ id, receipt }) => ({ id, receipt: receipt! }));
  }

  delete(receipt: string): boolean {
    const message = this.living().find((each) => each.receipt === receipt);
    if (message === undefined || (this.spec.isFifo && !this.isInFlight(message))) return false;
    this.drop(message);
    return true;
  }

  changeVisibility(receipt: string, timeoutMs: number): boolean {
    const message = this.living().find((each) => each.receipt === receipt);
    if (message === undefined || !this.isInFlight(message)) return false;
    message.hiddenUntil = this.now + timeoutMs;
    return true;
  }

  counts(): { visible: number; inFlight: number; delayed: number } {
    const living = this.living();
    const visible = living.filter(({ hiddenUntil }) => hiddenUntil <= this.now).length;
    const inFlight = living.filter((message) => this.isInFlight(message)).length;
    return { visible, inFlight, delayed: living.length - visible - inFlight };
  }

  private next(most: number): NaiveMessage[] {
    const living = this.living();
    const visible = living.filter(({ hiddenUntil }) => hiddenUntil <= this.now);
    if (!this.spec.isFifo) return visible.sort((a, b) => placeOf(a) - placeOf(b) || a.id - b.id).slice(0, most);
    const blocked = new Set(living.filter((each) => this.isInFlight(each)).map(({ group }) => group));
    const free = visible.filter(({ group }) => !blocked.has(group));
    const groups = [...new Set(free.map(({ group }) => group))];
    return groups.flatMap((group) => free.filter((each) => each.group === group)).slice(0, most);
  }

  private living(): NaiveMessage[] {
    this.messages = this.messages.filter(({ sentAt }) => this.now - sentAt < this.spec.retentionMs);
    return this.messages;
  }

  private isInFlight({ receivedAt, hiddenUntil }: NaiveMessage): boolean {
    return receivedAt !== undefined && hiddenUntil > this.now;
  }

  private drop(message: NaiveMessage): void {
    this.messages = this.messages.filter((each) => each !== message);
  }
}

/** What was received three times goes behind what was sent before it came back. */
const placeOf = ({ sentAt, count, hiddenUntil }: NaiveMessage): number => (count < POISON ? sentAt : hiddenUntil);
