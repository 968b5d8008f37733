/** A queue as it was declared. */

export interface QueueSpec {
  readonly name: string;
  readonly arn: string;
  readonly url: string;
  readonly isFifo: boolean;
  /** FIFO queues: messages with the same body count as the same, where their sender doesn't say. */
  readonly contentBasedDeduplication: boolean;
  /** FIFO queues: among which messages duplicates are looked for. */
  readonly deduplicationScope: "queue" | "messageGroup";
  readonly visibilityTimeoutMs: number;
  readonly retentionMs: number;
  readonly delayMs: number;
  /** How long a receive waits for a message that doesn't say so itself. */
  readonly receiveWaitMs: number;
  readonly redrive: { readonly deadLetterTargetArn: string; readonly maxReceiveCount: number } | undefined;
}

export interface SendOptions {
  /** @default the queue's */
  readonly delayMs?: number;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What SQS refuses of a send; undefined where it takes it. */
export function sendProblem(
  { isFifo, contentBasedDeduplication, name }: QueueSpec,
  options: SendOptions,
): string | undefined {
  if (!isFifo) return undefined;
  if (options.groupId === undefined)
    return `a message to the FIFO queue ${name} has no group: MessageGroupId must be given`;
  if (options.delayMs !== undefined)
    return `a message to the FIFO queue ${name} has a delay of its own: only the queue's can be set`;
  if (options.deduplicationId === undefined && !contentBasedDeduplication)
    return `a message to the FIFO queue ${name} has no deduplication id: give one, or set ContentBasedDeduplication`;
  return undefined;
}
