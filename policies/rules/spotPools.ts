import { mapDecided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { spotAndEcs, spotGroups } from "../stack/capacity";
import { poolsOf, type Pools } from "../stack/pools";
import { conclude } from "./verdict";

interface Config {
  readonly minimumPools: number;
}

export const spotPools = defineRule<Config>({
  name: "spot-pools",
  displayName: "A Spot group draws from several pools",
  description:
    "A group with Spot instances draws from at least three pools, one per instance type and zone, so that it finds a replacement.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {
    minimumPools: { type: "integer", default: 3, minimum: 1, description: "Fewest pools that a group may draw from." },
  },
  remediationSteps:
    "Name more instance types in the overrides of the mixed instances policy, or choose them by attributes.",
  url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-best-practices.html",
  validate(stack, report, config) {
    for (const capacity of spotGroups(stack)) {
      const verdict = mapDecided(poolsOf(stack, capacity), (pools) => verdictOn(pools, config));
      conclude(report, capacity.resource, spotAndEcs(capacity), verdict);
    }
  },
});

function verdictOn({ instanceTypes, zones }: Pools, { minimumPools }: Config): Problem | undefined {
  if (instanceTypes * zones >= minimumPools) return undefined;
  const types = `${instanceTypes} instance ${instanceTypes === 1 ? "type" : "types"}`;
  return {
    found: `${types} × ${zones} ${zones === 1 ? "zone" : "zones"} make ${instanceTypes * zones} Spot pools`,
    allowed: `at least ${minimumPools}`,
    fix: "name more instance types of the same size in the overrides, or choose them with instanceRequirements",
  };
}
