/** What a group has of each kind of instance, and what it misses. */
import { onDemandShare, type Distribution } from "./distribution";
import type { FallbackSettings } from "./settings";
import type { ShareState } from "./state";

export interface Weighed {
  /** How the program divides the group. */
  readonly declared: Distribution;
  /** Instances that the group wants and that neither run nor come. */
  readonly missing: number;
  /** On-Demand Instances above the declared share. */
  readonly standIns: number;
  /** How many would stand in if all that are missing were on demand. */
  readonly needed: number;
  /** Whether the kind of an instance isn't known yet. */
  readonly isUnsure: boolean;
}

export function weigh({ desired, distribution, members }: ShareState, { declaredBase }: FallbackSettings): Weighed {
  const declared = { ...distribution, base: declaredBase };
  const share = onDemandShare(declared, desired);
  const missing = Math.max(0, desired - members.length);
  const onDemand = members.filter(({ lifecycle }) => lifecycle === "on-demand").length;
  return {
    declared,
    missing,
    standIns: Math.max(0, onDemand - share),
    needed: Math.max(0, onDemand + missing - share),
    isUnsure: members.some(({ lifecycle }) => lifecycle === undefined),
  };
}
