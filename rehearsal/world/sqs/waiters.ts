/** Long polling: who waits for messages of a queue. Whoever waits longest is answered first, never inside another's call. */
import { PRIORITY, type Clock, type Timer } from "../clock";
import type { ReceivedMessage } from "./message";

export interface Poll {
  /** 1 to 10 */
  readonly most: number;
  /** @default the queue's */
  readonly waitMs?: number;
  /** @default the queue's */
  readonly visibilityTimeoutMs?: number;
}

export type Answer = (messages: readonly ReceivedMessage[]) => void;

interface Waiter {
  readonly request: Poll;
  readonly answer: Answer;
  end: Timer | undefined;
}

export class Waiters {
  private readonly waiting = new Set<Waiter>();
  private serving: Timer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly receive: (request: Poll) => readonly ReceivedMessage[],
  ) {}

  add(request: Poll, waitMs: number, answer: Answer): { cancel(): void } {
    const waiter: Waiter = { request, answer, end: undefined };
    this.waiting.add(waiter);
    this.serveSoon();
    waiter.end = this.clock.after(waitMs, () => this.tell(waiter, []), PRIORITY.observe);
    return { cancel: () => this.leave(waiter) };
  }

  /** In this millisecond: as many as there are messages for. */
  serveSoon(): void {
    if (this.waiting.size === 0 || this.serving !== undefined) return;
    this.serving = this.clock.after(0, () => this.serve(), PRIORITY.observe);
  }

  /** Who polls again from an answer waits behind the others. */
  private serve(): void {
    for (const waiter of this.waiting) {
      const messages = this.receive(waiter.request);
      if (messages.length === 0) break;
      this.tell(waiter, messages);
    }
    this.serving = undefined;
  }

  private tell(waiter: Waiter, messages: readonly ReceivedMessage[]): void {
    this.leave(waiter);
    waiter.answer(messages);
  }

  private leave(waiter: Waiter): void {
    this.clock.cancel(waiter.end);
    this.waiting.delete(waiter);
  }
}
