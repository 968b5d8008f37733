import { expect } from "chai";
import type { VariantResult } from "../../../rehearsal/measure/result";
import { FAILURE_CAUSES } from "../../../rehearsal/traffic/tally";
import { smallStack } from "../../support/stage";
import { rehearseResources } from "../../support/tampering";

const SEEDS = [1, 2, 3, 4, 5, 6];

describe("a whole rehearsal of a stack that nobody drains", () => {
  it("loses as many requests, of the same causes, in the flow as in the exact mode", async () => {
    const play = async (exact: boolean): Promise<VariantResult["requests"][]> => {
      const results: VariantResult["requests"][] = [];
      for (const seed of SEEDS) {
        const circumstances = { seed, requestsPerSecond: 10, profile: { requestSeconds: 2 }, options: { exact } };
        results.push((await rehearseResources(smallStack(), circumstances)).requests);
      }
      return results;
    };
    const [flow, exact] = [await play(false), await play(true)];
    const sum = (all: typeof flow, read: (each: VariantResult["requests"]) => number): number =>
      all.reduce((total, each) => total + read(each), 0);
    for (const cause of FAILURE_CAUSES) {
      const [a, b] = [flow, exact].map((each) => sum(each, ({ failedBy }) => failedBy[cause])) as [number, number];
      expect(Math.abs(a - b), `${cause}: ${a} and ${b}`).to.be.at.most(5 * Math.sqrt(a + b));
    }
    expect(sum(exact, ({ failed }) => failed)).to.be.at.least(500);
    const [a, b] = [flow, exact].map((each) => sum(each, ({ served, failed }) => served + failed)) as [number, number];
    expect(Math.abs(a - b)).to.be.at.most(5 * Math.sqrt(b));
  });
});
