import { expect } from "chai";
import fc from "fast-check";
import { type Market, NOTICE_MS } from "../../../rehearsal/inputs/market";
import { removeFixtures } from "./files";
import { capacities, counts, marketOf, reclaims } from "./traces";

after(removeFixtures);

/** Levels at rising instants, as [seconds, level]. */
const levels = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.nat({ max: 30 })), { minLength: 1, maxLength: 40 })
  .map((gaps) => {
    let seconds = -gaps[0]![0];
    return gaps.map(([gap, level]) => [(seconds += gap), level] as const);
  });
const groupSizes = fc.integer({ min: 1, max: 50 });

describe("the laws of a trace's market", () => {
  type Rows = readonly (readonly [number, number])[];
  const forAllMarkets = (law: (market: Market, rows: Rows, size: number) => void) => {
    fc.assert(fc.property(levels, groupSizes, (rows, size) => law(marketOf(counts(...rows), size), rows, size)));
  };

  it("has no negative capacity and none above the group's size", () => {
    forAllMarkets((market, _, size) => {
      capacities(market).forEach(([, capacity]) => expect(capacity).to.be.within(0, size));
    });
  });

  it("has its events in time order, the first at the start", () => {
    forAllMarkets(({ events }) => {
      expect(events[0]).to.include({ atMs: 0, kind: "capacity" });
      events.slice(1).forEach((event, i) => expect(event.atMs).to.be.at.least(events[i]!.atMs));
    });
  });

  it("reclaims, fall by fall, the share that the trace lost", () => {
    forAllMarkets((market, rows) => {
      const falls = rows.flatMap(([t, level], i) => {
        const from = rows[i - 1]?.[1] ?? 0;
        return level < from ? [[t, (from - level) / from]] : [];
      });
      expect(reclaims(market)).to.deep.equal(falls);
    });
  });

  it("lets as many be launched as the lowest level holds until the end of a notice given now", () => {
    forAllMarkets((market, rows, size) => {
      const most = Math.max(...rows.map(([, level]) => level));
      for (let second = 0; second <= market.durationMs! / 1000; second += 7) {
        const ahead = rows.filter(
          ([t], i) => t <= second + NOTICE_MS / 1000 && (rows[i + 1]?.[0] ?? Infinity) > second,
        );
        const lowest = Math.min(...ahead.map(([, level]) => level));
        const expected = lowest === 0 ? 0 : Math.max(1, Math.round((lowest / most) * size));
        expect(capacities(market).findLast(([at]) => at! <= second)![1]).to.equal(expected);
      }
    });
  });
});
