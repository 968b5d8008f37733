/** A queue whose messages come late and out of order, and back where they were not handled. */
import { S } from "../scaleIn/fakeAws";

const VISIBILITY = 30 * S;
const RETENTION = 300 * S;
const MAX_RECEIVES = 4;

export interface Message {
  readonly body: string;
  readonly sentAt: number;
  due: number;
  receives: number;
}

export class LateQueue {
  readonly messages: Message[] = [];

  /** @param random uniform in [0, 1) */
  constructor(private readonly random: () => number) {}

  send(body: string, now: number, delaySeconds = 0): void {
    const due = now + delaySeconds * S + this.random() * S;
    this.messages.push({ body, sentAt: now, due, receives: 0 });
  }

  /** What can be received now. */
  due(now: number): Message[] {
    return this.messages.filter((message) => message.due <= now).sort(() => (this.random() < 0.5 ? 1 : -1));
  }

  receive(messages: readonly Message[], now: number): void {
    for (const message of messages) {
      message.due = now + VISIBILITY;
      message.receives++;
    }
  }

  /** Whoever has handled them says which of them come back. */
  done(messages: readonly Message[], isBack: (index: number) => boolean, now: number): void {
    messages.forEach((message, index) => {
      if (isBack(index) && message.receives < MAX_RECEIVES && now - message.sentAt < RETENTION) return;
      const place = this.messages.indexOf(message);
      if (place >= 0) this.messages.splice(place, 1);
    });
  }
}
