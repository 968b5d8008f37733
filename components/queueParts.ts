/** What every queue has beside itself: who may use it in plain text (nobody), and whose dead letters it takes. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { denyPlainText, policyDocument } from "./roles";

/** The longest that SQS keeps a message. */
export const LONGEST_RETENTION_SECONDS = 14 * 24 * 3600;

/** Who may send and receive is said by roles, and only there. */
export function refusePlainText(name: string, queue: aws.sqs.Queue, parent: pulumi.Resource): void {
  const policy = policyDocument([denyPlainText(["sqs:*"], [queue.arn])]);
  new aws.sqs.QueuePolicy(name, { queueUrl: queue.url, policy }, { parent });
}

/** `target` takes the dead letters of `source`, and of no other queue. */
export function allowRedrive(
  name: string,
  source: aws.sqs.Queue,
  target: aws.sqs.Queue,
  parent: pulumi.Resource,
): void {
  const redriveAllowPolicy = pulumi.jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [source.arn] });
  new aws.sqs.RedriveAllowPolicy(name, { queueUrl: target.url, redriveAllowPolicy }, { parent });
}
