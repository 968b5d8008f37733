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

type Sending = Partial<sdk.SendMessageBatchRequestEntry>;

/** A message in flight. */
type Held = Partial<sdk.ChangeMessageVisibilityBatchRequestEntry>;

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

interface OnMessages<E> {
  readonly action: string;
  /** Required members of a message. */
  readonly requires: readonly string[];
  readonly limits?: (this: void, message: E) => string | undefined;
  readonly run: (queue: Queue, message: E) => object;
}

/** What is done with one message, or with several in a batch. */
function onMessages<E extends { readonly Id?: string }>({
  action,
  requires,
  limits = () => undefined,
  run,
}: OnMessages<E>): { readonly single: Operation; readonly batch: Operation } {
  const single: Operation<E & { readonly QueueUrl?: string }> = {
    requires: ["QueueUrl", ...requires],
    limits,
    kind: "modify",
    request: onQueue(action),
    run: (input, world) => run(queueOf(input.QueueUrl, world), input),
  };
  const several: Operation<{ readonly QueueUrl?: string; readonly Entries?: readonly E[] }> = {
    requires: ["QueueUrl", "Entries"],
    limits: ({ Entries }) => Entries?.map(limits).find((problem) => problem !== undefined),
    kind: "modify",
    request: onQueue(action),
    run: ({ QueueUrl, Entries }, world) => batch(Entries, (entry) => run(queueOf(QueueUrl, world), entry)),
  };
  return { single, batch: several };
}

const sending = onMessages<Sending>({
  action: "sqs:SendMessage",
  requires: ["MessageBody"],
  limits: delayProblem,
  run: send,
});

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

const deleting = onMessages<Held>({
  action: "sqs:DeleteMessage",
  requires: ["ReceiptHandle"],
  run: (queue, { ReceiptHandle }) => remove(queue, ReceiptHandle),
});

function hide(queue: Queue, entry: Held): object {
  if (queue.changeVisibility(entry.ReceiptHandle ?? "", (entry.VisibilityTimeout ?? 0) * 1000)) return {};
  throw new ApiError("MessageNotInflight", "The specified message isn't in flight.");
}

const hiding = onMessages<Held>({
  action: "sqs:ChangeMessageVisibility",
  requires: ["ReceiptHandle", "VisibilityTimeout"],
  limits: visibilityProblem,
  run: hide,
});

export const sqs: Readonly<Record<string, Operation>> = {
  SendMessage: sending.single,
  SendMessageBatch: sending.batch,
  ReceiveMessage: receiveMessage,
  DeleteMessage: deleting.single,
  DeleteMessageBatch: deleting.batch,
  ChangeMessageVisibility: hiding.single,
  ChangeMessageVisibilityBatch: hiding.batch,
};
