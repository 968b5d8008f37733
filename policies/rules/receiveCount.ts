import { anyDecided, known, mapDecided, undecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { notKnown } from "../stack/read";
import { UNKNOWN, type Resource } from "../stack/resource";
import { onFargateSpot } from "../stack/services";
import type { Stack } from "../stack/stack";
import { redriveOf, redrivePolicyOf, workersOf } from "../stack/workers";
import { ASSUME_SPOT, conclude, spotScope, type SpotAssumption } from "./verdict";

interface Config extends SpotAssumption {
  readonly minimumReceives: number;
}

export const receiveCount = defineRule<Config>({
  name: "receive-count",
  displayName: "An interruption makes no dead letter",
  description:
    "A job of a service on Spot may be received several times before it is a dead letter: SQS counts interruptions too.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {
    minimumReceives: {
      type: "integer",
      default: 3,
      minimum: 1,
      maximum: 1000,
      description: "Fewest receives after which a job may be a dead letter.",
    },
    assumeSpot: ASSUME_SPOT,
  },
  remediationSteps: "Raise maxReceiveCount in the queue's redrivePolicy.",
  url: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
  validate(stack, report, config) {
    for (const { service, queue } of workersOf(stack)) {
      const scope = anyDecided([spotScope(stack, service, config), onFargateSpot(stack, service)]);
      conclude(report, queue, scope, verdictOn(service, receivesOf(stack, queue), config));
    }
  },
});

/** Undefined where there is no redrive policy, which is another rule's, or none that SQS would take. */
function receivesOf(stack: Stack, queue: Resource): Decided<number | undefined> {
  const policy = redrivePolicyOf(stack, queue);
  if (policy === UNKNOWN) return undecided(notKnown("redrivePolicy"));
  const { maxReceiveCount } = redriveOf(policy);
  return known(maxReceiveCount === undefined ? undefined : Number(maxReceiveCount));
}

function verdictOn(
  service: Resource,
  receives: Decided<number | undefined>,
  { minimumReceives }: Config,
): Decided<Problem | undefined> {
  return mapDecided(receives, (count) =>
    count === undefined || count >= minimumReceives
      ? undefined
      : {
          found: `maxReceiveCount is ${count}, and ${service.label} may be interrupted as often: a job that did nothing wrong would be a dead letter`,
          allowed: `at least ${minimumReceives}`,
          fix: `raise it, e.g. to ${Math.max(10, minimumReceives)}`,
        },
  );
}
