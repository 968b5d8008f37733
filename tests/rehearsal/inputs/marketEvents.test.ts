import { expect } from "chai";
import fc from "fast-check";
import type { Market, MarketEvent } from "../../../rehearsal/inputs/market";
import { repeatMarket } from "../../../rehearsal/inputs/marketEvents";

const pool = { availabilityZone: "a" };
const capacity = (atMs: number, value: number | null): MarketEvent => ({
  atMs,
  kind: "capacity",
  pool,
  capacity: value,
});
const reclaim = (atMs: number, share: number): MarketEvent => ({ atMs, kind: "reclaim", pool, share, spreadMs: 0 });
const market = (...events: MarketEvent[]): Market => ({ source: "test", durationMs: 1_000_000, events });

describe("a repeated market", () => {
  it("goes on with the same events, and says so", () => {
    const repeated = repeatMarket(market(reclaim(300_000, 0.5)), 2_200_000);
    expect(repeated.events.map(({ atMs }) => atMs)).to.deep.equal([300_000, 1_300_000]);
    expect(repeated).to.include({ durationMs: 2_200_000, source: "test, repeated" });
  });

  it("is cut where it is longer than asked for", () => {
    const cut = repeatMarket(market(reclaim(300_000, 0.5), reclaim(600_000, 0.5)), 600_000);
    expect(cut).to.deep.equal({ source: "test", durationMs: 600_000, events: [reclaim(300_000, 0.5)] });
  });

  it("falls back to the start's capacity as in any fall: refusals from the notice on, then the surplus reclaimed", () => {
    const { events } = repeatMarket(market(capacity(0, 2), capacity(500_000, 8), capacity(950_000, 9)), 1_200_000);
    expect(events).to.deep.equal([
      capacity(0, 2),
      capacity(500_000, 8),
      capacity(880_000, 2),
      reclaim(1_000_000, 7 / 9),
    ]);
  });

  it("loses everything where it starts without capacity, and gets back what no limit held at the start", () => {
    const down = repeatMarket(market(capacity(0, 0), capacity(500_000, null)), 1_100_000).events;
    expect(down.slice(2)).to.deep.equal([capacity(880_000, 0), reclaim(1_000_000, 1)]);
    const up = repeatMarket(market(capacity(500_000, 0)), 1_100_000).events;
    expect(up.slice(1)).to.deep.equal([capacity(1_000_000, null)]);
  });

  const step = fc.record({ atMs: fc.nat({ max: 999_999 }), value: fc.nat({ max: 9 }), isReclaim: fc.boolean() });
  const markets = fc.tuple(fc.array(step, { maxLength: 20 }), fc.nat({ max: 9 })).map(([steps, start]) => {
    const later = steps.map(({ atMs, value, isReclaim }) =>
      isReclaim ? reclaim(atMs, 0.5) : capacity(atMs + 1, value),
    );
    return market(capacity(0, start), ...later.sort((a, b) => a.atMs - b.atMs));
  });
  const within = ({ events }: Market, fromMs: number, untilMs: number) =>
    events
      .filter(({ atMs }) => atMs > fromMs && atMs <= untilMs)
      .map((event) => ({ ...event, atMs: event.atMs - fromMs }));

  it("is periodic", () => {
    fc.assert(
      fc.property(markets, (once) => {
        const repeated = repeatMarket(once, 4_000_001);
        for (const i of [1, 2, 3]) {
          expect(within(repeated, i * 1_000_000, (i + 1) * 1_000_000)).to.deep.equal(within(repeated, 0, 1_000_000));
        }
      }),
    );
  });

  it("has its events in time order, within its time, and never more capacity than the market itself", () => {
    fc.assert(
      fc.property(markets, fc.integer({ min: 1, max: 5_000_000 }), (once, untilMs) => {
        const most = Math.max(...once.events.map((event) => (event.kind === "capacity" ? event.capacity! : 0)));
        const { events } = repeatMarket(once, untilMs);
        events.forEach((event, i) => {
          expect(event.atMs).to.be.within(events[i - 1]?.atMs ?? 0, untilMs - 1);
          if (event.kind === "capacity") expect(event.capacity).to.be.within(0, most);
        });
      }),
    );
  });
});
