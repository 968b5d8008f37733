/** The queues of a worker tier, each with its dead-letter queue: made here, or taken as they are. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { parseArn } from "../names";
import { throwProblems } from "../problems";
import { allowRedrive, LONGEST_RETENTION_SECONDS, refusePlainText } from "../queueParts";
import { transformed, type Transform } from "../transform";
import { existingQueueProblems } from "./workerQueueProblems";
import type { ResolvedQueue } from "./workerQueueResolved";

export interface WorkerQueue {
  /** One that was made here. */
  readonly queue?: aws.sqs.Queue;
  /** One that was made here. */
  readonly deadLetterQueue?: aws.sqs.Queue;
  readonly url: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** AWS's, which CloudWatch goes by too. */
  readonly name: pulumi.Output<string>;
  /** AWS's name of its dead-letter queue, where that is known. */
  readonly deadLetterQueueName?: pulumi.Output<string>;
}

export interface WorkerQueuesSettings {
  readonly fifo: boolean;
  /** Whether an update that would delete a queue is refused. */
  readonly protectQueues: boolean;
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: WorkerQueueTransforms;
}

/** Another name replaces a queue: give the two of them new ones together, since a dead-letter queue takes from its queue alone. */
export interface WorkerQueueTransforms {
  queue?: Transform<aws.sqs.QueueArgs>;
  deadLetterQueue?: Transform<aws.sqs.QueueArgs>;
}

/** Beside the queue's name: `${name}-dlq`, `-redrive`, `-policy`, `-dlq-policy`. */
export function makeWorkerQueue(
  name: string,
  args: ResolvedQueue,
  settings: WorkerQueuesSettings,
  parent: pulumi.Resource,
): WorkerQueue {
  const { arn, deadLetterQueueArn } = args;
  if (arn !== undefined) return existingQueue(args, arn, settings.fifo);
  const deadLetterQueue =
    deadLetterQueueArn === undefined ? makeDeadLetterQueue(`${name}-dlq`, args, settings, parent) : undefined;
  const deadLetterTargetArn = deadLetterQueue?.arn ?? deadLetterQueueArn!;
  const queue = makeQueue(name, args, settings, deadLetterTargetArn, parent);
  if (deadLetterQueue) allowRedrive(`${name}-redrive`, queue, deadLetterQueue, parent);
  const { url, arn: madeArn, name: queueName } = queue;
  const deadLetterQueueName = deadLetterQueue?.name ?? nameOf(deadLetterQueueArn);
  return { queue, deadLetterQueue, url, arn: madeArn, name: queueName, deadLetterQueueName };
}

/** Its name and URL are in the ARN. */
function existingQueue(
  { name, deadLetterQueueArn }: ResolvedQueue,
  given: pulumi.Input<string>,
  fifo: boolean,
): WorkerQueue {
  const arn = pulumi.output(given).apply((known) => {
    // What was an Output is known only now.
    throwProblems(`Queue ${name}`, existingQueueProblems("arn", known, fifo));
    return known;
  });
  return { arn, name: nameOf(arn)!, url: arn.apply(queueUrl), deadLetterQueueName: nameOf(deadLetterQueueArn) };
}

const nameOf = (arn: pulumi.Input<string> | undefined): pulumi.Output<string> | undefined =>
  arn === undefined ? undefined : pulumi.output(arn).apply((known) => parseArn(known).resource);

/** @see https://docs.aws.amazon.com/general/latest/gr/sqs-service.html */
function queueUrl(arn: string): string {
  const { partition, region, accountId, resource } = parseArn(arn);
  return `https://sqs.${region}.amazonaws.com${partition === "aws-cn" ? ".cn" : ""}/${accountId}/${resource}`;
}

function makeQueue(
  name: string,
  args: ResolvedQueue,
  settings: WorkerQueuesSettings,
  deadLetterTargetArn: pulumi.Input<string>,
  parent: pulumi.Resource,
): aws.sqs.Queue {
  const { maxReceiveCount, contentBasedDeduplication, highThroughput } = args;
  const ofFifo = {
    contentBasedDeduplication,
    deduplicationScope: highThroughput ? "messageGroup" : "queue",
    fifoThroughputLimit: highThroughput ? "perMessageGroupId" : "perQueue",
  };
  const queueArgs: aws.sqs.QueueArgs = {
    ...common(args, settings),
    ...(settings.fifo && ofFifo),
    delaySeconds: args.delaySeconds,
    maxMessageSize: args.maxMessageSizeBytes,
    messageRetentionSeconds: args.messageRetentionSeconds,
    receiveWaitTimeSeconds: args.receiveWaitTimeSeconds,
    visibilityTimeoutSeconds: args.visibilityTimeoutSeconds,
    redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn, maxReceiveCount }),
  };
  const options = { parent, protect: settings.protectQueues };
  const queue = new aws.sqs.Queue(name, transformed(queueArgs, settings.transform?.queue), options);
  refusePlainText(`${name}-policy`, queue, parent);
  return queue;
}

function makeDeadLetterQueue(
  name: string,
  args: ResolvedQueue,
  settings: WorkerQueuesSettings,
  parent: pulumi.Resource,
): aws.sqs.Queue {
  const queueArgs = { ...common(args, settings), messageRetentionSeconds: LONGEST_RETENTION_SECONDS };
  const options = { parent, protect: settings.protectQueues };
  const queue = new aws.sqs.Queue(name, transformed(queueArgs, settings.transform?.deadLetterQueue), options);
  refusePlainText(`${name}-policy`, queue, parent);
  return queue;
}

function common({ kmsMasterKeyId }: ResolvedQueue, { fifo, tags }: WorkerQueuesSettings): aws.sqs.QueueArgs {
  const encryption = kmsMasterKeyId === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId };
  return { ...encryption, ...(fifo && { fifoQueue: true }), tags };
}
