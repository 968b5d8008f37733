/** SQS by the AWS SDK's client, which the container brings: `new SQS()` of `@aws-sdk/client-sqs`. */
import type { PortFailure, ReceivedMessage, SqsPort } from "./port";

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
}

interface BatchAnswer {
  readonly Failed?: readonly {
    readonly Id?: string | undefined;
    readonly Code?: string | undefined;
    readonly Message?: string | undefined;
  }[];
}

interface SdkMessage {
  readonly MessageId?: string | undefined;
  readonly ReceiptHandle?: string | undefined;
  readonly Body?: string | undefined;
  readonly Attributes?: Readonly<Partial<Record<string, string>>> | undefined;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string | undefined }>> | undefined;
}

/** What of the SDK's `SQS` is used. */
export interface SqsClient {
  receiveMessage(
    input: {
      QueueUrl: string;
      MaxNumberOfMessages: number;
      WaitTimeSeconds: number;
      VisibilityTimeout: number;
      MessageSystemAttributeNames: ("ApproximateReceiveCount" | "SentTimestamp" | "MessageGroupId")[];
      MessageAttributeNames: string[];
    },
    options?: { readonly requestTimeout?: number },
  ): Promise<{ readonly Messages?: readonly SdkMessage[] | undefined }>;
  deleteMessageBatch(input: { QueueUrl: string; Entries: Entry[] }): Promise<BatchAnswer>;
  changeMessageVisibilityBatch(input: {
    QueueUrl: string;
    Entries: (Entry & { VisibilityTimeout: number })[];
  }): Promise<BatchAnswer>;
}

/**
 * Nothing of it helps by trying again: the message is gone, visible, or somebody else's.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html
 */
const FINAL = /MessageNotInflight|ReceiptHandleIsInvalid|InvalidParameterValue|QueueDoesNotExist|NonExistentQueue/;

/** @param client `new SQS()`; its own retries and credentials are as you set them. */
export function sdkSqs(client: SqsClient): SqsPort {
  return {
    async receive({ queueUrl, most, waitSeconds, visibilityTimeoutSeconds }) {
      const answer = await client.receiveMessage({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: most,
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: visibilityTimeoutSeconds,
        MessageSystemAttributeNames: ["ApproximateReceiveCount", "SentTimestamp", "MessageGroupId"],
        MessageAttributeNames: ["All"],
      });
      return (answer.Messages ?? []).map(received);
    },
    async delete(queueUrl, receiptHandles) {
      const Entries = receiptHandles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
      return failures(await client.deleteMessageBatch({ QueueUrl: queueUrl, Entries }), Entries);
    },
    async changeVisibility(queueUrl, changes) {
      const Entries = changes.map(({ receiptHandle: ReceiptHandle, visibilityTimeoutSeconds }, index) => {
        return { Id: String(index), ReceiptHandle, VisibilityTimeout: visibilityTimeoutSeconds };
      });
      return failures(await client.changeMessageVisibilityBatch({ QueueUrl: queueUrl, Entries }), Entries);
    },
  };
}

function received({ MessageId, ReceiptHandle, Body, Attributes, MessageAttributes }: SdkMessage): ReceivedMessage {
  const message = {
    messageId: MessageId ?? "",
    receiptHandle: ReceiptHandle ?? "",
    body: Body ?? "",
    receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
    sentAt: Number(Attributes?.SentTimestamp ?? Date.now()),
  };
  const groupId = Attributes?.MessageGroupId;
  const attributes = textsOf(MessageAttributes);
  return { ...message, ...(groupId !== undefined && { groupId }), ...(attributes && { attributes }) };
}

function textsOf(attributes: SdkMessage["MessageAttributes"]): Readonly<Record<string, string>> | undefined {
  if (attributes === undefined) return undefined;
  const texts = Object.entries(attributes).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue]],
  );
  return Object.fromEntries(texts) as Record<string, string>;
}

function failures({ Failed = [] }: BatchAnswer, entries: readonly Entry[]): PortFailure[] {
  return Failed.flatMap(({ Id, Code = "", Message = "" }) => {
    const entry = entries[Number(Id)];
    if (entry === undefined) return [];
    return [{ receiptHandle: entry.ReceiptHandle, reason: `${Code}: ${Message}`, isFinal: FINAL.test(Code) }];
  });
}
