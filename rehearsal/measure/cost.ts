/** What the instances cost, and would have cost on demand. */
import type { PriceTable } from "../inputs/prices";
import type { Instance } from "../world/ec2/instance";
import type { World } from "../world/world";
import type { CheapestCost } from "./cheapest";
import type { MeasuredResult } from "./result";

const HOUR_MS = 3_600_000;

export class CostMeter {
  private usd = 0;
  private onDemandUsd = 0;

  /** Bills what runs from now on. */
  constructor(
    private readonly world: World,
    private readonly prices: PriceTable,
    private readonly since = world.clock.now,
  ) {
    world.ec2.ended.subscribe((instance) => this.bill(instance, world.clock.now));
  }

  result(): { readonly usd: number; readonly onDemandUsd: number; readonly ratio: number } {
    for (const instance of this.world.ec2.living.values()) this.bill(instance, this.world.clock.now);
    const { usd, onDemandUsd } = this;
    return { usd, onDemandUsd, ratio: onDemandUsd === 0 ? 0 : usd / onDemandUsd };
  }

  /** By the second; the Spot price may change from hour to hour. */
  private bill(instance: Instance, until: number): void {
    const { instanceType, lifecycle } = instance;
    const onDemand = this.prices.onDemandUsdPerHour(instanceType);
    for (let from = Math.max(this.since, instance.launchedAt); from < until; from += HOUR_MS) {
      const hours = Math.min(HOUR_MS, until - from) / HOUR_MS;
      this.usd +=
        hours * (lifecycle === "spot" ? this.prices.spotUsdPerHour(instanceType, from - this.since) : onDemand);
      this.onDemandUsd += hours * onDemand;
    }
  }
}

/** The bill beside the cheapest that would have held the same. */
export function comparedCost(bill: ReturnType<CostMeter["result"]>, cheapest: CheapestCost): MeasuredResult["cost"] {
  const { needed, tasks, active, living } = cheapest;
  // Sums of so many parts differ in their last digits.
  const above = (more: number, less: number): number => Math.max(0, more - less);
  return {
    ...bill,
    clairvoyantUsd: needed,
    ofClairvoyant: needed === 0 ? 0 : bill.usd / needed,
    overClairvoyantUsd: {
      tasks: above(tasks, needed),
      headroom: above(active, tasks),
      comingAndGoing: above(living, active),
      pools: above(bill.usd, living),
    },
  };
}
