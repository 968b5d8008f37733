import { expect } from "chai";
import type { Group } from "../../../rehearsal/world/autoScaling/group";
import { isEnding } from "../../../rehearsal/world/autoScaling/member";
import { onDemandShare } from "../../../rehearsal/world/autoScaling/census";
import { addGroup, GROUP, HOUR, later, makeWorld, MINUTE, SECOND } from "./support";

const living = (group: Group) => [...group.members.values()].filter((member) => !isEnding(member));
const zones = (group: Group): string[] =>
  living(group)
    .map((member) => member.instance.availabilityZone)
    .sort();
const ids = (group: Group): string[] => [...group.members.keys()];

describe("Auto Scaling group: launching", () => {
  it("spreads instances evenly over its zones", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { desiredCapacity: 7 });
    await world.run(MINUTE);
    expect(zones(group)).to.deep.equal(["a", "a", "a", "b", "b", "c", "c"]);
  });

  it("takes another zone where one has nothing, and evens the zones out when it has again, launching before ending", async () => {
    const { world, log } = makeWorld();
    world.ec2.market.limit({ availabilityZone: "c" }, 0);
    const group = addGroup(world, { desiredCapacity: 6 });
    await world.run(5 * MINUTE);
    expect(zones(group)).to.deep.equal(["a", "a", "a", "b", "b", "b"]);
    world.ec2.market.limit({ availabilityZone: "c" }, null);
    world.ec2.marketMoved.publish(undefined);
    const before = log.length;
    await later(world, 20 * MINUTE);
    expect(zones(group)).to.deep.equal(["a", "a", "b", "b", "c", "c"]);
    const moved = log.slice(before).map((line) => line.event);
    expect(moved.indexOf("ec2.Launched")).to.be.lessThan(moved.indexOf("autoScaling.Terminating"));
  });

  it("leaves zones unbalanced while what would have to end is protected, or AZRebalance is suspended", async () => {
    for (const spec of [{ protectFromScaleIn: true }, { suspendedProcesses: ["AZRebalance"] }]) {
      const { world } = makeWorld();
      world.ec2.market.limit({ availabilityZone: "c" }, 0);
      const group = addGroup(world, { desiredCapacity: 6, ...spec });
      await world.run(5 * MINUTE);
      world.ec2.market.limit({ availabilityZone: "c" }, null);
      world.ec2.marketMoved.publish(undefined);
      await later(world, 20 * MINUTE);
      expect(zones(group)).to.deep.equal(["a", "a", "a", "b", "b", "b"]);
    }
  });

  it("stays short in a zone without capacity where the distribution is balanced-only", async () => {
    const { world } = makeWorld();
    world.ec2.market.limit({ availabilityZone: "c" }, 0);
    const group = addGroup(world, { desiredCapacity: 6, balancedOnly: true });
    await world.run(5 * MINUTE);
    expect(zones(group)).to.deep.equal(["a", "b"]);
  });

  it("fills the on-demand base first and rounds the percentage above it in favour of on demand", async () => {
    const spec = { onDemandBaseCapacity: 1, onDemandPercentageAboveBaseCapacity: 25 };
    expect([1, 2, 5, 6, 9].map((total) => onDemandShare({ ...GROUP, ...spec }, total))).to.deep.equal([1, 2, 2, 3, 3]);
    const { world } = makeWorld();
    const group = addGroup(world, { desiredCapacity: 5, ...spec });
    await world.run(MINUTE);
    expect(living(group).filter((member) => member.instance.lifecycle === "on-demand")).to.have.length(2);
  });

  it("goes on launching on demand while Spot has nothing, and tells of each failure", async () => {
    const { world, of } = makeWorld();
    world.ec2.market.limit({}, 0);
    const group = addGroup(world, { desiredCapacity: 2, onDemandBaseCapacity: 1 });
    await world.run(5 * MINUTE);
    expect(living(group).map((member) => member.instance.lifecycle)).to.deep.equal(["on-demand"]);
    expect(group.isOutOfCapacity).to.equal(true);
    expect(of("autoScaling.LaunchUnsuccessful").length).to.be.greaterThan(1);
    world.ec2.market.limit({}, null);
    world.ec2.marketMoved.publish(undefined);
    await later(world, 10 * SECOND);
    expect(group.isOutOfCapacity).to.equal(false);
    expect(living(group)).to.have.length(2);
  });

  it("replaces an instance that is gone at its next look, without any capacity rebalancing", async () => {
    const { world, of } = makeWorld();
    const group = addGroup(world);
    await world.run(5 * MINUTE);
    const { instance } = living(group)[0]!;
    world.ec2.interrupt(instance, world.clock.now, true);
    await later(world, 2 * MINUTE);
    expect(of("autoScaling.Unhealthy")).to.have.length(1);
    expect(living(group)).to.have.length(2);
  });
});

describe("Auto Scaling group: ending", () => {
  it("scales in from the fullest zone, by the termination policies", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { desiredCapacity: 4, terminationPolicies: ["NewestInstance"] });
    await world.run(5 * MINUTE);
    const inFullest = living(group).filter((member) => member.instance.availabilityZone === "a");
    group.setDesiredCapacity(3);
    await later(world, MINUTE);
    expect(zones(group)).to.deep.equal(["a", "b", "c"]);
    expect(inFullest.filter((member) => isEnding(member))).to.have.length(1);
  });

  it("ends the oldest where the policy says so", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, {
      desiredCapacity: 1,
      availabilityZones: ["a"],
      terminationPolicies: ["OldestInstance"],
    });
    await world.run(5 * MINUTE);
    const [oldest] = ids(group);
    group.setDesiredCapacity(2);
    await later(world, 5 * MINUTE);
    group.setDesiredCapacity(1);
    await later(world, MINUTE);
    expect(ids(group)).to.have.length(1).and.not.include(oldest);
  });

  it("lowers desired capacity and ends nothing where all are protected from scale-in", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { desiredCapacity: 3, protectFromScaleIn: true });
    await world.run(5 * MINUTE);
    group.setDesiredCapacity(1);
    await later(world, 10 * MINUTE);
    expect(group.desiredCapacity).to.equal(1);
    expect(living(group)).to.have.length(3);
    group.setProtection(ids(group)[0]!, false);
    await later(world, 10 * SECOND);
    expect(living(group)).to.have.length(2);
  });

  it("keeps desired capacity between minimum and maximum", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { minSize: 1, maxSize: 3 });
    group.setDesiredCapacity(9);
    expect(group.desiredCapacity).to.equal(3);
    group.setDesiredCapacity(0);
    expect(group.desiredCapacity).to.equal(1);
    await world.run(SECOND);
  });

  it("launches another at once when one is detached, and leaves the detached one running", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { protectFromScaleIn: true });
    await world.run(5 * MINUTE);
    const [detached] = ids(group);
    group.detach(detached!, false);
    await later(world, 5 * SECOND);
    expect(world.ec2.living.get(detached!)?.state).to.equal("running");
    expect(ids(group)).to.have.length(2).and.not.include(detached);
    group.detach(ids(group)[0]!, true);
    await later(world, MINUTE);
    expect([group.desiredCapacity, living(group).length]).to.deep.equal([1, 1]);
  });
});

describe("Auto Scaling group: lifecycle hooks", () => {
  const hook = { name: "hook", heartbeatMs: 10 * MINUTE, defaultResult: "ABANDON" as const };

  it("holds a terminating instance in Terminating:Wait until the hook is completed", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { terminationHooks: [hook] });
    await world.run(5 * MINUTE);
    const member = living(group)[0]!;
    group.terminateMember(member, "test");
    await later(world, 5 * MINUTE);
    expect(member.lifecycleState).to.equal("Terminating:Wait");
    expect(group.hooks.complete(member, "other", "CONTINUE")).to.equal(false);
    expect(group.hooks.complete(member, "hook", "CONTINUE")).to.equal(true);
    await later(world, MINUTE);
    expect(member.instance.state).to.equal("terminated");
  });

  it("lets it go when the heartbeat runs out, whatever the default result", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { terminationHooks: [hook] });
    await world.run(5 * MINUTE);
    const member = living(group)[0]!;
    group.terminateMember(member, "test");
    await later(world, 9 * MINUTE);
    group.hooks.recordHeartbeat(member, "hook");
    await later(world, 9 * MINUTE);
    expect(member.instance.state).to.equal("running");
    await later(world, 2 * MINUTE);
    expect(member.instance.state).to.equal("terminated");
  });

  it("waits for all hooks, unless one abandons", async () => {
    const hooks = [hook, { ...hook, name: "second" }];
    for (const [result, state] of [
      ["CONTINUE", "Terminating:Wait"],
      ["ABANDON", "Terminating:Proceed"],
    ] as const) {
      const { world } = makeWorld();
      const group = addGroup(world, { terminationHooks: hooks });
      await world.run(5 * MINUTE);
      const member = living(group)[0]!;
      group.terminateMember(member, "test");
      group.hooks.complete(member, "second", result);
      expect(member.lifecycleState).to.equal(state);
    }
  });

  it("never extends a Spot reclaim", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { terminationHooks: [hook], capacityRebalance: true });
    await world.run(5 * MINUTE);
    const member = living(group)[0]!;
    world.ec2.interrupt(member.instance, world.clock.now + 2 * MINUTE, false);
    await later(world, SECOND);
    expect(member.lifecycleState).to.equal("Terminating:Wait");
    await later(world, 2 * MINUTE);
    expect(member.instance.state).to.equal("terminated");
    expect(group.members.has(member.instance.id)).to.equal(false);
  });
});

describe("Auto Scaling group: capacity rebalancing", () => {
  it("launches a replacement at a notice, at once", async () => {
    const { world, of } = makeWorld();
    const group = addGroup(world, { capacityRebalance: true });
    await world.run(5 * MINUTE);
    const launched = of("ec2.Launched").length;
    world.ec2.interrupt(living(group)[0]!.instance, world.clock.now + 2 * MINUTE, false);
    await later(world, 5 * SECOND);
    expect(of("ec2.Launched")).to.have.length(launched + 1);
  });

  it("ends a recommended instance only once its replacement is in service, above the maximum meanwhile", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { capacityRebalance: true, maxSize: 2 });
    await world.run(5 * MINUTE);
    const flagged = living(group)[0]!;
    world.ec2.recommend(flagged.instance);
    await later(world, 10 * SECOND);
    expect(isEnding(flagged)).to.equal(false);
    expect(living(group)).to.have.length(3);
    await later(world, MINUTE);
    expect(isEnding(flagged)).to.equal(true);
    expect(living(group)).to.have.length(2);
  });

  it("can't end a flagged instance that is protected from scale-in, until it no longer is", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { capacityRebalance: true, protectFromScaleIn: true });
    await world.run(5 * MINUTE);
    const flagged = living(group)[0]!;
    world.ec2.recommend(flagged.instance);
    await later(world, HOUR);
    expect(living(group)).to.have.length(3).and.include(flagged);
    group.setProtection(flagged.instance.id, false);
    await later(world, MINUTE);
    expect(living(group)).to.have.length(2).and.not.include(flagged);
  });

  it("does nothing at a recommendation where only the flagged instance's own pool has room", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, {
      capacityRebalance: true,
      availabilityZones: ["a"],
      instanceTypes: ["m5.large"],
    });
    await world.run(5 * MINUTE);
    world.ec2.recommend(living(group)[0]!.instance);
    await later(world, MINUTE);
    expect(living(group)).to.have.length(2);
  });

  it("does nothing at either where it is off", async () => {
    const { world } = makeWorld();
    const group = addGroup(world);
    await world.run(5 * MINUTE);
    const [recommended, noticed] = living(group);
    world.ec2.recommend(recommended!.instance);
    world.ec2.interrupt(noticed!.instance, world.clock.now + 2 * MINUTE, false);
    await later(world, MINUTE);
    expect(living(group)).to.have.length(2);
  });
});

describe("Auto Scaling group: pools of which EC2 recommends to replace instances", () => {
  /** The type of the instance that is launched after one of m5.large was recommended. */
  async function launchedAfter(strategySeesRecommendations: boolean, spotAllocationStrategy: string, waitMs = MINUTE) {
    const { world } = makeWorld({ strategySeesRecommendations });
    const group = addGroup(world, { desiredCapacity: 1, availabilityZones: ["a"], spotAllocationStrategy });
    await world.run(MINUTE);
    const [first] = group.members.values();
    world.ec2.recommend(first!.instance);
    await later(world, waitMs);
    group.setDesiredCapacity(2);
    await later(world, MINUTE);
    return [...group.members.values()].map(({ instance }) => instance.instanceType);
  }

  it("come last in strategies that look at capacity, where these see recommendations, and for as long as one may lead", async () => {
    const optimized = "price-capacity-optimized";
    expect(await launchedAfter(true, optimized)).to.deep.equal(["m5.large", "m6i.large"]);
    expect(await launchedAfter(false, optimized)).to.deep.equal(["m5.large", "m5.large"]);
    expect(await launchedAfter(true, "lowest-price")).to.deep.equal(["m5.large", "m5.large"]);
    expect(await launchedAfter(true, optimized, 9 * HOUR)).to.deep.equal(["m5.large", "m5.large"]);
  });

  it("are taken all the same where there is nothing else", async () => {
    const { world } = makeWorld({ strategySeesRecommendations: true });
    const group = addGroup(world, { desiredCapacity: 1, availabilityZones: ["a"], instanceTypes: ["m5.large"] });
    await world.run(MINUTE);
    world.ec2.recommend([...group.members.values()][0]!.instance);
    group.setDesiredCapacity(2);
    await later(world, MINUTE);
    expect(group.members.size).to.equal(2);
  });
});
