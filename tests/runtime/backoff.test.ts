import { expect } from "chai";
import fc from "fast-check";
import { backoff } from "../../runtime/backoff";

describe("a backoff", () => {
  it("doubles with each failure, to the longest", () => {
    const times = [1, 2, 3, 4, 5].map((attempt) => backoff({ first: 5, longest: 30 }, attempt, 1));
    expect(times).to.deep.equal([5, 10, 20, 30, 30]);
  });

  it("is never shorter than half of that, nor longer, however often it failed", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.nat(1000),
        fc.integer({ min: 1, max: 100_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (first, more, attempt, random) => {
          const bounds = { first, longest: first + more };
          const whole = backoff(bounds, attempt, 1);
          expect(backoff(bounds, attempt, random)).to.be.within(whole / 2, whole);
          expect(whole).to.be.within(first, first + more);
        },
      ),
    );
  });
});
