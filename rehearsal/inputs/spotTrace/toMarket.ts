import { type Geometry, type Market, type MarketEvent, NOTICE_MS, type PoolSelector } from "../market";
import { inTimeOrder } from "../marketEvents";
import type { AvailabilityTrace, LevelStep, LevelTrace, SpotTrace } from "./types";

/**
 * What a trace says about the pools of a group.
 *
 * - Availability: at a down edge, the pools of the zone reclaim everything, and refuse launches from
 *   the notice to the up edge. Zones of the trace stand for the group's zones in order; a group with more zones
 *   goes through them again.
 * - Level: level / highest level × group size (rounded, and at least 1 while the level is positive) is what all
 *   pools hold together; a fall from a to b reclaims the share (a − b) / a of the Spot instances.
 *
 * Since the notice comes {@link NOTICE_MS} before the end, launches are held to the lowest level of
 * the next {@link NOTICE_MS}. Otherwise instants and sizes are the trace's own.
 */
export function marketFromTrace(trace: SpotTrace, geometry: Geometry): Market {
  return trace.kind === "level" ? levelMarket(trace, geometry) : availabilityMarket(trace, geometry);
}

function levelMarket(trace: LevelTrace, { groupSize }: Geometry): Market {
  const most = trace.steps.reduce((highest, { level }) => Math.max(highest, level), 0);
  const scaled = (level: number): number => (level === 0 ? 0 : Math.max(1, Math.round((level / most) * groupSize)));
  const pool: PoolSelector = {};
  const capacities = capacityEvents(pool, launchLevels(trace.steps), scaled);
  const reclaims = trace.falls.map(({ atMs, from, to }): MarketEvent => ({
    atMs,
    kind: "reclaim",
    pool,
    share: (from - to) / from,
    spreadMs: 0,
  }));
  return {
    source: `${trace.source}, scaled to ${groupSize}`,
    durationMs: trace.durationMs,
    events: inTimeOrder([...capacities, ...reclaims]),
  };
}

function availabilityMarket(trace: AvailabilityTrace, { availabilityZones }: Geometry): Market {
  const pairs = availabilityZones.map((zone, i) => ({ zone, recorded: trace.zones[i % trace.zones.length]! }));
  const events = pairs.flatMap(({ zone, recorded: { steps } }) => {
    const pool: PoolSelector = { availabilityZone: zone };
    const downEdges = steps.filter(({ level }, i) => i > 0 && level === 0);
    return [
      ...capacityEvents(pool, launchLevels(steps), (level) => (level === 0 ? 0 : null)),
      ...downEdges.map(({ atMs }): MarketEvent => ({ atMs, kind: "reclaim", pool, share: 1, spreadMs: 0 })),
    ];
  });
  const mapping = pairs.map(({ zone, recorded }) => `${zone} as ${recorded.name}`).join(", ");
  return {
    source: `${trace.source} (${mapping}${zoneRemark(availabilityZones.length, trace.zones.length)})`,
    durationMs: trace.durationMs,
    events: inTimeOrder(events),
  };
}

function zoneRemark(groupZones: number, traceZones: number): string {
  if (groupZones > traceZones) return "; the trace has fewer zones than the group, so zones are used again";
  if (groupZones < traceZones) return `; ${traceZones - groupZones} of the trace's zones aren't used`;
  return "";
}

function capacityEvents(
  pool: PoolSelector,
  steps: readonly LevelStep[],
  capacityAt: (level: number) => number | null,
): MarketEvent[] {
  const events: Extract<MarketEvent, { kind: "capacity" }>[] = [];
  for (const { atMs, level } of steps) {
    const capacity = capacityAt(level);
    if (events.at(-1)?.capacity !== capacity) events.push({ atMs, kind: "capacity", pool, capacity });
  }
  return events;
}

/** The lowest level from each instant to the end of a notice given then: what a launch can count on. */
function launchLevels(steps: readonly LevelStep[]): LevelStep[] {
  const edges = steps.flatMap(({ atMs }) => [Math.max(0, atMs - NOTICE_MS), atMs]);
  const instants = [...new Set(edges)].sort((a, b) => a - b);
  let first = 0;
  return instants.map((atMs) => {
    while (first + 1 < steps.length && steps[first + 1]!.atMs <= atMs) first += 1;
    let lowest = steps[first]!.level;
    for (let i = first + 1; i < steps.length && steps[i]!.atMs <= atMs + NOTICE_MS; i += 1) {
      lowest = Math.min(lowest, steps[i]!.level);
    }
    return { atMs, level: lowest };
  });
}
