/** What can be wrong with the queues of a worker tier. */
import type * as pulumi from "@pulumi/pulumi";
import { nameProblems, parseArn } from "../names";
import { rangeProblems, type Problem } from "../problems";
import { LONGEST_RETENTION_SECONDS } from "../queueParts";
import { keyProblems } from "../task/taskSecrets";
import { OF_MADE_QUEUES, type WorkerQueueArgs } from "./workerQueueArgs";
import {
  LONGEST_VISIBILITY_SECONDS,
  queueArgs,
  resolvedQueues,
  type QueuesSettings,
  type ResolvedQueue,
} from "./workerQueueResolved";

/** A free worker may have to ask each of them, one after the other. */
const MOST_IN_ORDER = 10;
const MOST_WEIGHT = 1000;
const DAY_SECONDS = 86_400;

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const LIMITS = {
  delaySeconds: [0, 900],
  messageRetentionSeconds: [60, LONGEST_RETENTION_SECONDS],
  visibilityTimeoutSeconds: [10, LONGEST_VISIBILITY_SECONDS, "a heartbeat that fails is tried again"],
  maxReceiveCount: [3, 1000, "a good job may be interrupted, and delivered twice"],
  receiveWaitTimeSeconds: [0, 20],
  maxMessageSizeBytes: [1024, 1_048_576],
  acceptableLatencySeconds: [1, LONGEST_RETENTION_SECONDS],
  weight: [1, MOST_WEIGHT],
} as const satisfies Partial<Record<keyof WorkerQueueArgs, readonly [number, number, string?]>>;

export interface QueuesFacts extends QueuesSettings {
  readonly fifo: boolean;
  /** Whether one service asks them in order. */
  readonly inOrder: boolean;
}

/** The tier's name stands before those of its queues. */
export function queuesProblems(tier: string, facts: QueuesFacts): Problem[] {
  const given = facts.queues.map(queueArgs);
  const single = given.flatMap((queue, index) => queueProblems(`queues[${index}]`, queue, facts));
  return [
    ...countProblems(facts),
    ...queueNamesProblems(tier, given),
    ...single,
    ...(single.length > 0 ? [] : timesProblems(facts)),
  ];
}

function countProblems({ queues, inOrder }: QueuesFacts): Problem[] {
  const { length } = queues;
  if (length === 0) {
    return [{ property: "queues", given: queues, allowed: "at least one", change: 'name one, e.g. ["jobs"]' }];
  }
  if (!inOrder || length <= MOST_IN_ORDER) return [];
  const allowed = `at most ${MOST_IN_ORDER} that one service asks in order: a free worker asks one after the other`;
  const change = `remove ${length - MOST_IN_ORDER}, or give services: "perQueue"`;
  return [{ property: "queues", given: `${length} queues`, allowed, change }];
}

function queueNamesProblems(tier: string, queues: readonly WorkerQueueArgs[]): Problem[] {
  return queues.flatMap(({ name }, index) => {
    const property = `queues[${index}].name`;
    if (nameProblems(name).length > 0 || nameProblems(`${tier}-${name}`).length > 0) {
      const allowed = `letters, digits and hyphens, a letter first, no hyphen last; at most 36 with ${tier}- before it`;
      return [{ property, given: name, allowed, change: "shorten or respell it" }];
    }
    if (/^scale-in$|(^|-)dlq$/.test(name)) {
      const allowed = "a name that parts of the tier don't have: not scale-in, and without dlq at its end";
      return [{ property, given: name, allowed, change: "respell it" }];
    }
    // The publisher's variables are in capitals.
    const first = queues.findIndex((other) => other.name.toLowerCase() === name.toLowerCase());
    if (first === index) return [];
    return [
      { property, given: name, allowed: `another name than queues[${first}]'s`, change: "rename one of the two" },
    ];
  });
}

function queueProblems(property: string, queue: WorkerQueueArgs, facts: QueuesFacts): Problem[] {
  const ranges = Object.entries(LIMITS).flatMap(([name, [least, most, why]]) =>
    rangeProblems(`${property}.${name}`, queue[name as keyof typeof LIMITS], least, most).map((problem) =>
      why === undefined ? problem : { ...problem, allowed: `${problem.allowed}: ${why}` },
    ),
  );
  const { kmsMasterKeyId } = queue;
  return [
    ...ranges,
    ...(kmsMasterKeyId === undefined ? [] : keyProblems(`${property}.kmsMasterKeyId`, kmsMasterKeyId)),
    ...existingProblems(property, queue, facts),
    ...fifoProblems(property, queue, facts),
  ];
}

/** What is decided when a queue is made can't be given of one that exists. */
function existingProblems(property: string, queue: WorkerQueueArgs, { fifo }: QueuesFacts): Problem[] {
  const { arn, deadLetterQueueArn } = queue;
  const ofArns = [
    ...knownArnProblems(`${property}.arn`, arn, fifo),
    ...knownArnProblems(`${property}.deadLetterQueueArn`, deadLetterQueueArn, fifo),
  ];
  if (arn === undefined) return ofArns;
  const decided = OF_MADE_QUEUES.filter((name) => queue[name] !== undefined).map((name) => ({
    property: `${property}.${name}`,
    given: queue[name],
    allowed: "only of a queue that is made here: this one has an ARN, and stays as it is",
    change: "remove it, or the ARN",
  }));
  return [...ofArns, ...decided];
}

function knownArnProblems(property: string, arn: pulumi.Input<string> | undefined, fifo: boolean): Problem[] {
  return typeof arn === "string" ? existingQueueProblems(property, arn, fifo) : [];
}

export function existingQueueProblems(property: string, given: string, fifo: boolean): Problem[] {
  const { service, resource } = parseArn(given);
  if (service !== "sqs" || resource === "") {
    const allowed = "the ARN of an SQS queue, e.g. arn:aws:sqs:eu-west-1:123456789012:jobs";
    return [{ property, given, allowed, change: "give such an ARN" }];
  }
  if (resource.endsWith(".fifo") === fifo) return [];
  const allowed = fifo ? "a FIFO queue's: the tier's are" : "a standard queue's: the tier's are, unless fifo is true";
  return [{ property, given, allowed, change: "one priority list has queues of one kind: make a tier for each kind" }];
}

function fifoProblems(property: string, queue: WorkerQueueArgs, { fifo }: QueuesFacts): Problem[] {
  if (fifo) return [];
  return (["contentBasedDeduplication", "highThroughput"] as const)
    .filter((name) => queue[name] === true)
    .map((name) => ({
      property: `${property}.${name}`,
      given: true,
      allowed: "only of FIFO queues",
      change: "remove it, or give fifo: true",
    }));
}

/** What times ask of each other. */
function timesProblems(facts: QueuesFacts): Problem[] {
  return resolvedQueues(facts).flatMap((queue, index) => [
    ...visibilityProblems(`queues[${index}].visibilityTimeoutSeconds`, queue, facts),
    ...(queue.arn === undefined
      ? retentionProblems(`queues[${index}].messageRetentionSeconds`, queue.messageRetentionSeconds, queue, facts)
      : []),
  ]);
}

function visibilityProblems(
  property: string,
  { visibilityTimeoutSeconds: given }: ResolvedQueue,
  { longestJobSeconds = 0, heartbeat = true }: QueuesFacts,
): Problem[] {
  if (heartbeat || given > longestJobSeconds) return [];
  const allowed = `more than longestJobSeconds, which is ${longestJobSeconds}: without a heartbeat another worker would get the job meanwhile`;
  const change = `raise it to ${longestJobSeconds + 1} or more, or let the consumer's heartbeat prolong it`;
  return [{ property, given, allowed, change }];
}

/** SQS counts from the sending, of what is worked on too; and of a standard queue's dead letters goes on counting. */
function retentionProblems(
  property: string,
  given: number,
  { acceptableLatencySeconds }: ResolvedQueue,
  { longestJobSeconds = 0, fifo }: QueuesFacts,
): Problem[] {
  const least = acceptableLatencySeconds + longestJobSeconds;
  if (given < least) {
    const allowed = `at least ${least}, what waiting and the longest job take: SQS deletes what is worked on too`;
    return [{ property, given, allowed, change: `raise it to ${least} or more` }];
  }
  const most = LONGEST_RETENTION_SECONDS - DAY_SECONDS;
  if (fifo || given <= most) return [];
  const allowed = `at most ${most}: a dead letter of a standard queue keeps its age, and would be deleted before anyone has seen it`;
  return [{ property, given, allowed, change: `lower it to ${most} or less` }];
}
