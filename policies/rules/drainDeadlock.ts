import { mapDecided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { percentsFound, percentsOf, waitsForReplacement, waitsForRoom, type Percents } from "../stack/percents";
import { isDaemon } from "../stack/services";
import { ASSUME_SPOT, conclude, spotScope, type SpotAssumption } from "./verdict";

export const drainDeadlock = defineRule<SpotAssumption>({
  name: "drain-deadlock",
  displayName: "A draining instance can be emptied",
  description:
    "On Spot, a service's percents let a task either stop before its replacement is healthy, or start before it stops.",
  severity: "high",
  enforcementLevel: "mandatory",
  configSchema: { assumeSpot: ASSUME_SPOT },
  remediationSteps: "Lower deploymentMinimumHealthyPercent below 100, or raise deploymentMaximumPercent above 100.",
  url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html",
  validate(stack, report, config) {
    for (const service of stack.all("service")) {
      if (isDaemon(service)) continue;
      conclude(report, service, spotScope(stack, service, config), mapDecided(percentsOf(stack, service), verdictOn));
    }
  },
});

function verdictOn(percents: Percents): Problem | undefined {
  if (!waitsForReplacement(percents) || !waitsForRoom(percents)) return undefined;
  return {
    found: `${percentsFound(percents)}: no task may stop before another is healthy, and none may start before one has stopped`,
    allowed: "room for one of the two",
    fix: "set deploymentMinimumHealthyPercent to 50, or deploymentMaximumPercent to 200",
  };
}
