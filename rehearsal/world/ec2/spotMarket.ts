/** What Spot capacity there is, pool by pool, as the trace or the generator says. */
import type { PoolSelector } from "../../inputs/market";

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

const keyOf = ({ availabilityZone = "*", instanceType = "*" }: PoolSelector): string =>
  `${availabilityZone}/${instanceType}`;

interface Limit {
  readonly selector: PoolSelector;
  readonly capacity: number;
}

interface Used {
  readonly pool: Pool;
  count: number;
}

export class SpotMarket {
  private readonly limits = new Map<string, Limit>();
  /** Living Spot instances of each pool. */
  private readonly used = new Map<string, Used>();
  /** Until when a pool is at elevated risk, by its key. */
  private readonly atRiskUntil = new Map<string, number>();

  /** At most `capacity` instances in the selected pools together; null lifts the limit. */
  limit(selector: PoolSelector, capacity: number | null): void {
    const key = keyOf(selector);
    if (capacity === null) this.limits.delete(key);
    else this.limits.set(key, { selector, capacity });
  }

  /** One more Spot instance lives in the pool, or one fewer. */
  count(pool: Pool, difference: 1 | -1): void {
    const { instanceType, availabilityZone } = pool;
    const key = `${availabilityZone}/${instanceType}`;
    const used = this.used.get(key);
    if (used === undefined) this.used.set(key, { pool: { instanceType, availabilityZone }, count: difference });
    else used.count += difference;
  }

  /** EC2 recommends to replace an instance of the pool. */
  raiseRisk({ instanceType, availabilityZone }: Pool, until: number): void {
    this.atRiskUntil.set(`${availabilityZone}/${instanceType}`, until);
  }

  isAtRisk({ instanceType, availabilityZone }: Pool, now: number): boolean {
    return now < (this.atRiskUntil.get(`${availabilityZone}/${instanceType}`) ?? 0);
  }

  /** Whether one more Spot instance fits into the pool beside those that live. */
  hasRoom(pool: Pool): boolean {
    for (const limit of this.limits.values()) {
      if (selects(limit.selector, pool) && (limit.capacity <= 0 || this.usedWithin(limit.selector) >= limit.capacity)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a pool gives instances at all, however many it and others give together. */
  isOpen(pool: Pool): boolean {
    return [...this.limits.values()].every(({ selector, capacity }) => capacity > 0 || !selects(selector, pool));
  }

  /** How many Spot instances all pools hold together; Infinity: no limit. */
  get mostTogether(): number {
    return this.limits.get(keyOf({}))?.capacity ?? Infinity;
  }

  private usedWithin(selector: PoolSelector): number {
    let total = 0;
    for (const { pool, count } of this.used.values()) if (selects(selector, pool)) total += count;
    return total;
  }
}
