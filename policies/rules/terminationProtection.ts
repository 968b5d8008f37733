import { allDecided, known, mapDecided, undecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { spotAndEcs, spotGroups, type Capacity } from "../stack/capacity";
import { flag, text } from "../stack/read";
import { conclude } from "./verdict";

const PROVIDER = "autoScalingGroupProvider";

export const terminationProtection = defineRule({
  name: "termination-protection",
  displayName: "Scale-in protection and managed termination protection go together",
  description:
    "A Spot group protects its instances from scale-in if, and only if, its capacity provider lifts the protection of empty ones.",
  severity: "medium",
  enforcementLevel: "advisory",
  configSchema: {},
  remediationSteps: "Switch on both protectFromScaleIn and managedTerminationProtection, or neither.",
  url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html",
  validate(stack, report) {
    for (const capacity of spotGroups(stack))
      conclude(report, capacity.resource, spotAndEcs(capacity), verdictOn(capacity));
  },
});

function verdictOn({ resource, providers }: Capacity): Decided<Problem | undefined> {
  const isProtected = flag(resource.props, "protectFromScaleIn");
  if (providers.length === 0) return withoutProvider(isProtected);
  const managed = providers.map(({ props }) => text(props, `${PROVIDER}.managedTerminationProtection`));
  return mapDecided(allDecided<unknown>([isProtected, ...managed]), ([onGroup, ...each]) =>
    problem(onGroup === true, each.includes("ENABLED"), providers.map(({ label }) => label).join(", ")),
  );
}

/** What lifts the protection may be in another stack. */
function withoutProvider(isProtected: Decided<boolean>): Decided<Problem | undefined> {
  if (isProtected.kind === "known" && !isProtected.value) return known(undefined);
  return undecided("protectFromScaleIn is on, and no capacity provider of this stack has the group and could lift it");
}

function problem(onGroup: boolean, managed: boolean, providers: string): Problem | undefined {
  if (onGroup === managed) return undefined;
  if (managed)
    return {
      found: `managedTerminationProtection is ENABLED on ${providers}, and protectFromScaleIn is off: ECS refuses such a provider`,
      allowed: "both or neither",
      fix: "set protectFromScaleIn to true",
    };
  return {
    found: `protectFromScaleIn is on, and managedTerminationProtection isn't on ${providers}: nothing lifts the protection, so that the group never gets smaller`,
    allowed: "both or neither",
    fix: 'set managedTerminationProtection to "ENABLED", or protectFromScaleIn to false',
  };
}
