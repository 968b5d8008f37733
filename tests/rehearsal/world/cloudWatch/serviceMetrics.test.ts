import { expect } from "chai";
import { keyOf, type Statistic } from "../../../../rehearsal/world/cloudWatch/metric";
import { later, makeStage, MINUTE, tasksOf, type Stage } from "../support";

const latest = ({ world }: Stage, name: string, statistic: Statistic): number | undefined => {
  const key = keyOf({ namespace: "AWS/ECS", name, dimensions: { ClusterName: "cluster", ServiceName: "web" } });
  const from = Math.floor(world.clock.now / MINUTE - 4) * MINUTE;
  return world.metrics.read(key, statistic, from, from + MINUTE, world.clock.now);
};

describe("CloudWatch: what ECS tells of a service without load balancer", () => {
  it("is one sample of each running task", async () => {
    const stage = await makeStage({ targetGroup: null, service: { desiredCount: 3 } });
    await later(stage.world, 10 * MINUTE);
    expect(latest(stage, "CPUUtilization", "SampleCount")).to.equal(3);
    expect(latest(stage, "MemoryUtilization", "SampleCount")).to.equal(3);
    stage.cluster.setDesiredCount(stage.service, 1);
    await later(stage.world, 10 * MINUTE);
    expect(latest(stage, "CPUUtilization", "SampleCount")).to.equal(1);
  });

  it("is nothing where no task runs", async () => {
    const stage = await makeStage({ targetGroup: null, service: { desiredCount: 0 } });
    await later(stage.world, 10 * MINUTE);
    expect(latest(stage, "CPUUtilization", "SampleCount")).to.equal(undefined);
  });

  it("is what the tasks use, and of one that nobody speaks for what an idle one does", async () => {
    const stage = await makeStage({ targetGroup: null });
    const [busy] = tasksOf(stage.service);
    stage.world.taskUtilization = (task) => (task === busy ? 90 : undefined);
    stage.world.taskMemoryPercent = 70;
    await later(stage.world, 10 * MINUTE);
    expect([latest(stage, "CPUUtilization", "Maximum"), latest(stage, "CPUUtilization", "Minimum")]).to.deep.equal([
      90, 1,
    ]);
    expect(latest(stage, "MemoryUtilization", "Average")).to.equal(70);
  });

  it("is left to the traffic of a service with one", async () => {
    const stage = await makeStage();
    await later(stage.world, 10 * MINUTE);
    expect(latest(stage, "CPUUtilization", "SampleCount")).to.equal(undefined);
  });
});
