import { about, anyDecided, everyDecided, mapDecided, undecided, type Decided } from "../decided";
import { defineRule, type Problem } from "../rule";
import { agentOf } from "../stack/agents";
import { spotAndEcs, spotCapacity, type Capacity } from "../stack/capacity";
import { text } from "../stack/read";
import type { Stack } from "../stack/stack";
import { spotInstanceDraining } from "../userData/agentSettings";
import { conclude } from "./verdict";

/** AWS switches it on for a new capacity provider that says nothing. */
const MANAGED_DRAINING = "autoScalingGroupProvider.managedDraining";

export const drainingEnabled = defineRule({
  name: "draining-enabled",
  displayName: "Draining is enabled on Spot capacity",
  description:
    "ECS capacity that can be Spot is drained at an interruption notice, by its agents or by its capacity provider.",
  severity: "critical",
  enforcementLevel: "mandatory",
  configSchema: {},
  remediationSteps:
    'Set ECS_ENABLE_SPOT_INSTANCE_DRAINING=true in the user data, or managedDraining to "ENABLED" on the capacity provider.',
  url: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-spot.html",
  validate(stack, report) {
    for (const capacity of spotCapacity(stack))
      conclude(report, capacity.resource, spotAndEcs(capacity), verdictOn(stack, capacity));
  },
  remediation: {
    type: "aws:ecs/capacityProvider:CapacityProvider",
    remediate(props) {
      const provider = props.autoScalingGroupProvider as Record<string, unknown> | undefined;
      if (provider?.managedDraining !== "DISABLED") return false;
      provider.managedDraining = "ENABLED";
      return true;
    },
  },
});

function verdictOn(stack: Stack, capacity: Capacity): Decided<Problem | undefined> {
  const drained = anyDecided([...capacity.providers.map(isManaged), byEveryAgent(stack, capacity)]);
  return mapDecided(drained, (isDrained) =>
    isDrained
      ? undefined
      : {
          found: `${agentsFound(stack, capacity)}, and ${providersFound(capacity)}`,
          allowed: "on Spot, one of the two is on",
          fix: 'set ECS_ENABLE_SPOT_INSTANCE_DRAINING=true in the user data, or managedDraining to "ENABLED" on its capacity provider',
        },
  );
}

function isManaged({ props }: Capacity["providers"][number]): Decided<boolean> {
  return mapDecided(text(props, MANAGED_DRAINING), (status = "ENABLED") => status === "ENABLED");
}

function byEveryAgent(stack: Stack, { boots, unseenBoots }: Capacity): Decided<boolean> {
  const each = boots.map((boot) => about(boot.resource.label, spotInstanceDraining(agentOf(stack, boot))));
  return everyDecided([...each, ...unseenBoots.map((reason) => undecided<boolean>(reason))]);
}

function agentsFound(stack: Stack, { boots }: Capacity): string {
  const off = boots.filter((boot) => {
    const draining = spotInstanceDraining(agentOf(stack, boot));
    return draining.kind === "known" && !draining.value;
  });
  return `the agent's draining is off in the user data of ${off.map(({ resource }) => resource.label).join(", ")}`;
}

function providersFound({ providers }: Capacity): string {
  if (providers.length === 0) return "no capacity provider of this stack has it";
  return `managedDraining is DISABLED on ${providers.map(({ label }) => label).join(", ")}`;
}
