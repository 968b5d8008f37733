import { allDecided, mapDecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { objects, text } from "../stack/read";
import type { Resource } from "../stack/resource";
import { ASSUME_SPOT, conclude, spotScope, type SpotAssumption } from "./verdict";

export const zoneRebalancing = defineRule<SpotAssumption>({
  name: "zone-rebalancing",
  displayName: "Zone rebalancing and binpacking don't work against each other",
  description:
    "On Spot, a service that is placed by binpack first doesn't ask for zone rebalancing, which needs a spread over zones first.",
  severity: "low",
  enforcementLevel: "advisory",
  configSchema: { assumeSpot: ASSUME_SPOT },
  remediationSteps: "Spread over attribute:ecs.availability-zone first, or disable availabilityZoneRebalancing.",
  url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html",
  validate(stack, report, config) {
    for (const service of stack.all("service"))
      conclude(report, service, spotScope(stack, service, config), verdictOn(service));
  },
});

/** Left out, AWS enables it only for a service that fits. */
function verdictOn({ props }: Resource): Decided<Problem | undefined> {
  const rebalancing = text(props, "availabilityZoneRebalancing");
  const strategies = objects(props, "orderedPlacementStrategies");
  if (rebalancing.kind === "known" && rebalancing.value !== "ENABLED") return { kind: "known", value: undefined };
  const first = mapDecided(strategies, (each) => each[0]?.type);
  return mapDecided(allDecided<unknown>([rebalancing, first]), ([, type]) => {
    if (type !== "binpack") return undefined;
    return {
      found: "availabilityZoneRebalancing is ENABLED, and the first placement strategy is binpack",
      allowed: "a spread over zones first",
      fix: 'put {type: "spread", field: "attribute:ecs.availability-zone"} first, or set availabilityZoneRebalancing to "DISABLED"',
    };
  });
}
