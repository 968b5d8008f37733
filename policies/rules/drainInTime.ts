import { known, mapDecided, undecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { longestDeregistrationDelay, longestStopTimeout } from "../stack/budget";
import { secondsToHealthy } from "../stack/health";
import { mayOnInterruption } from "../stack/interruption";
import { percentsFound, percentsOf, waitsForReplacement, waitsForRoom, type Percents } from "../stack/percents";
import type { Resource } from "../stack/resource";
import { isDaemon } from "../stack/services";
import type { Stack } from "../stack/stack";
import { INTERRUPTION_NOTICE_SECONDS } from "../timeBudget";
import { ALLOWANCES, type Allowances } from "./timeBudget";
import { ASSUME_SPOT, conclude, spotScope, type SpotAssumption } from "./verdict";

interface Config extends SpotAssumption, Allowances {
  readonly startSeconds: number;
}

export const drainInTime = defineRule<Config>({
  name: "drain-in-time",
  displayName: "A draining task needn't wait too long for its replacement",
  description:
    "On Spot, where a task may stop only once its replacement is healthy, both fit into the notice, or something stops the task in time.",
  severity: "high",
  enforcementLevel: "mandatory",
  configSchema: {
    ...ALLOWANCES,
    startSeconds: {
      type: "integer",
      default: 30,
      minimum: 0,
      description: "Seconds until a new task's containers run, with a place found and the image pulled.",
    },
    assumeSpot: ASSUME_SPOT,
  },
  remediationSteps:
    "Lower deploymentMinimumHealthyPercent, so that a task may stop at once, or let a function stop the tasks of a noticed instance.",
  url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html",
  validate(stack, report, config) {
    for (const service of stack.all("service")) {
      if (!isDaemon(service))
        conclude(report, service, spotScope(stack, service, config), verdictOn(stack, service, config));
    }
  },
});

function verdictOn(stack: Stack, service: Resource, config: Config): Decided<Problem | undefined> {
  const percents = percentsOf(stack, service);
  if (percents.kind === "undecided") return percents;
  // Where the one also waits for the other, the service is deadlocked, which is another rule's.
  if (!waitsForReplacement(percents.value) || waitsForRoom(percents.value)) return known(undefined);
  const stopped = mayOnInterruption(stack, "ecs:StopTask");
  if (stopped.kind === "known" && stopped.value) return known(undefined);
  const late = lateness(stack, service, percents.value, config);
  if (late.kind === "undecided" || late.value === undefined) return late;
  return mapDecided(stopped, () => late.value);
}

/** What the tasks' own times leave too little of is the time budget's. */
function lateness(stack: Stack, service: Resource, percents: Percents, config: Config): Decided<Problem | undefined> {
  const delay = longestDeregistrationDelay(stack, service);
  const stop = longestStopTimeout(stack, service);
  const healthy = secondsToHealthy(stack, service);
  if (healthy.kind === "undecided") return healthy;
  const { detectionSeconds, startSeconds, marginSeconds } = config;
  const sum = detectionSeconds + startSeconds + healthy.value + delay.seconds + stop.seconds + marginSeconds;
  const untold = [...delay.untold, ...stop.untold];
  if (sum <= INTERRUPTION_NOTICE_SECONDS) return untold.length > 0 ? undecided(untold.join("; ")) : known(undefined);
  const parts = [
    `${detectionSeconds} s detection`,
    `${startSeconds} s start`,
    `${healthy.value} s until healthy`,
    `${delay.seconds} s deregistration delay`,
    `${stop.seconds} s stop timeout`,
    `${marginSeconds} s margin`,
  ];
  return known({
    found: `${percentsFound(percents)}: a task waits for its replacement, ${parts.join(" + ")} = ${sum} s, and nothing stops it earlier`,
    allowed: `at most ${INTERRUPTION_NOTICE_SECONDS} s`,
    fix: "set deploymentMinimumHealthyPercent so low that a task may be missing, e.g. 50 with two tasks or more, or shorten the times",
  });
}
