import { expect } from "chai";
import { ALL_ON, later, makeStage, MINUTE, tasksOf, type Stage } from "./support";

const countBy = (stage: Stage, key: "zone" | "instance"): number[] => {
  const counts = new Map<string, number>();
  for (const { instance } of tasksOf(stage.service, "RUNNING")) {
    const name = key === "zone" ? instance!.ec2.availabilityZone : instance!.arn;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts.values()].sort();
};

describe("ECS placement", () => {
  it("spreads over zones and then instances, where a service has no strategy", async () => {
    const stage = await makeStage({
      group: { desiredCapacity: 4, availabilityZones: ["a", "b"] },
      service: { desiredCount: 6 },
    });
    expect(countBy(stage, "zone")).to.deep.equal([3, 3]);
    expect(countBy(stage, "instance")).to.deep.equal([1, 1, 2, 2]);
  });

  it("packs onto the instance with least left of the field", async () => {
    const stage = await makeStage({
      group: { desiredCapacity: 3 },
      service: { desiredCount: 5, placementStrategies: [{ type: "binpack", field: "cpu" }] },
    });
    expect(countBy(stage, "instance")).to.deep.equal([1, 4]);
  });

  it("applies strategies in their order", async () => {
    const stage = await makeStage({
      group: { desiredCapacity: 4, availabilityZones: ["a", "b"] },
      service: {
        desiredCount: 4,
        placementStrategies: [
          { type: "spread", field: "attribute:ecs.availability-zone" },
          { type: "binpack", field: "memory" },
        ],
      },
    });
    expect(countBy(stage, "zone")).to.deep.equal([2, 2]);
    expect(countBy(stage, "instance")).to.deep.equal([2, 2]);
  });

  it("leaves a task PROVISIONING where no instance has its CPU and memory", async () => {
    const stage = await makeStage({ group: { desiredCapacity: 1 }, service: { desiredCount: 5 } });
    expect(tasksOf(stage.service, "RUNNING")).to.have.length(4);
    expect(tasksOf(stage.service, "PROVISIONING")).to.have.length(1);
  });

  it("places a service with a capacity provider only on that provider's instances", async () => {
    const stage = await makeStage({ service: { capacityProviderStrategy: ALL_ON("provider") } });
    expect(tasksOf(stage.service, "PROVISIONING")).to.have.length(2);
  });

  it("gives every task a host port of its own on its instance", async () => {
    const stage = await makeStage({ group: { desiredCapacity: 1 }, service: { desiredCount: 4 } });
    const ports = tasksOf(stage.service).map((task) => task.ports[0]!.hostPort);
    expect(new Set(ports).size).to.equal(4);
    expect(Math.min(...ports)).to.equal(32768);
  });

  it("places nothing on an instance whose agent is gone", async () => {
    const stage = await makeStage({ group: { desiredCapacity: 1 }, service: { desiredCount: 1 } });
    const { ec2 } = [...stage.cluster.instances.values()][0]!;
    stage.world.ec2.interrupt(ec2, stage.world.clock.now, true);
    stage.cluster.setDesiredCount(stage.service, 3);
    await later(stage.world, MINUTE / 2);
    expect(tasksOf(stage.service, "PROVISIONING").length).to.be.greaterThan(0);
  });
});
