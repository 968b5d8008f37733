import { expect } from "chai";
import { WorkerCapacity } from "../../../rehearsal/measure/workerCapacity";
import { later, makeStage, MINUTE, SECOND, type Stage } from "../world/support";

const idle = { targetGroup: null };

const measured = ({ world, cluster, service }: Stage, isOutage = () => false): WorkerCapacity =>
  new WorkerCapacity(world, cluster, service, isOutage);

describe("a service of workers", () => {
  it("is short while fewer of its tasks serve than it wants", async () => {
    const stage = await makeStage(idle);
    const capacity = measured(stage);
    await later(stage.world, 10 * MINUTE);
    expect(capacity.result().total).to.equal(0);
    const [task] = stage.service.tasks;
    stage.cluster.life.stop(task!, "api", "UserInitiated", "test");
    await later(stage.world, 10 * MINUTE);
    // SIGTERM, a new task after a second, its image from the cache, and its process.
    expect(capacity.result().total * 60).to.be.within(5, 15);
  });

  it("isn't short of what it was just scaled to, until an instance could have come", async () => {
    const stage = await makeStage({ ...idle, group: { maxSize: 2 } });
    const capacity = measured(stage);
    stage.cluster.setDesiredCount(stage.service, 12);
    await later(stage.world, 5 * MINUTE - SECOND);
    expect(capacity.result().total).to.equal(0);
    await later(stage.world, 2 * MINUTE + SECOND);
    expect(capacity.result().total).to.be.closeTo(2, 0.1);
  });

  it("that wants none is never short", async () => {
    const stage = await makeStage({ ...idle, service: { desiredCount: 0 } });
    const capacity = measured(stage);
    await later(stage.world, 10 * MINUTE);
    expect(capacity.result()).to.deep.equal({ total: 0, meanPerInterruption: 0, p95: 0 });
  });

  it("isn't short where nobody could have had an instance", async () => {
    const stage = await makeStage(idle);
    const capacity = measured(stage, () => true);
    for (const task of [...stage.service.tasks]) stage.cluster.life.stop(task, "api", "UserInitiated", "test");
    await later(stage.world, 10 * MINUTE);
    expect(capacity.result().total).to.equal(0);
  });
});
