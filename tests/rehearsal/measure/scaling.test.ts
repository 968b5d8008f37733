import { expect } from "chai";
import { Owed, TASK_START_MS } from "../../../rehearsal/measure/owed";
import { ScalingMeter } from "../../../rehearsal/measure/scaling";
import { HOUR, MINUTE, Stage } from "../../support/stage";

describe("what a service is held to", () => {
  async function owing() {
    const stage = await Stage.set();
    const { world, cluster, service } = stage;
    const owed = new Owed(world, cluster, service);
    return { stage, owed, want: (count: number) => cluster.setDesiredCount(service, count) };
  }

  it("is its desired count, whoever changed it, and at once where that falls", async () => {
    const { owed, want } = await owing();
    expect(owed.count).to.equal(2);
    want(1);
    expect(owed.count).to.equal(1);
  });

  it("is what was added only once a task has had the time to start", async () => {
    const { stage, owed, want } = await owing();
    let looks = 0;
    stage.world.context.beforeChange.subscribe(() => looks++);
    want(3);
    await stage.run(TASK_START_MS - 1);
    want(5);
    expect(owed.count).to.equal(2);
    await stage.run(1);
    const before = looks;
    await stage.run(1);
    expect([owed.count, looks > before]).to.deep.equal([3, true]);
    await stage.run(TASK_START_MS);
    expect(owed.count).to.equal(5);
  });

  it("is never what it was before a rise that was taken back", async () => {
    const { stage, owed, want } = await owing();
    want(4);
    want(1);
    expect(owed.count).to.equal(1);
    want(2);
    expect(owed.count).to.equal(1);
    await stage.run(TASK_START_MS + 1);
    expect(owed.count).to.equal(2);
  });
});

describe("scaling and deployments", () => {
  it("are counted from when the measuring begins, with the hours that tasks ran", async () => {
    const stage = await Stage.set({ stack: { instances: 5 } });
    const { cluster, service, world } = stage;
    cluster.deploy(service);
    await stage.run(10 * MINUTE);
    const meter = new ScalingMeter(world);
    expect(meter.result().scaling).to.deep.equal({
      taskHours: 0,
      desiredMin: 2,
      desiredMax: 2,
      scaleOuts: 0,
      scaleIns: 0,
    });
    await stage.run(HOUR);
    cluster.setDesiredCount(service, 4);
    await stage.run(HOUR);
    cluster.setDesiredCount(service, 1);
    cluster.setDesiredCount(service, 3);
    cluster.deploy(service, {});
    await stage.run(HOUR);
    const { scaling, deployments } = meter.result();
    expect(scaling).to.include({ desiredMin: 1, desiredMax: 4, scaleOuts: 2, scaleIns: 1 });
    // 2, then 4, then 3 tasks for an hour each, but for starts and stops, and the old beside the new ones.
    expect(scaling.taskHours).to.be.closeTo(9, 0.2);
    expect(deployments).to.deep.equal({ completed: 1, rolledBack: 0 });
  });
});
