import { expect } from "chai";
import * as fc from "fast-check";
import type { ClientRetries } from "../../../rehearsal/inputs/profile";
import type { Traffic } from "../../../rehearsal/traffic/traffic";
import { MINUTE, SECOND, Stage } from "../../support/stage";

/** What may happen to the stage, each a second or more after the one before. */
const happenings: Readonly<Record<string, (stage: Stage) => void>> = {
  "a host goes": ({ world, instances }) => instances[0] && world.ec2.terminate(instances[0].id, "test"),
  "a host goes unannounced": ({ world, instances: [first] }) =>
    first && world.ec2.interrupt(first, world.clock.now + SECOND, true),
  "a notice comes": ({ world, instances }) =>
    instances.at(-1) && world.ec2.interrupt(instances.at(-1)!, world.clock.now + 2 * MINUTE, false),
  "a task is stopped": ({ cluster, tasks: [first] }) =>
    first && cluster.life.stop(first, "api", "UserInitiated", "test"),
  "a target is deregistered": ({ targetGroup }) => {
    const [first] = targetGroup.targets.values();
    if (first !== undefined) targetGroup.deregister(first.instanceId, first.port);
  },
  "nothing happens": () => undefined,
};

const stories = fc.array(
  fc.record({ what: fc.constantFrom(...Object.keys(happenings)), afterSeconds: fc.integer({ min: 1, max: 90 }) }),
  { maxLength: 6 },
);
const profiles = fc.record({
  onSigterm: fc.constantFrom("finish", "exit", "ignore"),
  concurrency: fc.constantFrom(5, 100),
  requestSeconds: fc.constantFrom(0.05, 0.2, 5),
  clientRetries: fc.constantFrom<ClientRetries | undefined>(
    undefined,
    { attempts: 1, backoffSeconds: 20, of: ["connect"] },
    { attempts: 3, backoffSeconds: 0.5, of: ["5xx"] },
  ),
});
const seeds = fc.nat(1000);

interface Story {
  readonly seconds: number;
  readonly traffic: Traffic;
}

const REQUESTS_PER_SECOND = 20;

async function tell(
  [story, profile, seed]: readonly [
    typeof stories extends fc.Arbitrary<infer S> ? S : never,
    typeof profiles extends fc.Arbitrary<infer P> ? P : never,
    number,
  ],
  exact: boolean,
): Promise<Story> {
  const stage = await Stage.set({ seed, profile });
  const traffic = stage.send({ requestsPerSecond: REQUESTS_PER_SECOND, exact });
  let seconds = 1;
  await stage.run(SECOND);
  for (const { what, afterSeconds } of story) {
    happenings[what]!(stage);
    await stage.run(afterSeconds * SECOND);
    seconds += afterSeconds;
  }
  traffic.finish();
  return { seconds, traffic };
}

describe("whatever happens", () => {
  it("what was served and what failed is together what was sent", () =>
    fc.assert(
      fc.asyncProperty(stories, profiles, seeds, async (...drawn) => {
        const { seconds, traffic } = await tell(drawn, false);
        const { served, failed } = traffic.tally;
        expect(served + failed).to.be.closeTo(REQUESTS_PER_SECOND * seconds, 1e-6 * seconds);
      }),
      { numRuns: 100 },
    ));

  it("in the exact mode too, but for those that are still worked on", () =>
    fc.assert(
      fc.asyncProperty(stories, profiles, seeds, async (...drawn) => {
        const { seconds, traffic } = await tell(drawn, true);
        const { served, failed } = traffic.tally;
        const sent = REQUESTS_PER_SECOND * seconds;
        const open = REQUESTS_PER_SECOND * drawn[1].requestSeconds;
        expect(served + failed).to.be.within(sent - open - 6 * Math.sqrt(sent + open), sent + 6 * Math.sqrt(sent));
      }),
      { numRuns: 100 },
    ));

  it("failures are whole numbers", () =>
    fc.assert(
      fc.asyncProperty(stories, profiles, seeds, async (...drawn) => {
        const { traffic } = await tell(drawn, false);
        const counts = Object.values(traffic.tally.failedBy);
        expect(counts.every((each) => Number.isInteger(each) && each >= 0)).to.equal(true);
      }),
      { numRuns: 30 },
    ));
});
