import { randomExponential } from "d3-random";
import * as constants from "./generatorConstants";
import { type Geometry, type Market, type MarketEvent, NOTICE_MS } from "./market";
import { inTimeOrder } from "./marketEvents";
import type { PriceTable } from "./prices";
import { randomStream } from "./random";

/** What a generated market depends on. */
export interface MarketShape {
  readonly seed: number;
  readonly durationMs: number;
  readonly geometry: Geometry;
  readonly prices: PriceTable;
  /** Interruptions are so many times as frequent as measured; 52: those of a year in a week. @default 1 */
  readonly hazardScale?: number;
}

/** At `atMs` a pool's instances are reclaimed; it has no capacity until `untilMs`. */
interface Shock {
  readonly atMs: number;
  readonly untilMs: number;
}

interface Pool {
  readonly availabilityZone: string;
  readonly instanceType: string;
}

/**
 * A market as measured: interruptions strike a pool (instance type × Availability Zone) as a whole, at the rate of its interruption bucket;
 * from the notice on, the pool has no capacity for a while; rebalance recommendations come that nothing follows.
 * Few shocks strike all pools of a zone or of a type.
 *
 * Every pool, zone and type draws from its own stream: another pool in the geometry leaves the others' events as they were.
 *
 * @throws InputError if the prices don't know an instance type
 * @throws RangeError if the duration or the scale is out of its range
 */
export function generateMarket(shape: MarketShape): Market {
  const { seed, durationMs, geometry, hazardScale = 1 } = shape;
  if (!(durationMs > 0))
    throw new RangeError(`durationMs is ${durationMs}; allowed: more than 0; give a longer rehearsal`);
  if (!(hazardScale >= 0 && hazardScale < Infinity)) {
    throw new RangeError(`hazardScale is ${hazardScale}; allowed: 0 or more; use 1 for interruptions as measured`);
  }
  const pools = geometry.instanceTypes.flatMap((instanceType) =>
    geometry.availabilityZones.map((availabilityZone): Pool => ({ availabilityZone, instanceType })),
  );
  const events = inTimeOrder(pools.flatMap((pool) => poolEvents(pool, shape)));
  const scale = hazardScale === 1 ? "as measured" : `× ${hazardScale}`;
  return {
    source: `generated, seed ${seed}: ${pools.length} pools, interruptions ${scale}`,
    durationMs,
    events: events.filter(({ atMs }) => atMs < durationMs),
  };
}

function poolEvents(pool: Pool, shape: MarketShape): MarketEvent[] {
  const { availabilityZone, instanceType } = pool;
  const hazard = constants.bucketHazardPerHour(shape.prices.interruptionBucket(instanceType));
  // The bucket counts every interruption of the pool, so the wide shocks are taken off the pool's own.
  const shockRate = hazard / constants.SHOCK_SHARE;
  const ownRate = shockRate - constants.ZONE_SHOCKS_PER_HOUR - constants.TYPE_SHOCKS_PER_HOUR;
  const shocks = [
    ...drawShocks(`pool ${instanceType} ${availabilityZone}`, ownRate, shape),
    ...drawShocks(`zone ${availabilityZone}`, constants.ZONE_SHOCKS_PER_HOUR, shape),
    ...drawShocks(`type ${instanceType}`, constants.TYPE_SHOCKS_PER_HOUR, shape),
  ];
  const share = constants.SHOCK_SHARE;
  const falseAlarms = drawInstants(
    `recommendation ${instanceType} ${availabilityZone}`,
    shockRate * constants.FALSE_ALARMS_PER_INTERRUPTION,
    shape,
  );
  return [
    ...capacityEvents(pool, shocks),
    ...shocks.map(({ atMs }): MarketEvent => ({
      atMs,
      kind: "reclaim",
      pool,
      share,
      spreadMs: constants.SHOCK_SPREAD_MS,
    })),
    ...falseAlarms.map((atMs): MarketEvent => ({ atMs, kind: "recommend", pool, share })),
  ];
}

/** A Poisson process of so many instants per hour. */
function drawInstants(stream: string, perHour: number, { seed, durationMs, hazardScale = 1 }: MarketShape): number[] {
  const rate = (perHour * hazardScale) / constants.HOUR_MS;
  const instants: number[] = [];
  if (rate === 0) return instants;
  const gap = randomExponential.source(randomStream(seed, stream))(rate);
  for (let atMs = gap(); atMs < durationMs; atMs += gap()) instants.push(Math.round(atMs));
  return instants;
}

function drawShocks(stream: string, perHour: number, shape: MarketShape): Shock[] {
  const downRun = randomExponential.source(randomStream(shape.seed, `${stream} down`))(1 / constants.MEAN_DOWN_RUN_MS);
  return drawInstants(stream, perHour, shape).map((atMs) => ({
    atMs,
    // A pool that is still reclaiming has no capacity.
    untilMs: atMs + constants.SHOCK_SPREAD_MS + Math.round(downRun()),
  }));
}

/** None from a shock's notice to its end; shocks that overlap are one time without capacity. */
function capacityEvents(pool: Pool, shocks: readonly Shock[]): MarketEvent[] {
  const downRuns: { fromMs: number; untilMs: number }[] = [];
  for (const { atMs, untilMs } of [...shocks].sort((a, b) => a.atMs - b.atMs)) {
    const fromMs = Math.max(0, atMs - NOTICE_MS);
    const latest = downRuns.at(-1);
    if (latest !== undefined && fromMs <= latest.untilMs) latest.untilMs = Math.max(latest.untilMs, untilMs);
    else downRuns.push({ fromMs, untilMs });
  }
  return downRuns.flatMap(({ fromMs, untilMs }): MarketEvent[] => [
    { atMs: fromMs, kind: "capacity", pool, capacity: 0 },
    { atMs: untilMs, kind: "capacity", pool, capacity: null },
  ]);
}
