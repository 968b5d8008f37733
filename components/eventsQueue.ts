/** A queue that takes a cluster's events from EventBridge, with its dead-letter queue and rules. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allowRedrive, LONGEST_RETENTION_SECONDS, refusePlainText } from "./queueParts";
import { denyPlainText, policyDocument, type Statement } from "./roles";

/** An event is of no use once its instance is gone. */
const EVENTS_RETENTION_SECONDS = 300;

/** How long a failing message stays hidden: the function's timeout, and a little. Four attempts fit the notice. */
export const VISIBILITY_TIMEOUT_SECONDS = 30;
const MAX_RECEIVE_COUNT = 4;

/** EventBridge stops trying to deliver an event that is older; an interruption is over by then. */
const MAXIMUM_EVENT_AGE_SECONDS = 120;

/** A rule by pattern or by schedule. */
export type RuleArgs = { readonly description: string } & (
  { readonly eventPattern: pulumi.Input<object> } | { readonly scheduleExpression: string }
);

export interface EventsQueueArgs {
  /** By the last part of the rule's name. */
  readonly rules: Readonly<Record<string, RuleArgs>>;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/** A queue and not a direct target: a failed asynchronous invocation is tried again after a minute only, half of the notice.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html */
export class EventsQueue extends pulumi.ComponentResource {
  readonly queue: aws.sqs.Queue;
  readonly deadLetterQueue: aws.sqs.Queue;
  readonly rules: Readonly<Record<string, aws.cloudwatch.EventRule>>;
  readonly targets: readonly aws.cloudwatch.EventTarget[];

  constructor(name: string, args: EventsQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("spotproof:components:EventsQueue", name, {}, opts);
    const { tags } = args;
    this.deadLetterQueue = new aws.sqs.Queue(
      `${name}-events-dlq`,
      { messageRetentionSeconds: LONGEST_RETENTION_SECONDS, sqsManagedSseEnabled: true, tags },
      { parent: this },
    );
    this.queue = new aws.sqs.Queue(`${name}-events`, queueArgs(this.deadLetterQueue, tags), { parent: this });
    allowRedrive(`${name}-events-redrive`, this.queue, this.deadLetterQueue, this);
    const rules = Object.entries(args.rules).map(
      ([key, rule]) => [key, this.makeRule(`${name}-${key}`, rule, tags)] as const,
    );
    this.rules = Object.fromEntries(rules);
    const policy = this.makePolicies(name);
    this.targets = rules.map(([key, rule]) => this.makeTarget(`${name}-${key}`, rule, policy));
    this.registerOutputs({ queueUrl: this.queue.url });
  }

  private makeRule(name: string, rule: RuleArgs, tags: EventsQueueArgs["tags"]): aws.cloudwatch.EventRule {
    const when =
      "eventPattern" in rule
        ? { eventPattern: pulumi.jsonStringify(rule.eventPattern) }
        : { scheduleExpression: rule.scheduleExpression };
    return new aws.cloudwatch.EventRule(
      name,
      { description: rule.description, ...when, state: "ENABLED", tags },
      { parent: this },
    );
  }

  private makePolicies(name: string): aws.sqs.QueuePolicy {
    const ruleArns = Object.values(this.rules).map((rule) => rule.arn);
    const policy = policyDocument([allowRules(this.queue, ruleArns), denyPlainText(["sqs:*"], [this.queue.arn])]);
    refusePlainText(`${name}-events-dlq-policy`, this.deadLetterQueue, this);
    return new aws.sqs.QueuePolicy(`${name}-events-policy`, { queueUrl: this.queue.url, policy }, { parent: this });
  }

  private makeTarget(
    name: string,
    rule: aws.cloudwatch.EventRule,
    policy: aws.sqs.QueuePolicy,
  ): aws.cloudwatch.EventTarget {
    const retryPolicy = { maximumEventAgeInSeconds: MAXIMUM_EVENT_AGE_SECONDS, maximumRetryAttempts: 185 };
    return new aws.cloudwatch.EventTarget(
      name,
      { rule: rule.name, arn: this.queue.arn, retryPolicy },
      { parent: this, dependsOn: [policy] },
    );
  }
}

function queueArgs(deadLetterQueue: aws.sqs.Queue, tags: EventsQueueArgs["tags"]): aws.sqs.QueueArgs {
  return {
    messageRetentionSeconds: EVENTS_RETENTION_SECONDS,
    visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS,
    sqsManagedSseEnabled: true,
    redrivePolicy: pulumi.jsonStringify({
      deadLetterTargetArn: deadLetterQueue.arn,
      maxReceiveCount: MAX_RECEIVE_COUNT,
    }),
    tags,
  };
}

function allowRules(queue: aws.sqs.Queue, ruleArns: pulumi.Input<string>[]): Statement {
  return {
    Sid: "AllowRules",
    Principal: { Service: "events.amazonaws.com" },
    Action: ["sqs:SendMessage"],
    Resource: [queue.arn],
    Condition: { ArnEquals: { "aws:SourceArn": pulumi.all(ruleArns) } },
  };
}
