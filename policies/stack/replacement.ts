/** What puts a new instance in the place of one that is interrupted, before AWS notices that it is gone. */
import { anyDecided, type Decided } from "../decided";
import { mayOnInterruption } from "./interruption";
import { flag } from "./read";
import type { Resource } from "./resource";
import type { Stack } from "./stack";

export interface Replacements {
  /** The group itself, by capacity rebalancing. */
  readonly byGroup: Decided<boolean>;
  /** A function on the notice that may take the instance out of the group without lowering its size. */
  readonly byFunction: Decided<boolean>;
}

const TAKES_OUT = ["autoscaling:DetachInstances", "autoscaling:TerminateInstanceInAutoScalingGroup"];

export function replacementsOf(stack: Stack, group: Resource): Replacements {
  return stack.once(readReplacements, group);
}

function readReplacements(stack: Stack, group: Resource): Replacements {
  return {
    byGroup: flag(group.props, "capacityRebalance"),
    byFunction: anyDecided(TAKES_OUT.map((action) => mayOnInterruption(stack, action, group))),
  };
}
