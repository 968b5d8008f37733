/** SQS's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-sqs";
import type { Queue } from "../world/sqs";
import type { World } from "../world/world";
import { ApiError, type Operation } from "./operation";

function queueOf(url: string | undefined, world: World): Queue {
  const queue = world.queues.get(url ?? "");
  if (queue === undefined) throw new ApiError("QueueDoesNotExist", "The specified queue does not exist.");
  return queue;
}

const LONGEST_DELAY_SECONDS = 900;

const sendMessage: Operation<sdk.SendMessageCommandInput> = {
  requires: ["QueueUrl", "MessageBody"],
  limits: ({ DelaySeconds }) =>
    DelaySeconds !== undefined &&
    !(Number.isInteger(DelaySeconds) && DelaySeconds >= 0 && DelaySeconds <= LONGEST_DELAY_SECONDS)
      ? `DelaySeconds is ${DelaySeconds}: a whole number from 0 to ${LONGEST_DELAY_SECONDS}`
      : undefined,
  kind: "modify",
  request: (input, world) => ({
    action: "sqs:SendMessage",
    resources: [{ arn: queueOf(input.QueueUrl, world).spec.arn, context: {} }],
  }),
  run: (input, world) => ({
    MessageId: queueOf(input.QueueUrl, world).send(
      input.MessageBody ?? "",
      input.DelaySeconds === undefined ? undefined : input.DelaySeconds * 1000,
    ),
  }),
};

export const sqs: Readonly<Record<string, Operation>> = { SendMessage: sendMessage };
