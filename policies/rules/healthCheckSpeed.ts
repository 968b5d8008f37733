import { known, mapDecided, type Decided } from "../decided";
import { defineRule, type Problem, type Report } from "../rule";
import { secondsUntilInService, secondsUntilOutOfService } from "../stack/health";
import type { Resource } from "../stack/resource";
import { targetGroupsOf } from "../stack/tasks";
import { DETECTION_SECONDS, INTERRUPTION_NOTICE_SECONDS, MARGIN_SECONDS } from "../timeBudget";
import { ASSUME_SPOT, conclude, spotScope, type SpotAssumption } from "./verdict";

interface Config extends SpotAssumption {
  readonly limitSeconds: number;
}

export const healthCheckSpeed = defineRule<Config>({
  name: "health-check-speed",
  displayName: "A health check is faster than the budget",
  description:
    "On Spot, a target group sees within the notice's time that a new target is healthy, and that one is gone.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {
    limitSeconds: {
      type: "integer",
      default: INTERRUPTION_NOTICE_SECONDS - DETECTION_SECONDS - MARGIN_SECONDS,
      minimum: 5,
      description: "Longest time until a target is seen to be healthy, or gone, in seconds.",
    },
    assumeSpot: ASSUME_SPOT,
  },
  remediationSteps: "Lower the interval or the threshold of the target group's health check.",
  url: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
  validate(stack, report, config) {
    for (const service of stack.all("service")) {
      const groups = targetGroupsOf(stack, service);
      const scope = spotScope(stack, service, config);
      if (groups.kind === "undecided") conclude(report, service, scope, groups);
      else for (const group of groups.value) judge(report, group, scope, config);
    }
  },
});

function judge(report: Report, group: Resource, scope: Decided<boolean>, { limitSeconds }: Config): void {
  const gone = mapDecided(secondsUntilOutOfService(group), (seconds) => problem("gone", seconds, limitSeconds));
  const there = mapDecided(secondsUntilInService(group), (seconds) => problem("healthy", seconds, limitSeconds));
  const found = [gone, there].find((each) => each.kind === "undecided" || each.value !== undefined);
  conclude(report, group, scope, found ?? known(undefined));
}

function problem(what: "gone" | "healthy", seconds: number, limitSeconds: number): Problem | undefined {
  if (seconds <= limitSeconds) return undefined;
  const threshold = what === "gone" ? "unhealthyThreshold" : "healthyThreshold";
  return {
    found: `its health check takes ${seconds} s to see that a target is ${what}`,
    allowed: `at most ${limitSeconds} s`,
    fix: `lower the check's interval or ${threshold}`,
  };
}
