import { expect } from "chai";
import type { GroupSpec } from "../../../rehearsal/world/autoScaling/groupSpec";
import { MINUTE, later, makeStage } from "../world/support";
import { caller } from "./caller";

const OF_GROUP = { AutoScalingGroupName: "group" };

/** Two instances, one of which was detached and replaced. */
async function detached(spec: Partial<GroupSpec> = {}) {
  const stage = await makeStage({ group: spec });
  const call = caller(stage);
  const [id] = [...stage.group.members.keys()];
  const InstanceIds = [id!];
  await call("auto-scaling", "DetachInstances", { ...OF_GROUP, InstanceIds, ShouldDecrementDesiredCapacity: false });
  await later(stage.world, 5 * MINUTE);
  const attach = (ids = InstanceIds) => call("auto-scaling", "AttachInstances", { ...OF_GROUP, InstanceIds: ids });
  return { ...stage, id: id!, attach };
}

describe("API: AttachInstances", () => {
  it("takes a detached instance in again, protected as new ones are, and raises the desired capacity by one", async () => {
    const { group, id, attach } = await detached({ protectFromScaleIn: true });
    expect([group.members.size, group.desiredCapacity]).to.deep.equal([2, 2]);
    expect((await attach()).error).to.equal(undefined);
    expect([group.members.size, group.desiredCapacity]).to.deep.equal([3, 3]);
    expect(group.members.get(id)).to.include({ lifecycleState: "InService", protectedFromScaleIn: true });
  });

  it("takes the place of a replacement that was not launched where the desired capacity was lowered first", async () => {
    const { group, id, attach, world } = await detached();
    group.setDesiredCapacity(1);
    await later(world, MINUTE);
    await attach();
    await later(world, MINUTE);
    expect([group.members.size, group.desiredCapacity, group.members.has(id)]).to.deep.equal([2, 2, true]);
  });

  it("refuses what would exceed the maximum size, and changes nothing", async () => {
    const { group, attach } = await detached({ maxSize: 2 });
    expect((await attach()).error?.message).to.match(/max-size=2, and desired-size=2\. To attach 1 instance/);
    expect([group.members.size, group.desiredCapacity]).to.deep.equal([2, 2]);
  });

  it("refuses a member, and an instance that is gone", async () => {
    const { group, id, attach, world } = await detached();
    const [member] = [...group.members.keys()];
    expect((await attach([member!])).error?.message).to.contain("is already part of AutoScalingGroup:group");
    world.ec2.terminate(id, "test");
    await later(world, MINUTE);
    expect((await attach()).error?.message).to.equal(`Invalid Instance ID(s): [${id}] specified`);
  });
});
