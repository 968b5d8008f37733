import { expect } from "chai";
import type { Market } from "../../../rehearsal/inputs/market";
import { withOutages } from "../../../rehearsal/inputs/outages";
import { checkScenario } from "../../../rehearsal/scenario";

const HOUR = 3_600_000;
const MARKET: Market = {
  source: "test",
  durationMs: 24 * HOUR,
  events: [{ atMs: 2 * HOUR, kind: "reclaim", pool: { availabilityZone: "a" }, share: 1, spreadMs: 0 }],
};

describe("an outage", () => {
  it("takes every pool's instances, gives none from the notice on, and ends", () => {
    const { events, source } = withOutages(MARKET, [{ fromMs: HOUR, untilMs: 3 * HOUR }]);
    expect(events.map(({ atMs, kind, pool }) => [atMs, kind, pool])).to.deep.equal([
      [HOUR - 120_000, "capacity", {}],
      [HOUR, "reclaim", {}],
      [2 * HOUR, "reclaim", { availabilityZone: "a" }],
      [3 * HOUR, "capacity", {}],
    ]);
    expect(source).to.equal("test; no Spot in hours 1–3");
  });

  it("leaves a market without any as it is", () => {
    expect(withOutages(MARKET, [])).to.equal(MARKET);
  });

  it("is said in hours, the first before the last, and not beside a trace", () => {
    expect(checkScenario({ spotOutages: [{ fromHours: 1, toHours: 2 }] }, "s").spotOutages).to.have.lengthOf(1);
    for (const wrong of [
      { spotOutages: [{ fromHours: 2, toHours: 1 }] },
      { spotOutages: [{ fromHours: 1, toHours: 2 }], spotTrace: "trace.csv" },
    ])
      expect(() => checkScenario(wrong, "s")).to.throw(/spotOutages.*allowed: a list of \{fromHours, toHours\}/s);
  });
});
