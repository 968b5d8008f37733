import { allDecided, known, mapDecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { spotAndEcs, spotCapacity, type Capacity } from "../stack/capacity";
import { asText, objects, text, valueAt } from "../stack/read";
import { conclude } from "./verdict";

export const instanceWeights = defineRule({
  name: "instance-weights",
  displayName: "Managed scaling counts instances, not weights",
  description:
    "A Spot group that ECS scales gives its instance types no weights: managed scaling doesn't know of them.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {},
  remediationSteps: "Remove weightedCapacity from the overrides, and name types of one size.",
  url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html",
  validate(stack, report) {
    for (const capacity of spotCapacity(stack))
      conclude(report, capacity.resource, spotAndEcs(capacity), verdictOn(capacity));
  },
});

function verdictOn({ resource, providers }: Capacity): Decided<Problem | undefined> {
  const overrides = objects(resource.props, "mixedInstancesPolicy.launchTemplate.overrides");
  if (overrides.kind === "undecided") return providers.length > 0 ? overrides : known(undefined);
  const weighted = overrides.value.filter((each) => valueAt(each, "weightedCapacity") !== undefined);
  if (weighted.length === 0) return known(undefined);
  const statuses = providers.map(({ props }) => text(props, "autoScalingGroupProvider.managedScaling.status"));
  return mapDecided(allDecided(statuses), (each) => {
    if (!each.includes("ENABLED")) return undefined;
    const types = weighted.map(({ instanceType, weightedCapacity }) =>
      [instanceType, weightedCapacity].map((each) => asText(each) ?? "?").join(" "),
    );
    return {
      found: `its instance types have weights (${types.join(", ")}) under managed scaling`,
      allowed: "none",
      fix: "remove weightedCapacity from every override",
    };
  });
}
