/** What Lambda does between a queue and a function. */
import { PLACE } from "../../support/stage";
import type { Clients } from "./clients";
import type { Invocation, Lambda } from "./lambda";

/** How long a poll waits for a message; delayed ones come later than at once. */
const LONGEST_WAIT_SECONDS = 20;

/** What a handler answers under `ReportBatchItemFailures`. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export interface Delivery {
  readonly bodies: readonly string[];
  readonly invocation: Invocation;
}

/**
 * Gives the function the messages that are there, waiting for one if there is none. Those that it doesn't name as failed
 * are deleted; the others can be received again at once, not only when their visibility timeout has passed.
 */
export async function deliver(
  { sqs }: Clients,
  QueueUrl: string,
  lambda: Lambda,
  remainingMs?: number,
): Promise<Delivery> {
  const request = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: LONGEST_WAIT_SECONDS };
  const { Messages = [] } = await sqs.receiveMessage(request);
  const Records = Messages.map(({ MessageId, ReceiptHandle, Body, MD5OfBody }) => ({
    messageId: MessageId,
    receiptHandle: ReceiptHandle,
    body: Body,
    attributes: { ApproximateReceiveCount: "1" },
    messageAttributes: {},
    md5OfBody: MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:${PLACE.region}:${PLACE.account}:${QueueUrl.split("/").at(-1)}`,
    awsRegion: PLACE.region,
  }));
  const invocation = await lambda.invoke({ Records }, remainingMs);
  const failed = (invocation.value as BatchAnswer | undefined)?.batchItemFailures.map((each) => each.itemIdentifier);
  for (const { MessageId, ReceiptHandle } of Messages) {
    // A function that failed as a whole has none of them done.
    if (failed?.includes(MessageId ?? "") === false) await sqs.deleteMessage({ QueueUrl, ReceiptHandle });
    else await sqs.changeMessageVisibility({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 });
  }
  return { bodies: Messages.map((message) => message.Body ?? ""), invocation };
}
