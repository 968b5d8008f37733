import { expect } from "chai";
import type { Resource } from "../../rehearsal/deploy/monitor";
import { withOutages } from "../../rehearsal/inputs/outages";
import type { MeasuredResult } from "../../rehearsal/measure/result";
import { HOUR } from "../support/stage";
import { declareStack, rehearseResources, without } from "../support/tampering";

const HOURS = 4;
const RATE = 20;
const LOAD = { source: "test", durationMs: HOURS * HOUR, steps: [{ atMs: 0, requestsPerSecond: RATE }] };
const MARKET = withOutages({ source: "quiet", durationMs: null, events: [] }, [{ fromMs: HOUR, untilMs: 2 * HOUR }]);
const STACK = { minSize: 3, maxSize: 10, onDemandBaseCapacity: 0, desiredCount: 6 };
const RULE = "aws:cloudwatch/eventRule:EventRule";

type Tamper = (stack: readonly Resource[]) => Resource[];

/** An hour without Spot in any pool, in a stack whose instances are all Spot. */
async function rehearsed(config: object, tamper: Tamper = (stack) => [...stack]): Promise<MeasuredResult> {
  const stack = tamper(await declareStack({ ...STACK, ...config }));
  return rehearseResources(stack, { seed: 1, market: MARKET, options: { durationMs: HOURS * HOUR, load: LOAD } });
}

const lost = ({ requests }: MeasuredResult): number => requests.failed;

describe("an hour without Spot", () => {
  for (const replacement of ["detach", "capacityRebalancing"]) {
    it(`costs no request while On-Demand Instances may stand in (${replacement})`, async () => {
      const result = await rehearsed({ replacement });
      expect(lost(result)).to.equal(0);
      expect(result.lawsBroken).to.be.empty;
    }).timeout(60_000);
  }

  it("costs the requests of about that hour where none may, and fewer where one may", async () => {
    const none = lost(await rehearsed({ onDemandFallback: { maxInstances: 0 } }));
    expect(none).to.be.above(0.8 * 3600 * RATE);
    expect(lost(await rehearsed({ onDemandFallback: { maxInstances: 1 } }))).to.be.below(none / 2);
  }).timeout(60_000);

  it("is seen by the look of every minute where no event comes, and by nobody without either", async () => {
    const deaf: Tamper = (stack) => without(stack, RULE, "spotproof-fallback-launch-failed");
    expect(lost(await rehearsed({}, deaf))).to.be.below(3 * 60 * RATE);
    const blind: Tamper = (stack) => without(deaf(stack), RULE, "spotproof-fallback-sweep");
    expect(lost(await rehearsed({}, blind))).to.be.above(0.8 * 3600 * RATE);
  }).timeout(60_000);
});
