import { mapDecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { spotAndEcs, spotCapacity, type Capacity } from "../stack/capacity";
import { text, valueAt } from "../stack/read";
import { isObject } from "../stack/resource";
import { conclude } from "./verdict";

/** Where each kind keeps its strategy, and what it must have for there to be any. AWS's default is the lowest price in all. */
const STRATEGIES = [
  { part: "mixedInstancesPolicy", property: "mixedInstancesPolicy.instancesDistribution.spotAllocationStrategy" },
  { part: "targetCapacitySpecification", property: "spotOptions.allocationStrategy" },
  { part: "iamFleetRole", property: "allocationStrategy" },
] as const;

const BETTER = "price-capacity-optimized";

export const allocationStrategy = defineRule({
  name: "allocation-strategy",
  displayName: "Spot capacity isn't chosen by price alone",
  description:
    "Spot instances aren't drawn from the cheapest pools, which are those interrupted most, as AWS's default does.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {},
  remediationSteps: 'Set spotAllocationStrategy to "price-capacity-optimized".',
  url: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/allocation-strategies.html",
  validate(stack, report) {
    for (const capacity of spotCapacity(stack))
      conclude(report, capacity.resource, spotAndEcs(capacity), verdictOn(capacity));
  },
  remediation: { type: "aws:autoscaling/group:Group", remediate: chooseByCapacity },
});

function verdictOn({ resource }: Capacity): Decided<Problem | undefined> {
  const place = STRATEGIES.find(({ part }) => valueAt(resource.props, part) !== undefined);
  if (!place) return { kind: "known", value: undefined };
  const { property } = place;
  return mapDecided(text(resource.props, property), (strategy) => {
    if (strategy !== undefined && !/^lowest-?price$/i.test(strategy)) return undefined;
    return {
      found: `${property} is ${strategy ?? "left out, which is lowest-price"}`,
      allowed: "a strategy that looks at capacity",
      fix: `set it to "${BETTER}"`,
    };
  });
}

/** The number of pools goes with the lowest price only: AWS refuses it with any other strategy. */
function chooseByCapacity(props: Record<string, unknown>): boolean {
  const policy = props.mixedInstancesPolicy;
  const distribution = isObject(policy) ? policy.instancesDistribution : undefined;
  if (!isObject(distribution) || Number(distribution.onDemandPercentageAboveBaseCapacity ?? 100) >= 100) return false;
  if ((distribution.spotAllocationStrategy ?? "lowest-price") !== "lowest-price") return false;
  const changed = distribution as Record<string, unknown>;
  changed.spotAllocationStrategy = BETTER;
  if (changed.spotInstancePools !== undefined) changed.spotInstancePools = 0;
  return true;
}
