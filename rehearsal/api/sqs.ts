/** SQS's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-sqs";
import type { Queue } from "../world/sqs";
import type { World } from "../world/world";
import { ApiError, type Operation } from "./operation";

/** §8.3 */
const LONGEST_DELAY_SECONDS = 900;
const LONGEST_VISIBILITY_SECONDS = 43_200;
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

const milliseconds = (seconds: number | undefined): number | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

const sendMessage: Operation<sdk.SendMessageCommandInput> = {
  requires: ["QueueUrl", "MessageBody"],
  limits: ({ DelaySeconds }) => wholeNumber("DelaySeconds", DelaySeconds, 0, LONGEST_DELAY_SECONDS),
  kind: "modify",
  request: onQueue("sqs:SendMessage"),
  run: (input, world) => ({
    MessageId: queueOf(input.QueueUrl, world).send(input.MessageBody ?? "", milliseconds(input.DelaySeconds)),
  }),
};

const receiveMessage: Operation<sdk.ReceiveMessageCommandInput> = {
  requires: ["QueueUrl"],
  limits: ({ MaxNumberOfMessages, VisibilityTimeout }) =>
    wholeNumber("MaxNumberOfMessages", MaxNumberOfMessages, 1, MOST_MESSAGES) ??
    wholeNumber("VisibilityTimeout", VisibilityTimeout, 0, LONGEST_VISIBILITY_SECONDS),
  kind: "modify",
  request: onQueue("sqs:ReceiveMessage"),
  run: (input, world) => ({
    Messages: queueOf(input.QueueUrl, world)
      .receive(input.MaxNumberOfMessages ?? 1, milliseconds(input.VisibilityTimeout))
      .map(({ messageId, body, receiptHandle, receiveCount }) => ({
        MessageId: messageId,
        Body: body,
        ReceiptHandle: receiptHandle,
        Attributes: { ApproximateReceiveCount: String(receiveCount) },
      })),
  }),
};

const deleteMessage: Operation<sdk.DeleteMessageCommandInput> = {
  requires: ["QueueUrl", "ReceiptHandle"],
  kind: "modify",
  request: onQueue("sqs:DeleteMessage"),
  run: (input, world) => {
    queueOf(input.QueueUrl, world).delete(input.ReceiptHandle ?? "");
    return {};
  },
};

const changeMessageVisibility: Operation<sdk.ChangeMessageVisibilityCommandInput> = {
  requires: ["QueueUrl", "ReceiptHandle", "VisibilityTimeout"],
  limits: ({ VisibilityTimeout }) => wholeNumber("VisibilityTimeout", VisibilityTimeout, 0, LONGEST_VISIBILITY_SECONDS),
  kind: "modify",
  request: onQueue("sqs:ChangeMessageVisibility"),
  run: (input, world) => {
    const queue = queueOf(input.QueueUrl, world);
    if (!queue.changeVisibility(input.ReceiptHandle ?? "", (input.VisibilityTimeout ?? 0) * 1000)) {
      throw new ApiError("MessageNotInflight", "The specified message isn't in flight.");
    }
    return {};
  },
};

export const sqs: Readonly<Record<string, Operation>> = {
  SendMessage: sendMessage,
  ReceiveMessage: receiveMessage,
  DeleteMessage: deleteMessage,
  ChangeMessageVisibility: changeMessageVisibility,
};
