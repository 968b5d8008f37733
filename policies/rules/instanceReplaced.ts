import { anyDecided, mapDecided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { spotAndEcs, spotGroups } from "../stack/capacity";
import { replacementsOf } from "../stack/replacement";
import { conclude } from "./verdict";

const PROBLEM: Problem = {
  found:
    "nothing replaces an instance at its notice, so that capacity is missing from the interruption until the group sees it gone and another has booted",
  allowed: "one thing that does",
  fix: "set capacityRebalance to true, or detach the instance in a function on the interruption warning",
};

export const instanceReplaced = defineRule({
  name: "instance-replaced",
  displayName: "An interrupted instance is replaced at the notice",
  description:
    "Something replaces a Spot instance at its notice: capacity rebalancing, or a function that detaches or ends it in its group.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {},
  remediationSteps:
    "Set capacityRebalance on the group, or detach the instance in a function on the interruption warning; not both.",
  url: "https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-capacity-rebalancing.html",
  validate(stack, report) {
    for (const capacity of spotGroups(stack)) {
      const { byGroup, byFunction } = replacementsOf(stack, capacity.resource);
      const verdict = mapDecided(anyDecided([byGroup, byFunction]), (any) => (!any ? PROBLEM : undefined));
      conclude(report, capacity.resource, spotAndEcs(capacity), verdict);
    }
  },
});
