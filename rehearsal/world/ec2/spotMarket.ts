/** What Spot capacity there is, pool by pool, as the trace or the generator says. */
import type { PoolSelector } from "../../inputs/market";
import type { Instance } from "./instance";

/** A Spot capacity pool: an instance type in a zone. */
export interface Pool {
  readonly instanceType: string;
  readonly availabilityZone: string;
}

export function selects(selector: PoolSelector, pool: Pool): boolean {
  return (
    (selector.instanceType === undefined || selector.instanceType === pool.instanceType) &&
    (selector.availabilityZone === undefined || selector.availabilityZone === pool.availabilityZone)
  );
}

interface Limit {
  readonly selector: PoolSelector;
  readonly capacity: number;
}

export class SpotMarket {
  private readonly limits = new Map<string, Limit>();

  /** At most `capacity` instances in the selected pools together; null lifts the limit. */
  limit(selector: PoolSelector, capacity: number | null): void {
    const key = `${selector.availabilityZone ?? "*"}/${selector.instanceType ?? "*"}`;
    if (capacity === null) this.limits.delete(key);
    else this.limits.set(key, { selector, capacity });
  }

  /** Whether one more Spot instance fits into the pool beside those that live. */
  hasRoom(pool: Pool, living: Iterable<Instance>): boolean {
    const limits = [...this.limits.values()].filter((limit) => selects(limit.selector, pool));
    if (limits.length === 0) return true;
    if (limits.some((limit) => limit.capacity <= 0)) return false;
    const spot = [...living].filter((instance) => instance.lifecycle === "spot");
    return limits.every(
      (limit) => spot.filter((instance) => selects(limit.selector, instance)).length < limit.capacity,
    );
  }
}
