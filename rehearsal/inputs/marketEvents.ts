import { groupBy } from "./groupBy";
import { type Market, type MarketEvent, NOTICE_MS, type PoolSelector } from "./market";

type CapacityEvent = Extract<MarketEvent, { kind: "capacity" }>;

/** Events by time; those of the same instant stay in the order given. */
export function inTimeOrder(events: readonly MarketEvent[]): MarketEvent[] {
  return [...events].sort((a, b) => a.atMs - b.atMs);
}

/**
 * A market that goes on until `untilMs`: from its end it starts again, as often as need be; a longer one is cut.
 *
 * Where the end holds more instances than the start, the step back to the start is a fall as any other:
 * launches are held to the start's capacity from the notice on, and the surplus is reclaimed.
 */
export function repeatMarket(market: Market, untilMs: number): Market {
  const { durationMs: periodMs, source } = market;
  const times = periodMs === null ? 1 : Math.max(1, Math.ceil(untilMs / periodMs));
  if (periodMs === null || times === 1) {
    return { source, durationMs: untilMs, events: market.events.filter(({ atMs }) => atMs < untilMs) };
  }
  const own = market.events.filter(({ atMs }) => atMs <= periodMs);
  const { period, seam } = joinEnds(own, periodMs);
  const events: MarketEvent[] = [];
  for (let i = 0; i < times; i += 1) {
    const shift = (event: MarketEvent): MarketEvent => ({ ...event, atMs: event.atMs + i * periodMs });
    events.push(...period.map(shift), ...seam.map(shift));
  }
  return {
    source: `${source}, repeated`,
    durationMs: untilMs,
    events: withoutUnchanged(inTimeOrder(events)).filter(({ atMs }) => atMs < untilMs),
  };
}

/** Events without capacities that a pool has already. */
function withoutUnchanged(events: readonly MarketEvent[]): MarketEvent[] {
  const capacities = new Map<string, number | null>();
  return events.filter((event) => {
    if (event.kind !== "capacity") return true;
    const key = keyOf(event.pool);
    const isUnchanged = capacities.has(key) && capacities.get(key) === event.capacity;
    capacities.set(key, event.capacity);
    return !isUnchanged;
  });
}

/** The events of a period whose end is prepared for what its start allows, and those of the step from end to start. */
function joinEnds(events: readonly MarketEvent[], periodMs: number): { period: MarketEvent[]; seam: MarketEvent[] } {
  const noticeAtMs = Math.max(0, periodMs - NOTICE_MS);
  const period = events.filter(({ kind }) => kind !== "capacity");
  const seam: MarketEvent[] = [];
  const capacities = events.filter((event): event is CapacityEvent => event.kind === "capacity");
  for (const ofPool of groupBy(capacities, ({ pool }) => keyOf(pool)).values()) {
    const pool = ofPool[0]!.pool;
    const start = ofPool.findLast(({ atMs }) => atMs === 0)?.capacity ?? null;
    const end = ofPool.at(-1)!.capacity;
    const atNotice = ofPool.findLast(({ atMs }) => atMs <= noticeAtMs)?.capacity ?? null;
    period.push(...ofPool.map((event) => (event.atMs < noticeAtMs ? event : lowered(event, start))));
    if (lower(atNotice, start) !== atNotice) {
      period.push({ atMs: noticeAtMs, kind: "capacity", pool, capacity: start });
    }
    const share = shareLost(end, start);
    if (share > 0) seam.push({ atMs: periodMs, kind: "reclaim", pool, share, spreadMs: 0 });
    if (start !== end) seam.push({ atMs: periodMs, kind: "capacity", pool, capacity: start });
  }
  return { period: inTimeOrder(period), seam };
}

function keyOf({ availabilityZone = "*", instanceType = "*" }: PoolSelector): string {
  return `${availabilityZone}/${instanceType}`;
}

function lowered(event: CapacityEvent, limit: number | null): CapacityEvent {
  return { ...event, capacity: lower(event.capacity, limit) };
}

function lower(a: number | null, b: number | null): number | null {
  if (a === null) return b;
  return b === null ? a : Math.min(a, b);
}

/** Without a limit on either side nobody knows how many would be lost, but a fall to 0 loses all. */
function shareLost(from: number | null, to: number | null): number {
  if (to === null) return 0;
  if (from === null) return to === 0 ? 1 : 0;
  return from > to ? (from - to) / from : 0;
}
