/** What a handler is given. */
export interface Job {
  /** The message's id. */
  readonly id: string;
  readonly body: string;
  /** Name of its queue, as the consumer was given it. */
  readonly queue: string;
  /** How often it has been received, this time included: 1 for a new job. SQS counts every receive, whatever ended it. */
  readonly receiveCount: number;
  /** When it was sent, in milliseconds since the epoch. */
  readonly sentAt: number;
  /** Message group, of a FIFO queue. */
  readonly groupId?: string;
  /** Message attributes. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Aborted when the job is taken away: it was given back, or it went on to another worker. */
  readonly signal: AbortSignal;
  /** Seconds until it is taken away if it isn't done: what is left of SQS's 12 hours, or of the stop timeout once that runs. */
  remainingSeconds(): number;
}

/** A job that somebody has taken, who says what came of it. The first word counts. */
export interface TakenJob extends Job {
  /** Whether it is settled already, or was taken away. */
  readonly isOver: boolean;
  /** Its message is deleted. Resolves when that is so, or can't be done any more. */
  done(): Promise<void>;
  /**
   * Its message comes back after a while, and becomes a dead letter when it has been received too often.
   * @param retryAfterSeconds in the place of the backoff, 0 or more
   */
  failed(error: unknown, retryAfterSeconds?: number): Promise<void>;
  /** Its message comes back at once. */
  giveBack(reason: string): Promise<void>;
}
