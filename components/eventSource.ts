/** How a function takes what comes into its events queue. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { CallbackFunction } from "./callbackFunction";
import { VISIBILITY_TIMEOUT_SECONDS, type EventsQueue } from "./eventsQueue";
import type { Statement } from "./roles";

/** Shorter than the visibility timeout, so that no message is handled twice at once.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
export const EVENTS_TIMEOUT_SECONDS = VISIBILITY_TIMEOUT_SECONDS - 5;

const BATCH_SIZE = 10;

/** What a function does with its queue: Lambda receives for it, and it sends itself checks. */
export function useQueue(queue: aws.sqs.Queue): Statement {
  const { Action, ...rest } = useQueueWithoutSending(queue);
  return { ...rest, Action: ["sqs:SendMessage", ...Action] };
}

/** For one that sends itself nothing. */
export function useQueueWithoutSending(queue: aws.sqs.Queue): Statement {
  const Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
  return { Sid: "Queue", Action, Resource: [queue.arn] };
}

/** No batching window: every second counts. */
export function makeEventSource(
  name: string,
  { queue }: EventsQueue,
  callback: CallbackFunction,
  parent: pulumi.Resource,
): aws.lambda.EventSourceMapping {
  const args: aws.lambda.EventSourceMappingArgs = {
    eventSourceArn: queue.arn,
    functionName: callback.function.arn,
    batchSize: BATCH_SIZE,
    maximumBatchingWindowInSeconds: 0,
    functionResponseTypes: ["ReportBatchItemFailures"],
  };
  return new aws.lambda.EventSourceMapping(name, args, { parent, dependsOn: [callback.policy] });
}
