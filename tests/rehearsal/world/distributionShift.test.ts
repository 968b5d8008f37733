import { expect } from "chai";
import type { Group } from "../../../rehearsal/world/autoScaling/group";
import { addGroup, later, makeWorld, MINUTE } from "./support";

const onDemand = (group: Group): number =>
  [...group.members.values()].filter(({ instance }) => instance.lifecycle === "on-demand").length;

const distribute = (group: Group, onDemandBaseCapacity: number): void =>
  group.distribute({ ...group.spec, onDemandBaseCapacity });

describe("an Auto Scaling group whose share of On-Demand Instances changes", () => {
  it("launches by it from then on, and leaves what runs, or replaces that: by the flag", async () => {
    for (const [changedDistribution, expected] of [
      ["newLaunches", 0],
      ["replaces", 2],
    ] as const) {
      const { world } = makeWorld({ changedDistribution });
      const group = addGroup(world, { desiredCapacity: 4 });
      await world.run(5 * MINUTE);
      distribute(group, 2);
      await later(world, 20 * MINUTE);
      expect(onDemand(group), changedDistribution).to.equal(expected);
      expect(group.members.size, changedDistribution).to.equal(4);
    }
  });

  it("replaces none that is protected from scale-in, and none where there is nothing to replace", async () => {
    for (const [spec, base] of [
      [{ protectFromScaleIn: true }, 2],
      [{}, 0],
    ] as const) {
      const { world, of } = makeWorld({ changedDistribution: "replaces" });
      const group = addGroup(world, { desiredCapacity: 4, ...spec });
      await world.run(5 * MINUTE);
      distribute(group, base);
      await later(world, 20 * MINUTE);
      expect(onDemand(group)).to.equal(0);
      expect(of("autoScaling.Terminating")).to.be.empty;
    }
  });

  it("goes on launching on demand where Spot has nothing", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { desiredCapacity: 2 });
    await world.run(5 * MINUTE);
    world.ec2.market.limit({}, 0);
    group.setDesiredCapacity(4);
    await later(world, 5 * MINUTE);
    expect(group.members.size).to.equal(2);
    distribute(group, 2);
    await later(world, MINUTE);
    expect(onDemand(group)).to.equal(2);
  });
});
