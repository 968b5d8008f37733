import { expect } from "chai";
import { NOTICE_SCRIPT } from "../../../rehearsal/baselines/noticeScript";
import { agentConfig } from "../../../rehearsal/world/ecs/agentConfig";
import { noticeScript } from "../../../rehearsal/world/ecs/noticeScript";
import { MINUTE, SECOND, Stage } from "../../support/stage";

const USER_DATA = ["#!/bin/bash", "echo ECS_CLUSTER=shop >> /etc/ecs/ecs.config", ...NOTICE_SCRIPT, ""].join("\n");

describe("a script that looks for a notice", () => {
  it("is what user data says that it is, and leaves the agent's settings as they are", () => {
    expect(noticeScript(USER_DATA)).to.deep.equal({ pollMs: 5000, drains: true, moreInstances: 1 });
    expect(agentConfig(USER_DATA)).to.deep.include({ cluster: "shop", undecided: [] });
  });

  it("is none where nothing asks the metadata, and does nothing that it doesn't say", () => {
    expect(noticeScript("#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config\n")).to.equal(undefined);
    const watching = NOTICE_SCRIPT.filter((line) => !line.startsWith("aws "));
    expect(noticeScript(watching.join("\n"))).to.deep.equal({ pollMs: 5000, drains: false, moreInstances: 0 });
  });

  it("drains its own instance and asks for one more within five seconds of the notice", async () => {
    const stage = await Stage.set({ stack: { agentDrains: false } });
    const { world, cluster } = stage;
    const [group] = world.groups.values();
    Object.assign(group!.spec, { maxSize: 5 });
    const [instance, other] = stage.instances;
    Object.assign(instance!, { userData: USER_DATA });
    world.ec2.interrupt(instance!, world.clock.now + 2 * MINUTE, false);
    const before = group!.desiredCapacity;
    await stage.run(5 * SECOND);
    expect(cluster.instanceOf(instance!.id)!.status).to.equal("DRAINING");
    expect(cluster.instanceOf(other!.id)!.status).to.equal("ACTIVE");
    expect(group!.desiredCapacity).to.equal(before + 1);
  });

  it("acts on no notice that never came", async () => {
    const stage = await Stage.set();
    const { world, cluster } = stage;
    const [instance] = stage.instances;
    Object.assign(instance!, { userData: USER_DATA });
    world.ec2.interrupt(instance!, world.clock.now + 2 * MINUTE, true);
    await stage.run(MINUTE);
    expect(cluster.instanceOf(instance!.id)!.status).to.equal("ACTIVE");
  });
});
