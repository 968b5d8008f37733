import { everyDecided, mapDecided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { spotAndEcs, spotGroups } from "../stack/capacity";
import { replacementsOf } from "../stack/replacement";
import { conclude } from "./verdict";

const PROBLEM: Problem = {
  found:
    "capacityRebalance is on, and a function on the interruption warning may take instances out of the group: each interruption launches two instances",
  allowed: "one thing that replaces an instance",
  fix: "set capacityRebalance to false, or take that permission from the function",
};

export const replacedOnce = defineRule({
  name: "replaced-once",
  displayName: "An interrupted instance is replaced once",
  description: "Capacity rebalancing and a function on the notice don't both replace a Spot instance.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {},
  remediationSteps: "Switch capacityRebalance off, or take away what the function may do to the group.",
  url: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-capacity-rebalancing.html",
  validate(stack, report) {
    for (const capacity of spotGroups(stack)) {
      const { byGroup, byFunction } = replacementsOf(stack, capacity.resource);
      const verdict = mapDecided(everyDecided([byGroup, byFunction]), (both) => (both ? PROBLEM : undefined));
      conclude(report, capacity.resource, spotAndEcs(capacity), verdict);
    }
  },
});
