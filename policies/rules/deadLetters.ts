import { anyDecided, known } from "../decided";
import { defineRule, type Problem } from "../rule";
import { onFargateSpot } from "../stack/services";
import { redrivePolicyOf, workersOf } from "../stack/workers";
import { ASSUME_SPOT, conclude, spotScope, type SpotAssumption } from "./verdict";

export const deadLetters = defineRule<SpotAssumption>({
  name: "dead-letters",
  displayName: "A worker's queue has dead letters",
  description:
    "A queue that a service on Spot works off has a dead-letter queue: a job that is interrupted again and again must end somewhere.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: { assumeSpot: ASSUME_SPOT },
  remediationSteps: "Give the queue a redrivePolicy with a dead-letter queue.",
  url: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html",
  validate(stack, report, config) {
    for (const { service, queue } of workersOf(stack)) {
      if (redrivePolicyOf(stack, queue) !== undefined) continue;
      const scope = anyDecided([spotScope(stack, service, config), onFargateSpot(stack, service)]);
      conclude(report, queue, scope, known(problem(service.label)));
    }
  },
});

const problem = (service: string): Problem => ({
  found: `${service} works it off, and it has no redrivePolicy`,
  allowed: "one that leads to a dead-letter queue",
  fix: "add a queue for dead letters, and a redrivePolicy with its ARN and a maxReceiveCount, e.g. 5",
});
