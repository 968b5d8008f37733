import { expect } from "chai";
import { Counts } from "../../../rehearsal/measure/counts";
import { MINUTE, SECOND, Stage } from "../../support/stage";

async function counted() {
  const stage = await Stage.set();
  const { world } = stage;
  return { stage, ec2: world.ec2, counts: new Counts(world), inMs: (ms: number) => world.clock.now + ms };
}

describe("counts", () => {
  it("tell interruptions with a notice from those without, and recommendations from both", async () => {
    const { stage, ec2, counts, inMs } = await counted();
    const [noticed, silent] = stage.instances;
    ec2.recommend(noticed!);
    ec2.interrupt(noticed!, inMs(2 * MINUTE), false);
    ec2.interrupt(silent!, inMs(SECOND), true);
    await stage.run(5 * MINUTE);
    expect(counts.interruptions).to.deep.equal({
      notices: 1,
      withoutNotice: 1,
      recommendations: 1,
      instancesLost: 2,
    });
  });

  it("count a notice when it comes, and the instance when it goes", async () => {
    const { stage, ec2, counts, inMs } = await counted();
    ec2.interrupt(stage.instances[0]!, inMs(2 * MINUTE), false);
    expect(counts.interruptions).to.include({ notices: 1, instancesLost: 0 });
    await stage.run(3 * MINUTE);
    expect(counts.interruptions).to.include({ notices: 1, instancesLost: 1 });
  });

  it("count no interruption where a group or a person ended an instance", async () => {
    const { stage, ec2, counts } = await counted();
    ec2.terminate(stage.instances[0]!.id, "test");
    await stage.run(MINUTE);
    expect(counts.interruptions.instancesLost).to.equal(0);
  });

  it("count a task that started, one that stopped, and one that was killed with its host", async () => {
    const { stage, ec2, counts } = await counted();
    stage.cluster.life.stop(stage.tasks[0]!, "api", "UserInitiated", "test");
    await stage.run(5 * MINUTE);
    expect(counts.tasks).to.deep.equal({ started: 1, stopped: 1, killed: 0 });
    ec2.terminate(stage.instances[0]!.id, "test");
    await stage.run(MINUTE);
    expect(counts.tasks).to.include({ stopped: 1, killed: 1 });
    await stage.run(10 * MINUTE);
    expect(counts.tasks).to.deep.equal({ started: 2, stopped: 2, killed: 1 });
  });
});
