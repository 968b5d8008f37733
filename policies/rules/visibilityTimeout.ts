import { anyDecided, known, mapDecided, undecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { longestStopTimeout } from "../stack/budget";
import { prolongs } from "../stack/heartbeat";
import { number } from "../stack/read";
import { onFargateSpot } from "../stack/services";
import type { Stack } from "../stack/stack";
import { workersOf, type Worker } from "../stack/workers";
import { ASSUME_SPOT, conclude, spotScope, type SpotAssumption } from "./verdict";

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html */
const DEFAULT_VISIBILITY_TIMEOUT_SECONDS = 30;

export const visibilityTimeout = defineRule<SpotAssumption>({
  name: "visibility-timeout",
  displayName: "A job stays hidden as long as its worker stops",
  description:
    "The visibility timeout of a queue that a service on Spot works off isn't shorter than the service's stop timeout.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: { assumeSpot: ASSUME_SPOT },
  remediationSteps: "Raise visibilityTimeoutSeconds to the worker's stop timeout at least.",
  url: "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html",
  validate(stack, report, config) {
    for (const worker of workersOf(stack)) {
      const { service, queue } = worker;
      const scope = anyDecided([spotScope(stack, service, config), onFargateSpot(stack, service)]);
      conclude(report, queue, scope, verdictOn(stack, worker));
    }
  },
});

function verdictOn(stack: Stack, worker: Worker): Decided<Problem | undefined> {
  const hidden = prolongs(stack, worker);
  if (hidden.kind === "known" && hidden.value) return known(undefined);
  const problem = shorterThanStop(stack, worker);
  if (problem.kind === "undecided" || problem.value === undefined) return problem;
  return mapDecided(hidden, () => problem.value);
}

function shorterThanStop(stack: Stack, { service, queue }: Worker): Decided<Problem | undefined> {
  const visible = mapDecided(
    number(queue.props, "visibilityTimeoutSeconds"),
    (seconds) => seconds ?? DEFAULT_VISIBILITY_TIMEOUT_SECONDS,
  );
  if (visible.kind === "undecided") return visible;
  const stop = longestStopTimeout(stack, service);
  if (visible.value < stop.seconds)
    return known({
      found: `visibilityTimeoutSeconds is ${visible.value}, and ${service.label} may work on for ${stop.seconds} s after SIGTERM (${stop.of}): another task would get the same job`,
      allowed: `at least ${stop.seconds}`,
      fix: `raise it to ${stop.seconds} or more`,
    });
  return stop.untold.length > 0 ? undecided(stop.untold.join("; ")) : known(undefined);
}
