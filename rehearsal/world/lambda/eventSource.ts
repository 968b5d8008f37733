/** An SQS event source mapping: it polls, invokes with a batch, and deletes what was handled. */
import type { Context } from "../context";
import { LAMBDA } from "../constants";
import type { Queue, ReceivedMessage } from "../sqs/queue";
import type { LambdaFunction, Result } from "./function";

export interface EventSourceSpec {
  readonly batchSize: number;
  readonly batchingWindowMs: number;
  readonly reportsBatchItemFailures: boolean;
}

export function mapEvents(queue: Queue, fn: LambdaFunction, spec: EventSourceSpec, context: Context): void {
  let polling = false;
  const poll = (): void => {
    polling = false;
    if (!fn.hasRoom) return;
    const messages = queue.receive(spec.batchSize);
    if (messages.length === 0) return;
    const Records = messages.map(({ messageId, body, receiptHandle, receiveCount }) => ({
      messageId,
      body,
      receiptHandle,
      attributes: { ApproximateReceiveCount: String(receiveCount) },
      eventSource: "aws:sqs",
      eventSourceARN: queue.spec.arn,
    }));
    fn.invoke({ Records }, (result) => {
      for (const message of handled(messages, result, spec)) queue.delete(message.receiptHandle);
      wake();
    });
    wake();
  };
  const wake = (): void => {
    if (polling) return;
    polling = true;
    context.clock.after(LAMBDA.pollMs + spec.batchingWindowMs, poll);
  };
  queue.available.subscribe(wake);
}

/**
 * The messages that don't come back. An answer that names what wasn't in the batch fails all of it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
function handled(
  messages: readonly ReceivedMessage[],
  result: Result,
  spec: EventSourceSpec,
): readonly ReceivedMessage[] {
  if (!result.ok) return [];
  if (!spec.reportsBatchItemFailures) return messages;
  const { batchItemFailures } = (result.value ?? {}) as { batchItemFailures?: readonly { itemIdentifier: string }[] };
  const failed = new Set((batchItemFailures ?? []).map((failure) => failure.itemIdentifier));
  const known = new Set(messages.map((message) => message.messageId));
  if ([...failed].some((id) => !known.has(id))) return [];
  return messages.filter((message) => !failed.has(message.messageId));
}
