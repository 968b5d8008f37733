import { expect } from "chai";
import { noFaults } from "../../../rehearsal/world/faults";
import { later, makeStage, MINUTE, SECOND, type Stage } from "../world/support";
import { caller } from "./caller";

const MARK = { key: "spotproof:recommendation", value: "2026-01-01T00:00:00.000Z" };

/** The tags of each container instance, as DescribeContainerInstances tells them. */
async function tagged(stage: Stage, include: readonly string[] = ["TAGS"]): Promise<unknown[]> {
  const containerInstances = [...stage.cluster.instances.keys()];
  const { output } = await caller(stage)("ecs", "DescribeContainerInstances", {
    cluster: "cluster",
    containerInstances,
    include,
  });
  return (output!.containerInstances as { tags?: unknown }[]).map(({ tags }) => tags);
}

describe("API: tags of container instances", () => {
  it("are set and taken off, whether they were there or not, and told where they are asked for", async () => {
    const stage = await makeStage();
    const call = caller(stage);
    const [resourceArn] = stage.cluster.instances.keys();
    await call("ecs", "TagResource", { resourceArn, tags: [MARK] });
    expect(await tagged(stage)).to.deep.equal([[MARK], []]);
    expect(await tagged(stage, [])).to.deep.equal([undefined, undefined]);
    for (let times = 0; times < 2; times++) {
      const { error } = await call("ecs", "UntagResource", { resourceArn, tagKeys: [MARK.key] });
      expect(error).to.equal(undefined);
      expect(await tagged(stage)).to.deep.equal([[], []]);
    }
  });

  it("answer stale like the instance's status", async () => {
    const stage = await makeStage();
    stage.world.setFaults({ ...noFaults, staleness: () => 2 * SECOND });
    const [instance] = stage.cluster.instances.values();
    stage.cluster.tagInstance(instance!, { [MARK.key]: MARK.value });
    expect(await tagged(stage)).to.deep.equal([[], []]);
    await later(stage.world, 3 * SECOND);
    expect(await tagged(stage)).to.deep.equal([[MARK], []]);
  });

  it("can be allowed for some keys only", async () => {
    const stage = await makeStage();
    const [resourceArn] = stage.cluster.instances.keys();
    const Condition = { "ForAllValues:StringEquals": { "aws:TagKeys": [MARK.key] } };
    const call = caller(stage, [{ Effect: "Allow", Action: "ecs:TagResource", Resource: resourceArn!, Condition }]);
    expect((await call("ecs", "TagResource", { resourceArn, tags: [MARK] })).error).to.equal(undefined);
    const others = [MARK, { key: "team", value: "web" }];
    expect((await call("ecs", "TagResource", { resourceArn, tags: others })).error?.name).to.match(/^AccessDenied/);
  });

  it("are gone with the instance", async () => {
    const stage = await makeStage();
    const [instance] = stage.cluster.instances.values();
    stage.world.ec2.terminate(instance!.ec2.id, "test");
    await later(stage.world, 10 * MINUTE);
    const { error } = await caller(stage)("ecs", "TagResource", { resourceArn: instance!.arn, tags: [MARK] });
    expect(error?.message).to.contain("container instance is not found");
  });
});
