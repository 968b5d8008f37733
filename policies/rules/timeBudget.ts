import { known, undecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { longestDeregistrationDelay, longestStopTimeout, type Longest } from "../stack/budget";
import { DETECTION_SECONDS, INTERRUPTION_NOTICE_SECONDS, MARGIN_SECONDS } from "../timeBudget";
import { ASSUME_SPOT, conclude, spotScope, type SpotAssumption } from "./verdict";

export interface Allowances {
  readonly detectionSeconds: number;
  readonly marginSeconds: number;
}

export const ALLOWANCES = {
  detectionSeconds: {
    type: "integer",
    default: DETECTION_SECONDS,
    minimum: 0,
    description: "Seconds allowed for a notice to become a draining instance.",
  },
  marginSeconds: {
    type: "integer",
    default: MARGIN_SECONDS,
    minimum: 0,
    description: "Seconds kept free before the instance goes.",
  },
} as const;

export const timeBudget = defineRule<SpotAssumption & Allowances>({
  name: "time-budget",
  displayName: "A task can stop within the notice",
  description:
    "On Spot, detection, deregistration delay, stop timeout and margin fit together into the 120 seconds of the notice.",
  severity: "critical",
  enforcementLevel: "mandatory",
  configSchema: { ...ALLOWANCES, assumeSpot: ASSUME_SPOT },
  remediationSteps: "Lower the target group's deregistrationDelay, 300 s by default, or the containers' stop timeout.",
  url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-spot.html",
  validate(stack, report, config) {
    for (const service of stack.all("service")) {
      const delay = longestDeregistrationDelay(stack, service);
      const stop = longestStopTimeout(stack, service);
      conclude(report, service, spotScope(stack, service, config), verdictOn(delay, stop, config));
    }
  },
});

/** What is known may be too much already, whatever the rest is. */
function verdictOn(
  delay: Longest,
  stop: Longest,
  { detectionSeconds, marginSeconds }: Allowances,
): Decided<Problem | undefined> {
  const over = detectionSeconds + delay.seconds + stop.seconds + marginSeconds - INTERRUPTION_NOTICE_SECONDS;
  if (over > 0) return known(problem(delay, stop, detectionSeconds, marginSeconds));
  const untold = [...delay.untold, ...stop.untold];
  return untold.length > 0 ? undecided(untold.join("; ")) : known(undefined);
}

function problem(delay: Longest, stop: Longest, detectionSeconds: number, marginSeconds: number): Problem {
  const sum = detectionSeconds + delay.seconds + stop.seconds + marginSeconds;
  const parts = [
    `${detectionSeconds} s detection`,
    `${delay.seconds} s deregistration delay (${delay.of})`,
    `${stop.seconds} s stop timeout (${stop.of})`,
    `${marginSeconds} s margin`,
  ];
  const longer = delay.seconds >= stop.seconds ? "deregistrationDelay" : "stopTimeout";
  return {
    found: `${parts.join(" + ")} = ${sum} s`,
    allowed: `at most ${INTERRUPTION_NOTICE_SECONDS} s`,
    fix: `lower ${longer}, or both, by ${sum - INTERRUPTION_NOTICE_SECONDS} s together`,
  };
}
