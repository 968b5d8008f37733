/** SQS's API as far as functions may call it. */
import type * as sdk from "@aws-sdk/client-sqs";
import type { Queue, SendOptions } from "../world/sqs/queue";
import { sendProblem } from "../world/sqs/queueSpec";
import type { World } from "../world/world";
import { batch } from "./sqsBatch";
import { ApiError, type Operation } from "./operation";

/** §8.3 */
const LONGEST_DELAY_SECONDS = 900;
const LONGEST_VISIBILITY_SECONDS = 43_200;
const LONGEST_WAIT_SECONDS = 20;
const MOST_MESSAGES = 10;

function queueOf(url: string | undefined, world: World): Queue {
  const queue = world.queues.get(url ?? "");
  if (queue === undefined) throw new ApiError("QueueDoesNotExist", "The specified queue does not exist.");
  return queue;
}

const onQueue =
  (action: string): Operation["request"] =>
  (input: { QueueUrl?: string }, world) => ({
    action,
    resources: [{ arn: queueOf(input.QueueUrl, world).spec.arn, context: {} }],
  });

/** A whole number within bounds, where one is given. */
function wholeNumber(name: string, value: number | undefined, least: number, most: number): string | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return undefined;
  return `${name} is ${value}: a whole number from ${least} to ${most}`;
}

const delayProblem = ({ DelaySeconds }: { readonly DelaySeconds?: number }): string | undefined =>
  wholeNumber("DelaySeconds", DelaySeconds, 0, LONGEST_DELAY_SECONDS);

const visibilityProblem = ({ VisibilityTimeout }: { readonly VisibilityTimeout?: number }): string | undefined =>
  wholeNumber("VisibilityTimeout", VisibilityTimeout, 0, LONGEST_VISIBILITY_SECONDS);

const milliseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

type Sending = Omit<sdk.SendMessageBatchRequestEntry, "Id">;

function send(queue: Queue, message: Sending): { readonly MessageId: string } {
  const { MessageBody = "", DelaySeconds, MessageGroupId, MessageDeduplicationId, MessageAttributes = {} } = message;
  const attributes = Object.entries(MessageAttributes).flatMap(([name, { StringValue }]) =>
    StringValue === undefined ? [] : [[name, StringValue] as const],
  );
  const options: SendOptions = {
    delayMs: milliseconds(DelaySeconds),
    groupId: MessageGroupId,
    deduplicationId: MessageDeduplicationId,
    attributes: Object.fromEntries(attributes),
  };
  const problem = sendProblem(queue.spec, options);
  if (problem !== undefined) throw new ApiError("InvalidParameterValue", problem);
  return { MessageId: queue.send(MessageBody, options) };
}

const sendMessage: Operation<sdk.SendMessageCommandInput> = {
  requires: ["QueueUrl", "MessageBody"],
  limits: delayProblem,
  kind: "modify",
  request: onQueue("sqs:SendMessage"),
  run: (input, world) => send(queueOf(input.QueueUrl, world), input),
};

const sendMessageBatch: Operation<sdk.SendMessageBatchCommandInput> = {
  requires: ["QueueUrl", "Entries"],
  limits: ({ Entries }) => Entries?.map(delayProblem).find((problem) => problem !== undefined),
  kind: "modify",
  request: onQueue("sqs:SendMessage"),
  run: ({ QueueUrl, Entries }, world) => batch(Entries, (entry) => send(queueOf(QueueUrl, world), entry)),
};

const receiveMessage: Operation<sdk.ReceiveMessageCommandInput> = {
  requires: ["QueueUrl"],
  limits: (input) =>
    wholeNumber("MaxNumberOfMessages", input.MaxNumberOfMessages, 1, MOST_MESSAGES) ??
    wholeNumber("WaitTimeSeconds", input.WaitTimeSeconds, 0, LONGEST_WAIT_SECONDS) ??
    visibilityProblem(input),
  kind: "modify",
  request: onQueue("sqs:ReceiveMessage"),
  run: ({ QueueUrl, MaxNumberOfMessages = 1, VisibilityTimeout, WaitTimeSeconds }, world) => {
    const queue = queueOf(QueueUrl, world);
    const waits = WaitTimeSeconds ?? queue.spec.receiveWaitMs / 1000;
    if (waits > 0) throw new Error(`ReceiveMessage of a function: waiting ${waits} s is not modelled; 0 is`);
    if (queue.isFull && !queue.spec.isFifo) throw new ApiError("OverLimit", "Too many messages in flight.", 403);
    return { Messages: queue.receive(MaxNumberOfMessages, milliseconds(VisibilityTimeout)).map(described) };
  },
};

function described(message: ReturnType<Queue["receive"]>[number]): sdk.Message {
  const { messageId, body, receiptHandle, receiveCount, groupId, attributes } = message;
  return {
    MessageId: messageId,
    Body: body,
    ReceiptHandle: receiptHandle,
    Attributes: {
      ApproximateReceiveCount: String(receiveCount),
      ...(groupId !== undefined && { MessageGroupId: groupId }),
    },
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
    ),
  };
}

/** A standard queue answers an old receipt as if it had deleted. */
function remove(queue: Queue, receiptHandle: string | undefined): object {
  if (queue.delete(receiptHandle ?? "") || !queue.spec.isFifo) return {};
  throw new ApiError("ReceiptHandleIsInvalid", "The receipt handle has expired.");
}

const deleteMessage: Operation<sdk.DeleteMessageCommandInput> = {
  requires: ["QueueUrl", "ReceiptHandle"],
  kind: "modify",
  request: onQueue("sqs:DeleteMessage"),
  run: (input, world) => remove(queueOf(input.QueueUrl, world), input.ReceiptHandle),
};

const deleteMessageBatch: Operation<sdk.DeleteMessageBatchCommandInput> = {
  requires: ["QueueUrl", "Entries"],
  kind: "modify",
  request: onQueue("sqs:DeleteMessage"),
  run: ({ QueueUrl, Entries }, world) =>
    batch(Entries, ({ ReceiptHandle }) => remove(queueOf(QueueUrl, world), ReceiptHandle)),
};

function hide(queue: Queue, entry: { readonly ReceiptHandle?: string; readonly VisibilityTimeout?: number }): object {
  if (queue.changeVisibility(entry.ReceiptHandle ?? "", (entry.VisibilityTimeout ?? 0) * 1000)) return {};
  throw new ApiError("MessageNotInflight", "The specified message isn't in flight.");
}

const changeMessageVisibility: Operation<sdk.ChangeMessageVisibilityCommandInput> = {
  requires: ["QueueUrl", "ReceiptHandle", "VisibilityTimeout"],
  limits: visibilityProblem,
  kind: "modify",
  request: onQueue("sqs:ChangeMessageVisibility"),
  run: (input, world) => hide(queueOf(input.QueueUrl, world), input),
};

const changeMessageVisibilityBatch: Operation<sdk.ChangeMessageVisibilityBatchCommandInput> = {
  requires: ["QueueUrl", "Entries"],
  limits: ({ Entries }) => Entries?.map(visibilityProblem).find((problem) => problem !== undefined),
  kind: "modify",
  request: onQueue("sqs:ChangeMessageVisibility"),
  run: ({ QueueUrl, Entries }, world) => batch(Entries, (entry) => hide(queueOf(QueueUrl, world), entry)),
};

export const sqs: Readonly<Record<string, Operation>> = {
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
  ReceiveMessage: receiveMessage,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
};
