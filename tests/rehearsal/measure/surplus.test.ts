import { expect } from "chai";
import { SurplusMeter } from "../../../rehearsal/measure/surplus";
import { MINUTE, SECOND, Stage } from "../../support/stage";

async function measured() {
  const stage = await Stage.set({ stack: { agentDrains: true } });
  const [group] = stage.world.groups.values();
  Object.assign(group!.spec, { maxSize: 9 });
  return { stage, group: group!, surplus: new SurplusMeter(stage.world) };
}

describe("surplus instances", () => {
  it("are none where an instance is replaced when its notice comes, however long it still lives", async () => {
    const { stage, group, surplus } = await measured();
    const [instance] = stage.instances;
    stage.world.ec2.interrupt(instance!, stage.world.clock.now + 2 * MINUTE, false);
    group.detach(instance!.id, false);
    await stage.run(10 * MINUTE);
    expect(surplus.result()).to.deep.equal({ total: 0, meanPerInterruption: 0 });
  });

  it("are those beyond the usual number, by the minute, shared among the interruptions", async () => {
    const { stage, group, surplus } = await measured();
    const [first, second] = stage.instances;
    for (const each of [first, second]) stage.world.ec2.interrupt(each!, stage.world.clock.now + 2 * MINUTE, false);
    await stage.run(10 * MINUTE);
    group.setDesiredCapacity(group.desiredCapacity + 1);
    await stage.run(6 * MINUTE + 2 * SECOND);
    expect(surplus.result()).to.deep.equal({ total: 6, meanPerInterruption: 3 });
  });

  it("aren't told of where a service scales: how many are usual then depends on the load", async () => {
    const { stage, surplus } = await measured();
    stage.world.scalableTargets.set("service/shop/web", {} as never);
    expect(surplus.result()).to.equal(null);
  });
});
