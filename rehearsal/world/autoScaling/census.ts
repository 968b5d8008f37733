/** How many instances a group has, where, and of which kind: what its choices rest on. */
import type { Instance, Lifecycle } from "../ec2/instance";
import type { GroupSpec } from "./groupSpec";
import { counts, type Member } from "./member";

export class Census {
  total = 0;
  inService = 0;
  private onDemand = 0;
  private readonly zones = new Map<string, number>();

  constructor(members: Iterable<Member>) {
    for (const member of members) {
      if (!counts(member)) continue;
      this.add(member.instance);
      if (member.lifecycleState === "InService") this.inService++;
    }
  }

  add({ lifecycle, availabilityZone }: Instance): void {
    this.total++;
    if (lifecycle === "on-demand") this.onDemand++;
    this.zones.set(availabilityZone, (this.zones.get(availabilityZone) ?? 0) + 1);
  }

  /** The emptiest first; among equals, in the group's order. */
  zonesByNeed(zones: readonly string[]): string[] {
    return [...zones].sort((a, b) => (this.zones.get(a) ?? 0) - (this.zones.get(b) ?? 0));
  }

  nextLifecycle(spec: GroupSpec, desired: number): Lifecycle {
    return this.onDemand < onDemandShare(spec, desired) ? "on-demand" : "spot";
  }

  /** Which side has more than its share of `desired`. */
  surplusSide(spec: GroupSpec, desired: number): Lifecycle {
    return this.onDemand > onDemandShare(spec, desired) ? "on-demand" : "spot";
  }
}

/** Of so many instances, how many are on demand: the base, and the percentage above it, rounded in favour of on demand. */
export function onDemandShare(spec: GroupSpec, total: number): number {
  const above = Math.max(0, total - spec.onDemandBaseCapacity);
  return Math.min(
    total,
    spec.onDemandBaseCapacity + Math.ceil((above * spec.onDemandPercentageAboveBaseCapacity) / 100),
  );
}
