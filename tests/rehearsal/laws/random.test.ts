import { expect } from "chai";
import * as fc from "fast-check";
import { rehearseRandomly } from "../../../rehearsal/laws/random";

const seeds = fc.integer({ min: 1, max: 1_000_000 });

describe("the laws", () => {
  it("hold in random rehearsals, with everything going wrong often", () =>
    fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const { broken, description } = await rehearseRandomly(seed);
        const again = `npm run test:laws -- --seeds 1 --first-seed ${seed} --log events.ndjson`;
        expect(broken, `${description}\n${again}\n`).to.deep.equal([]);
      }),
      { numRuns: 6, seed: 20_260_101, endOnFailure: true },
    )).timeout(60_000);

  it("are tried by rehearsals that differ with their seed, and are the same for the same one", async () => {
    const [one, other] = [await rehearseRandomly(3), await rehearseRandomly(4)];
    expect(one.run.result).to.not.deep.equal(other.run.result);
    expect((await rehearseRandomly(3)).run.result).to.deep.equal(one.run.result);
  }).timeout(60_000);
});
