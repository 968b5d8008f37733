/** Times without Spot in any pool, laid over a market. */
import { NOTICE_MS, type Market, type MarketEvent, type PoolSelector } from "./market";
import { SHOCK_SPREAD_MS } from "./generatorConstants";
import { inTimeOrder } from "./marketEvents";

export interface Outage {
  readonly fromMs: number;
  readonly untilMs: number;
}

const ALL_POOLS: PoolSelector = {};

/**
 * From the notice on nothing is launched, and all that runs is reclaimed at `fromMs` and shortly after. A limit of all pools together
 * stands beside the limits of single pools, so that these hold again afterwards; a market must have none of its own.
 */
export function withOutages(market: Market, outages: readonly Outage[]): Market {
  if (outages.length === 0) return market;
  const events = outages.flatMap(({ fromMs, untilMs }): MarketEvent[] => [
    { atMs: Math.max(0, fromMs - NOTICE_MS), kind: "capacity", pool: ALL_POOLS, capacity: 0 },
    { atMs: fromMs, kind: "reclaim", pool: ALL_POOLS, share: 1, spreadMs: SHOCK_SPREAD_MS },
    { atMs: untilMs, kind: "capacity", pool: ALL_POOLS, capacity: null },
  ]);
  const hours = outages.map(({ fromMs, untilMs }) => `${fromMs / 3_600_000}–${untilMs / 3_600_000}`).join(", ");
  return {
    ...market,
    source: `${market.source}; no Spot in hours ${hours}`,
    events: inTimeOrder([...market.events, ...events]),
  };
}
