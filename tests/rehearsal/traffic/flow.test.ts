import { expect } from "chai";
import { FAILURE_CAUSES, type FailureCause } from "../../../rehearsal/traffic/tally";
import { MINUTE, SECOND, Stage, type StageOptions } from "../../support/stage";

type Counts = Record<FailureCause | "served", number>;

interface Scene {
  readonly options: Partial<StageOptions>;
  readonly requestsPerSecond: number;
  /** How long they come, where they all have to be answered at the end. */
  readonly forMs?: number;
  readonly play: (stage: Stage) => Promise<void>;
}

const CONSTANT: Scene = { options: {}, requestsPerSecond: 200, play: (stage) => stage.run(10 * SECOND) };
const NO_REREGISTRATION = { ecsReRegistersSeconds: null };

async function count(scene: Scene, exact: boolean, seeds: number): Promise<Counts> {
  const total = Object.fromEntries(["served", ...FAILURE_CAUSES].map((each) => [each, 0])) as Counts;
  for (let seed = 1; seed <= seeds; seed++) {
    const stage = await Stage.set({ seed, ...scene.options });
    const { requestsPerSecond, forMs } = scene;
    const traffic = stage.send({ requestsPerSecond, forMs, exact });
    await stage.run(5 * SECOND);
    await scene.play(stage);
    traffic.finish();
    total.served += traffic.tally.served;
    for (const cause of FAILURE_CAUSES) total[cause] += traffic.tally.failedBy[cause];
  }
  return total;
}

/** Holds the flow against the exact mode: each count within five standard deviations of the difference of two counts. */
async function compare(scene: Partial<Scene>, expected: Partial<Counts>, seeds = 60): Promise<void> {
  const flow = await count({ ...CONSTANT, ...scene }, false, seeds);
  const exact = await count({ ...CONSTANT, ...scene }, true, seeds);
  for (const cause of ["served", ...FAILURE_CAUSES] as const) {
    const text = `${cause}: ${flow[cause]} in the flow, ${exact[cause]} in the exact mode`;
    expect(Math.abs(flow[cause] - exact[cause]), text).to.be.at.most(5 * Math.sqrt(flow[cause] + exact[cause]));
  }
  for (const [cause, atLeast] of Object.entries(expected)) {
    expect(exact[cause as FailureCause], cause).to.be.at.least(atLeast);
  }
}

describe("the flow of requests, over many seeds, loses as many as the exact mode", () => {
  it("where nothing happens: none", async () => {
    const { served, ...failed } = await count(CONSTANT, false, 1);
    expect(served).to.be.closeTo(200 * 15, 1);
    expect(Object.values(failed).every((each) => each === 0)).to.equal(true);
    await compare({}, { served: 100_000 }, 40);
  });

  it("where a host goes: what its task worked on, and what is sent to it until its checks have failed", () =>
    compare(
      {
        play: async (stage) => {
          stage.world.ec2.terminate(stage.instances[0]!.id, "test");
          await stage.run(MINUTE);
        },
      },
      { killedInFlight: 500, deadTarget: 10_000 },
    ));

  it("where a host goes that nobody announced: the same, called withoutNotice", () =>
    compare(
      {
        play: async (stage) => {
          stage.world.ec2.interrupt(stage.instances[0]!, stage.world.clock.now + SECOND, true);
          await stage.run(MINUTE);
        },
      },
      { withoutNotice: 10_000 },
      20,
    ));

  it("where nothing is registered any more: everything", () =>
    compare(
      {
        options: { flags: NO_REREGISTRATION },
        play: async (stage) => {
          for (const { instanceId, port } of stage.targetGroup.targets.values()) {
            stage.targetGroup.deregister(instanceId, port);
          }
          await stage.run(20 * SECOND);
        },
      },
      { noTarget: 10_000 },
      10,
    ));

  it("where a container gets SIGTERM before the balancer knows: what still reaches it", () =>
    compare({ play: stopOneTask }, { deadTarget: 5000 }));

  it("where a container exits at SIGTERM: what it worked on, too", () =>
    compare(
      { options: { profile: { onSigterm: "exit" } }, play: stopOneTask },
      { deadTarget: 5000, killedInFlight: 500 },
    ));

  it("where a container takes no notice of SIGTERM: none, since its target was gone long before SIGKILL", () =>
    compare({ options: { profile: { onSigterm: "ignore" } }, play: stopOneTask }, { killedInFlight: 0 }, 20));

  it("where draining ends before the requests do: what is cut off", () =>
    compare(
      {
        options: {
          stack: { deregistrationDelaySeconds: 10 },
          profile: { requestSeconds: 8, concurrency: 10_000 },
          flags: NO_REREGISTRATION,
        },
        forMs: MINUTE,
        play: async (stage) => {
          await stage.run(30 * SECOND);
          const [first] = stage.targetGroup.targets.values();
          stage.targetGroup.deregister(first!.instanceId, first!.port);
          await stage.run(2 * MINUTE);
        },
      },
      { drainTimeout: 5000 },
      20,
    ));

  it("where more comes than the tasks can do: what goes beyond", () =>
    compare({ options: { profile: { concurrency: 10 } } }, { overload: 10_000 }, 20));
});

async function stopOneTask(stage: Stage): Promise<void> {
  stage.cluster.life.stop(stage.tasks[0]!, "api", "UserInitiated", "test");
  await stage.run(40 * SECOND);
}
