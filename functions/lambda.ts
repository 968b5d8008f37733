/** What every function has in common: batches from its queue, and SDK clients that leave retrying to us. */
import { LONGEST_CALL_MS, type Surroundings } from "./calls";
import type { LogRecord } from "./log";

export interface SqsBatch {
  readonly Records?: readonly { readonly messageId: string; readonly body: string | null }[];
}

/** Lambda's partial batch response: only the messages named here come back. */
export interface SqsBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** A message that a function has nothing to do with. */
export interface Ignored {
  readonly kind: "ignored";
  readonly reason: string;
}

export interface Message<E> {
  readonly messageId: string;
  readonly event: E;
}

/** A batch's messages, parsed; what is ignored is logged with its reason and left out. */
export function received<E extends { readonly kind: string }>(
  batch: SqsBatch | null,
  parse: (body: string | null) => E | Ignored,
  ports: { log(record: LogRecord): void },
): Message<Exclude<E, Ignored>>[] {
  const isIgnored = (event: E | Ignored): event is Ignored => event.kind === "ignored";
  return (batch?.Records ?? []).flatMap(({ messageId, body }) => {
    const event = parse(body);
    if (!isIgnored(event)) return [{ messageId, event: event as Exclude<E, Ignored> }];
    ports.log({ decision: "ignored", messageId, reason: event.reason });
    return [];
  });
}

/**
 * Handles a batch by one look, however many messages it has.
 * @param look whether the messages are done with: otherwise, and where it throws, all of them come back when their visibility
 * timeout ends
 */
export async function handledAtOnce<E extends { readonly kind: string }>(
  batch: SqsBatch | null,
  parse: (body: string | null) => E | Ignored,
  ports: { log(record: LogRecord): void },
  look: (events: readonly Exclude<E, Ignored>[]) => Promise<boolean>,
): Promise<SqsBatchResponse> {
  const messages = received(batch, parse, ports);
  const back = { batchItemFailures: messages.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  if (messages.length === 0) return back;
  try {
    return (await look(messages.map(({ event }) => event))) ? { batchItemFailures: [] } : back;
  } catch (error) {
    ports.log({ decision: "failed", error: String(error), reason: "the messages come back" });
    return back;
  }
}

export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** Time kept for the answer to Lambda after the last call. */
export const ANSWER_MS = 500;

/** What every SDK client is made with: its own retries are off, because ours know the deadline. */
export const CLIENT_OPTIONS = {
  maxAttempts: 1,
  // Without throwOnRequestTimeout the SDK only warns of a request that takes too long.
  requestHandler: { connectionTimeout: 1000, requestTimeout: LONGEST_CALL_MS, throwOnRequestTimeout: true },
};

/** The real clock, chance and log. */
export function realSurroundings(): Surroundings & { log(record: LogRecord): void } {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    log: (record) => console.log(JSON.stringify(record)),
  };
}

/** A message's body as an object, or why it is none. */
export function parseBody(body: unknown): object | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(String(body));
  } catch {
    return "not JSON";
  }
  return typeof parsed === "object" && parsed !== null ? parsed : "not a JSON object";
}
