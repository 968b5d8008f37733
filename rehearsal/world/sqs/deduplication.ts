/**
 * FIFO queues take a message once: a second one with the same deduplication id within five minutes is answered as the first.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
 */
import { createHash } from "node:crypto";
import type { Clock } from "../clock";
import { SQS } from "../constants";
import type { QueueSpec, SendOptions } from "./queueSpec";

interface Known {
  readonly messageId: string;
  readonly until: number;
}

export class Deduplication {
  /** The oldest first. */
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly spec: QueueSpec,
    private readonly clock: Clock,
  ) {}

  /** The id of the message that was sent before, or of the one that `put` puts now. */
  idOf(body: string, options: SendOptions, put: () => string): string {
    if (!this.spec.isFifo) return put();
    this.forget();
    const id = options.deduplicationId ?? createHash("sha256").update(body).digest("hex");
    const key = this.spec.deduplicationScope === "queue" ? id : JSON.stringify([options.groupId, id]);
    const before = this.known.get(key);
    if (before !== undefined) return before.messageId;
    const messageId = put();
    this.known.set(key, { messageId, until: this.clock.now + SQS.deduplicationMs });
    return messageId;
  }

  private forget(): void {
    for (const [key, { until }] of this.known) {
      if (until > this.clock.now) return;
      this.known.delete(key);
    }
  }
}
