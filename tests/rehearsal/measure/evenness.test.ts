import { expect } from "chai";
import fc from "fast-check";
import { fewestMoves } from "../../../rehearsal/measure/evenness";

const isEven = (counts: readonly number[]): boolean =>
  Math.max(...counts) === 0 || (Math.max(...counts) - Math.min(...counts)) / Math.max(...counts) <= 0.35;

/** By trying every way, level by level. */
function tried(counts: readonly number[]): number {
  let level = [[...counts]];
  const seen = new Set<string>();
  for (let moves = 0; ; moves++) {
    if (level.some(isEven)) return moves;
    level = level
      .flatMap((each) =>
        each.flatMap((own, from) =>
          each.flatMap((_, to) =>
            from === to || own === 0 ? [] : [each.map((n, at) => n + (at === to ? 1 : 0) - (at === from ? 1 : 0))],
          ),
        ),
      )
      .filter((each) => !seen.has(each.join()) && seen.add(each.join()));
    if (level.length === 0) return 0;
  }
}

describe("the fewest moves that even instances out", () => {
  it("are as many as trying every way finds, where any way does", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { minLength: 2, maxLength: 3 }), (counts) => {
        expect(fewestMoves(counts)).to.equal(tried(counts));
      }),
      { numRuns: 60 },
    );
  });

  it("are two where an instance has come to two with four tasks each", () => {
    expect(fewestMoves([4, 4, 0])).to.equal(2);
    expect(fewestMoves([3, 3, 2])).to.equal(0);
    expect(fewestMoves([])).to.equal(0);
  });
});
