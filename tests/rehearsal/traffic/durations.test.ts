import { expect } from "chai";
import * as fc from "fast-check";
import { randomStream } from "../../../rehearsal/inputs/random";
import { drawDurations, shareLonger } from "../../../rehearsal/traffic/durations";

const DRAWS = 4000;

const durations = fc.oneof(
  fc.record({ seconds: fc.double({ min: 0.1, max: 1000, noNaN: true }) }),
  fc
    .tuple(fc.double({ min: 0.1, max: 100, noNaN: true }), fc.double({ min: 1, max: 50, noNaN: true }))
    .map(([minSeconds, times]) => ({ minSeconds, maxSeconds: minSeconds * times })),
);

describe("how long a long request takes", () => {
  it("is as often longer than any time as its share says", () =>
    fc.assert(
      fc.property(durations, fc.double({ min: 0.05, max: 1500, noNaN: true }), fc.nat(1000), (given, seconds, seed) => {
        const draw = drawDurations(given, randomStream(seed, "durations"));
        let longer = 0;
        for (let count = 0; count < DRAWS; count++) if (draw() > seconds * 1000) longer++;
        expect(longer / DRAWS).to.be.closeTo(shareLonger(given, seconds), 6 * Math.sqrt(0.25 / DRAWS));
      }),
      { numRuns: 60 },
    ));

  it("is between its bounds, as many from one second to two as from two to four", () => {
    const draw = drawDurations({ minSeconds: 1, maxSeconds: 4 }, randomStream(1, "durations"));
    const drawn = Array.from({ length: DRAWS }, draw);
    expect(Math.min(...drawn)).to.be.within(1000, 1010);
    expect(Math.max(...drawn)).to.be.within(3960, 4000);
    expect(drawn.filter((ms) => ms < 2000).length).to.be.within(0.46 * DRAWS, 0.54 * DRAWS);
  });

  it("is one time alone where its bounds are the same", () => {
    const given = { minSeconds: 120, maxSeconds: 120 };
    expect(drawDurations(given, randomStream(1, "durations"))()).to.be.closeTo(120_000, 1e-6);
    expect([shareLonger(given, 119), shareLonger(given, 120)]).to.deep.equal([1, 0]);
  });
});
