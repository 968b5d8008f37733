import { expect } from "chai";
import fc from "fast-check";
import { mean, sampleCorrelation } from "simple-statistics";
import { randomStream } from "../../../rehearsal/inputs/random";

const draws = (seed: number, name: string, count: number): number[] => {
  const uniform = randomStream(seed, name);
  return Array.from({ length: count }, () => uniform());
};

describe("a random stream", () => {
  it("is the same for the same seed and name, and stays in [0, 1)", () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (seed, name) => {
        const first = draws(seed, name, 20);
        expect(draws(seed, name, 20)).to.deep.equal(first);
        first.forEach((x) => expect(x).to.be.within(0, 1 - Number.EPSILON / 2));
      }),
    );
  });

  it("is another for another seed or name", () => {
    expect(draws(1, "a", 3)).to.not.deep.equal(draws(2, "a", 3));
    expect(draws(1, "a", 3)).to.not.deep.equal(draws(1, "b", 3));
  });

  it("has even first draws over neighbouring seeds, unrelated to the second draws", () => {
    const pairs = Array.from({ length: 4000 }, (_, seed) => draws(seed, "pool", 2));
    const first = pairs.map(([x]) => x!);
    expect(mean(first)).to.be.closeTo(0.5, 0.02);
    expect(
      sampleCorrelation(
        first,
        pairs.map(([, y]) => y!),
      ),
    ).to.be.closeTo(0, 0.05);
    expect(sampleCorrelation(first.slice(1), first.slice(0, -1))).to.be.closeTo(0, 0.05);
  });
});
