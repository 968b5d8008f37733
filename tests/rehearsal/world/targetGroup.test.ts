import { expect } from "chai";
import { TargetGroup } from "../../../rehearsal/world/elb/targetGroup";
import type { Network } from "../../../rehearsal/world/elb/targetGroupSpec";
import { later, makeWorld, SECOND, TARGET_GROUP } from "./support";

type Answer = ReturnType<Network["probe"]>;

/** A target group whose targets answer as the test says. */
function bareTargetGroup(deregistrationDelayMs = 30 * SECOND) {
  const { world } = makeWorld();
  const answers = new Map<number, Answer>();
  const targetGroup = new TargetGroup({ ...TARGET_GROUP, deregistrationDelayMs }, world.context, {
    probe: (_id, port) => answers.get(port) ?? "serving",
  });
  const health = (port: number) => targetGroup.targets.get(`i-1:${port}`)?.health;
  const answer = (port: number, answered: Answer): void => {
    answers.set(port, answered);
    targetGroup.reachabilityChanged("i-1", port);
  };
  return { world, targetGroup, health, answer, answers };
}

const routedPorts = (targetGroup: TargetGroup): number[] => targetGroup.routed().map((target) => target.port);

describe("target group: health", () => {
  it("makes a new target healthy after a single pass", async () => {
    const { world, targetGroup, health } = bareTargetGroup();
    targetGroup.register("i-1", 1);
    expect(health(1)).to.equal("initial");
    await world.run(10 * SECOND + 1);
    expect(health(1)).to.equal("healthy");
    expect(targetGroup.healthyCount()).to.equal(1);
  });

  it("makes a target unhealthy after as many failures in a row as its threshold", async () => {
    const { world, targetGroup, health, answer } = bareTargetGroup();
    targetGroup.register("i-1", 1);
    await world.run(20 * SECOND);
    answer(1, "refusing");
    const from = world.clock.now;
    while (health(1) === "healthy") await later(world, SECOND / 10);
    expect((world.clock.now - from) / SECOND).to.be.within(10, 20.1);
  });

  it("needs the healthy threshold to recover, and begins anew after a failure", async () => {
    const { world, targetGroup, health, answer, answers } = bareTargetGroup();
    targetGroup.register("i-1", 1);
    await world.run(20 * SECOND);
    answer(1, "refusing");
    await later(world, 30 * SECOND);
    expect(health(1)).to.equal("unhealthy");
    answer(1, "serving");
    await later(world, 15 * SECOND);
    answers.set(1, "refusing");
    await later(world, 10 * SECOND);
    answers.set(1, "serving");
    await later(world, 20 * SECOND);
    expect(health(1)).to.equal("unhealthy");
    await later(world, 15 * SECOND);
    expect(health(1)).to.equal("healthy");
  });

  it("takes a dead host's check to its timeout, so that it is found later than a refusal", async () => {
    const found = async (answered: Answer): Promise<number> => {
      const { world, targetGroup, health, answer } = bareTargetGroup();
      targetGroup.register("i-1", 1);
      await world.run(20 * SECOND);
      answer(1, answered);
      const from = world.clock.now;
      while (health(1) === "healthy") await later(world, SECOND / 10);
      return (world.clock.now - from) / SECOND;
    };
    expect((await found("dead")) - (await found("refusing"))).to.be.closeTo(5, 0.2);
  });
});

describe("target group: routing", () => {
  it("routes to healthy targets only, and to all where none is healthy", async () => {
    const { world, targetGroup, answer } = bareTargetGroup();
    for (const port of [1, 2]) targetGroup.register("i-1", port);
    await world.run(20 * SECOND);
    answer(1, "refusing");
    await later(world, 30 * SECOND);
    expect(routedPorts(targetGroup)).to.deep.equal([2]);
    answer(2, "refusing");
    await later(world, 30 * SECOND);
    expect(routedPorts(targetGroup)).to.deep.equal([1, 2]);
  });

  it("sends nothing new to a deregistered target once that has reached all of the balancer, within 5 s", async () => {
    const { world, targetGroup } = bareTargetGroup();
    for (const port of [1, 2]) targetGroup.register("i-1", port);
    await world.run(20 * SECOND);
    targetGroup.deregister("i-1", 1);
    await later(world, 5 * SECOND);
    expect(routedPorts(targetGroup)).to.deep.equal([2]);
  });
});

describe("target group: deregistration", () => {
  it("shows draining for the whole delay, with nothing in flight too, and then nothing", async () => {
    const { world, targetGroup, health } = bareTargetGroup();
    targetGroup.register("i-1", 1);
    await world.run(20 * SECOND);
    targetGroup.deregister("i-1", 1);
    await later(world, 29 * SECOND);
    expect(health(1)).to.equal("draining");
    await later(world, 2 * SECOND);
    expect(health(1)).to.equal(undefined);
  });

  it("takes a missing target as success, and a second deregistration as nothing", async () => {
    const { world, targetGroup, health } = bareTargetGroup();
    targetGroup.deregister("i-1", 9);
    targetGroup.register("i-1", 1);
    await world.run(20 * SECOND);
    targetGroup.deregister("i-1", 1);
    await later(world, 20 * SECOND);
    targetGroup.deregister("i-1", 1);
    await later(world, 11 * SECOND);
    expect(health(1)).to.equal(undefined);
  });

  it("gives a target that is taken back no request before at least one check interval is over and a check passed", async () => {
    const { world, targetGroup, health } = bareTargetGroup();
    for (const port of [1, 2]) targetGroup.register("i-1", port);
    await world.run(23 * SECOND);
    targetGroup.deregister("i-1", 1);
    targetGroup.register("i-1", 1);
    await later(world, 10 * SECOND - 1);
    expect([health(1), routedPorts(targetGroup)]).to.deep.equal(["initial", [2]]);
    await later(world, 2);
    expect(routedPorts(targetGroup)).to.deep.equal([1, 2].sort());
  });
});
