import { expect } from "chai";
import { agentConfig } from "../../../rehearsal/world/ecs/agentConfig";
import { GROUP, later, makeStage, SECOND, type Stage } from "./support";

const DRAINING = `${GROUP.userData}echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config\n`;

const onlyInstance = ({ cluster }: Stage) => [...cluster.instances.values()][0]!;

describe("ECS agent", () => {
  it("puts its instance into DRAINING within a second of the notice, where it is told to", async () => {
    const stage = await makeStage({ group: { userData: DRAINING } });
    const instance = onlyInstance(stage);
    stage.world.ec2.interrupt(instance.ec2, stage.world.clock.now + 120 * SECOND, false);
    await later(stage.world, SECOND + 1);
    expect(instance.status).to.equal("DRAINING");
  });

  it("does nothing at a notice by default, and nothing at a recommendation ever", async () => {
    const plain = await makeStage();
    plain.world.ec2.interrupt(onlyInstance(plain).ec2, plain.world.clock.now + 120 * SECOND, false);
    const told = await makeStage({ group: { userData: DRAINING } });
    told.world.ec2.recommend(onlyInstance(told).ec2);
    for (const stage of [plain, told]) {
      await later(stage.world, 60 * SECOND);
      expect(onlyInstance(stage).status).to.equal("ACTIVE");
    }
  });

  it("hears nothing of an interruption without notice", async () => {
    const stage = await makeStage({ group: { userData: DRAINING } });
    const instance = onlyInstance(stage);
    stage.world.ec2.interrupt(instance.ec2, stage.world.clock.now + 120 * SECOND, true);
    await later(stage.world, 60 * SECOND);
    expect(instance.status).to.equal("ACTIVE");
  });

  it("registers with the cluster that the user data names, one to two minutes after the instance runs", async () => {
    const { cluster } = await makeStage({ group: { desiredCapacity: 4 } });
    const delays = [...cluster.instances.values()].map((each) => each.registeredAt - each.ec2.launchedAt);
    expect(delays).to.have.length(4);
    expect(Math.min(...delays)).to.be.at.least(77 * SECOND);
    expect(Math.max(...delays)).to.be.at.most(137 * SECOND);
    const other = await makeStage({
      group: { userData: "#!/bin/bash\necho ECS_CLUSTER=other >> /etc/ecs/ecs.config" },
    });
    expect(other.cluster.instances.size).to.equal(0);
  });

  it("registers the memory that is left after the system's share and what is reserved", async () => {
    const userData = `${GROUP.userData}echo ECS_RESERVED_MEMORY=256 >> /etc/ecs/ecs.config\n`;
    const stage = await makeStage({ group: { userData } });
    const { registeredCpu, registeredMemoryMiB } = onlyInstance(stage);
    expect([registeredCpu, registeredMemoryMiB]).to.deep.equal([2048, Math.floor(8192 * 0.94) - 256]);
  });
});

describe("an agent's settings", () => {
  const configOf = (...lines: string[]) => agentConfig(["#!/bin/bash", ...lines, ""].join("\n"));

  it("are those that the user data leaves in the agent's file", () => {
    const { cluster, spotInstanceDraining, undecided } = configOf(
      "cat <<'EOF' >> /etc/ecs/ecs.config",
      "ECS_CLUSTER=shop",
      "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
      "EOF",
      'echo "ECS_CLUSTER=store" >> /etc/ecs/ecs.config',
    );
    expect({ cluster, spotInstanceDraining, undecided }).to.deep.equal({
      cluster: "store",
      spotInstanceDraining: true,
      undecided: [],
    });
  });

  it("have AWS's defaults: no draining, 30 s to stop", () => {
    const { spotInstanceDraining, stopTimeoutMs, cluster } = agentConfig("");
    expect([spotInstanceDraining, stopTimeoutMs, cluster]).to.deep.equal([false, 30 * SECOND, "default"]);
  });

  it("are taken for the default where they can't be told, and that is said", () => {
    const config = configOf("echo ECS_CONTAINER_STOP_TIMEOUT=$TIMEOUT >> /etc/ecs/ecs.config");
    expect(config.stopTimeoutMs).to.equal(30 * SECOND);
    expect(config.undecided).to.have.length(1);
    expect(config.undecided[0]).to.match(/^ECS_CONTAINER_STOP_TIMEOUT: .*TIMEOUT/);
  });
});
