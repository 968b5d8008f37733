/** What a worker and a publisher may do with queues, and no more. */
import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "../roles";

export interface ReachedQueue {
  readonly arn: pulumi.Input<string>;
  /** Where it is encrypted with a key of yours. */
  readonly kmsMasterKeyId?: pulumi.Input<string>;
}

export const reachedQueue = ({
  arn,
  args,
}: ReachedQueue & { readonly args: Pick<ReachedQueue, "kmsMasterKeyId"> }) => ({
  arn,
  kmsMasterKeyId: args.kmsMasterKeyId,
});

/** Receiving, prolonging or giving back, and deleting, one by one or in batches.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html */
export function takeJobsStatements(queues: readonly ReachedQueue[]): Statement[] {
  const Action = ["sqs:ReceiveMessage", "sqs:ChangeMessageVisibility", "sqs:DeleteMessage"];
  return [
    { Sid: "TakeJobs", Action, Resource: arnsOf(queues) },
    ...keyStatements("DecryptJobs", ["kms:Decrypt"], queues),
  ];
}

/** `sid` sets it apart from the statements about other tiers in one policy. A sender decrypts too: SQS verifies the data key.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html */
export function sendJobsStatements(sid: string, queues: readonly ReachedQueue[]): Statement[] {
  return [
    { Sid: `Send${sid}`, Action: ["sqs:SendMessage"], Resource: arnsOf(queues) },
    ...keyStatements(`Encrypt${sid}`, ["kms:GenerateDataKey", "kms:Decrypt"], queues),
  ];
}

const arnsOf = (queues: readonly ReachedQueue[]) => queues.map(({ arn }) => arn);

function keyStatements(Sid: string, Action: string[], queues: readonly ReachedQueue[]): Statement[] {
  const keys = queues.flatMap(({ kmsMasterKeyId }) => kmsMasterKeyId ?? []);
  if (keys.length === 0) return [];
  return [{ Sid, Action, Resource: pulumi.all(keys).apply((known) => [...new Set(known)].sort()) }];
}
