import { mapDecided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { spotAndEcs, spotGroups } from "../stack/capacity";
import { zonesOf } from "../stack/pools";
import { conclude } from "./verdict";

interface Config {
  readonly minimumZones: number;
}

export const severalZones = defineRule<Config>({
  name: "several-zones",
  displayName: "A Spot group spans several Availability Zones",
  description:
    "A group with Spot instances spans at least two Availability Zones: a zone's pools are interrupted together.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {
    minimumZones: { type: "integer", default: 2, minimum: 2, description: "Fewest zones that a group may span." },
  },
  remediationSteps: "Give the group subnets in more Availability Zones.",
  url: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-best-practices.html",
  validate(stack, report, { minimumZones }) {
    for (const capacity of spotGroups(stack)) {
      const verdict = mapDecided(zonesOf(stack, capacity.resource), (zones): Problem | undefined =>
        zones >= minimumZones
          ? undefined
          : {
              found: `it spans ${zones === 1 ? "one Availability Zone" : `${zones} Availability Zones`}`,
              allowed: `at least ${minimumZones}`,
              fix: "give it subnets in more zones with vpcZoneIdentifiers",
            },
      );
      conclude(report, capacity.resource, spotAndEcs(capacity), verdict);
    }
  },
});
