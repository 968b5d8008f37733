/** A job in hand: from the receive of its message until SQS has it back, or has deleted it. */
import type { TakenJob } from "./job";
import { LONGEST_VISIBILITY_SECONDS, type ResolvedQueue } from "./options";
import type { ReceivedMessage } from "./port";

/** Who carries out what is said of a job. */
export interface Keeper {
  now(): number;
  /** When jobs are taken away because the process stops; undefined while it doesn't. */
  readonly stopsAt: number | undefined;
  done(job: HeldJob): Promise<void>;
  failed(job: HeldJob, error: unknown, retryAfterSeconds: number | undefined): Promise<void>;
  giveBack(job: HeldJob, reason: string): Promise<void>;
}

const NO_ATTRIBUTES: Readonly<Record<string, string>> = {};

export class HeldJob implements TakenJob {
  /** Until when no other worker sees its message, as far as is known. */
  hiddenUntil: number;
  /** Whether what came of it is known; it is in hand until SQS knows it too. */
  isOver = false;
  /** A heartbeat that is under way. */
  beating: Promise<void> | undefined;
  /** Whether its message is to come back: no heartbeat may hide it again. */
  comesBack = false;
  checkpointed = false;
  #aborter: AbortController | undefined;

  constructor(
    public message: ReceivedMessage,
    readonly source: ResolvedQueue,
    public receivedAt: number,
    /** Ends the unit of work that protects it. */
    readonly release: () => void,
    private readonly keeper: Keeper,
  ) {
    this.hiddenUntil = receivedAt + source.visibilityTimeoutSeconds * 1000;
  }

  /** The same message has been received again: SQS goes by the newer receipt from now on. */
  receivedAgain(message: ReceivedMessage, receivedAt: number): void {
    this.message = message;
    this.receivedAt = receivedAt;
    this.hiddenUntil = receivedAt + this.source.visibilityTimeoutSeconds * 1000;
  }

  get id(): string {
    return this.message.messageId;
  }

  get body(): string {
    return this.message.body;
  }

  get queue(): string {
    return this.source.name;
  }

  get receiveCount(): number {
    return this.message.receiveCount;
  }

  get sentAt(): number {
    return this.message.sentAt;
  }

  get groupId(): string | undefined {
    return this.message.groupId;
  }

  get attributes(): Readonly<Record<string, string>> {
    return this.message.attributes ?? NO_ATTRIBUTES;
  }

  get signal(): AbortSignal {
    return (this.#aborter ??= new AbortController()).signal;
  }

  get receiptHandle(): string {
    return this.message.receiptHandle;
  }

  /** When SQS hides its message no longer, whatever is asked for. */
  get limitAt(): number {
    return this.receivedAt + LONGEST_VISIBILITY_SECONDS * 1000;
  }

  remainingSeconds(): number {
    return Math.max(0, (Math.min(this.limitAt, this.keeper.stopsAt ?? Infinity) - this.keeper.now()) / 1000);
  }

  /** The handler is told that it works for nothing. */
  abort(reason: string): void {
    (this.#aborter ??= new AbortController()).abort(new Error(`The job was taken away: ${reason}`));
  }

  done(): Promise<void> {
    return this.keeper.done(this);
  }

  failed(error: unknown, retryAfterSeconds?: number): Promise<void> {
    return this.keeper.failed(this, error, retryAfterSeconds);
  }

  giveBack(reason: string): Promise<void> {
    return this.keeper.giveBack(this, reason);
  }
}
