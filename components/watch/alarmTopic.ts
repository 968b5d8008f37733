/** Where alarms go if no topic of yours is given: an encrypted one that CloudWatch may write to. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { arnBeside, parseArn } from "../names";
import { denyPlainText, policyDocument, type Statement } from "../roles";
import { transformed, type Transform } from "../transform";

export interface AlarmTopicSettings {
  /** Says in which account and Region the alarms are. */
  readonly cluster: aws.ecs.Cluster;
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: {
    readonly alarmTopic?: Transform<aws.sns.TopicArgs>;
    readonly alarmKey?: Transform<aws.kms.KeyArgs>;
  };
}

export interface AlarmTopic {
  readonly topic: aws.sns.Topic;
  readonly key: aws.kms.Key;
  readonly policy: aws.sns.TopicPolicy;
}

const ALARMS = "cloudwatch.amazonaws.com";

/** A key of its own, because AWS's key for SNS lets no alarm write.
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
export function makeAlarmTopic(name: string, settings: AlarmTopicSettings, parent: pulumi.Resource): AlarmTopic {
  const { cluster, tags, transform } = settings;
  const keyArgs: aws.kms.KeyArgs = {
    description: `The alarms of ${name}, on their way`,
    enableKeyRotation: true,
    policy: policyDocument([
      ownAccount(cluster),
      ownAlarms("AllowAlarms", ["kms:Decrypt", "kms:GenerateDataKey*"], "*", cluster),
    ]),
    tags,
  };
  const key = new aws.kms.Key(`${name}-alarms-key`, transformed(keyArgs, transform?.alarmKey), { parent });
  const topicArgs: aws.sns.TopicArgs = { kmsMasterKeyId: key.arn, tags };
  const topic = new aws.sns.Topic(`${name}-alarms`, transformed(topicArgs, transform?.alarmTopic), { parent });
  const document = policyDocument([
    ownAlarms("AllowAlarms", ["sns:Publish"], topic.arn, cluster),
    denyPlainText(["sns:Publish"], [topic.arn]),
  ]);
  const policy = new aws.sns.TopicPolicy(`${name}-alarms-policy`, { arn: topic.arn, policy: document }, { parent });
  return { topic, key, policy };
}

/** Else nobody could ever change or delete the key.
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
function ownAccount(cluster: aws.ecs.Cluster): Statement {
  const AWS = cluster.arn.apply((arn) => {
    const { partition, accountId } = parseArn(arn);
    return `arn:${partition}:iam::${accountId}:root`;
  });
  return { Sid: "AllowAccount", Principal: AWS.apply((root) => ({ AWS: root })), Action: ["kms:*"], Resource: ["*"] };
}

/** Against confused deputies: only alarms of this account and Region. */
function ownAlarms(Sid: string, Action: string[], resource: pulumi.Input<string>, cluster: aws.ecs.Cluster): Statement {
  const Condition = {
    ArnLike: { "aws:SourceArn": arnBeside(cluster.arn, "cloudwatch", "alarm:*") },
    StringEquals: { "aws:SourceAccount": cluster.arn.apply((arn) => parseArn(arn).accountId) },
  };
  return { Sid, Principal: { Service: ALARMS }, Action, Resource: [resource], Condition };
}
