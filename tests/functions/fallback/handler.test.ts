import { expect } from "chai";
import { launchFailed, LivingGroup, mark, MINUTE, NO_SPOT, NO_VCPU, NOW, SETTINGS, sweep } from "./livingGroup";

/** The values of a metric, in the order in which they were logged. */
const values = (group: LivingGroup, name: string): unknown[] =>
  group.logs.filter((record) => "_aws" in record).map((record) => record[name]);

describe("the fallback function", () => {
  it("asks once a minute and does nothing while the group has what it wants", async () => {
    const group = new LivingGroup();
    await group.minutes(5);
    expect(new Set(group.calls.map(({ command }) => command))).to.deep.equal(new Set(["describeAutoScalingGroups"]));
    expect(group.logs).to.be.empty;
  });

  it("raises the on-demand base by what the group misses, once Spot launches fail", async () => {
    const group = new LivingGroup();
    group.shut();
    await group.minute();
    expect(group.base).to.equal(4);
    expect(group.of("on-demand")).to.have.lengthOf(4);
    expect(group.mark).to.include({ instances: 3, since: NOW + MINUTE });
    expect(values(group, "StandInsRaised")[0]).to.equal(3);
  });

  it("marks the group before it changes it, and gives the whole distribution without a launch template", async () => {
    const group = new LivingGroup();
    group.shut(1);
    await group.minute();
    const changes = group.calls.map(({ command }) => command).filter((each) => /^(create|update|delete)/.test(each));
    expect(changes.slice(0, 2)).to.deep.equal(["createOrUpdateTags", "updateAutoScalingGroup"]);
    expect(group.called("updateAutoScalingGroup")[0]).to.deep.equal({
      AutoScalingGroupName: "shop-group",
      MixedInstancesPolicy: {
        InstancesDistribution: {
          OnDemandBaseCapacity: 2,
          OnDemandPercentageAboveBaseCapacity: 0,
          OnDemandAllocationStrategy: "lowest-price",
          SpotAllocationStrategy: "price-capacity-optimized",
        },
      },
    });
    const [tagged] = group.called("createOrUpdateTags");
    expect((tagged!.Tags as object[])[0]).to.include({ ResourceId: "shop-group", PropagateAtLaunch: false });
  });

  it("raises by the schedule where the event is lost", async () => {
    const group = new LivingGroup();
    group.shut();
    await group.minute({ eventLost: true });
    expect(group.of("on-demand")).to.have.lengthOf(4);
  });

  it("raises by the event before the activity can be read", async () => {
    const group = new LivingGroup();
    group.shut();
    await group.look(launchFailed(NO_SPOT, group.now));
    expect(group.base).to.equal(4);
  });

  it("leaves another group's failures, and those that no other kind of instance would mend", async () => {
    const group = new LivingGroup();
    group.shut();
    const template = "Could not launch Spot Instances. InvalidLaunchTemplate - gone. Launching EC2 instance failed.";
    await group.look(launchFailed(NO_SPOT, group.now, "other-group"), launchFailed(template, group.now), "{");
    expect(group.base).to.equal(1);
  });

  it("changes nothing when the same event comes twice", async () => {
    const group = new LivingGroup();
    group.shut();
    await group.look(launchFailed(NO_SPOT, group.now));
    const { tag, base } = group;
    await group.look(launchFailed(NO_SPOT, group.now), launchFailed(NO_SPOT, group.now));
    expect(group).to.include({ tag, base });
  });

  it("lets no more stand in than it may, and says how many it refused", async () => {
    const group = new LivingGroup({ ...SETTINGS, maxInstances: 2 });
    group.shut();
    await group.minute();
    expect(group.of("on-demand")).to.have.lengthOf(3);
    expect(values(group, "StandInsRefused")[0]).to.equal(1);
    expect(group.logs).to.deep.include({ decision: "refused", instances: 1, reason: "at most 2 may stand in" });
  });

  it("lets no more stand in after its hours, and keeps those that do", async () => {
    const group = new LivingGroup({ ...SETTINGS, maxHours: 1 });
    group.shut(1);
    await group.minutes(61);
    group.desired = 6;
    await group.minutes(3);
    expect(group.of("on-demand")).to.have.lengthOf(2);
    expect(values(group, "FallbackOverdue").at(-1)).to.equal(1);
    expect(group.serving).to.have.lengthOf(4);
  });

  it("looks for Spot for an hour after EC2 refused an On-Demand Instance for the account's quota, and tells of it", async () => {
    const group = new LivingGroup();
    group.onDemandRoom = 1;
    group.shut();
    await group.minutes(5);
    expect(group.of("on-demand")).to.have.lengthOf(2);
    expect(group.base).to.equal(2);
    expect(values(group, "OnDemandQuotaReached")).to.include(1);
    const refused = group.activities.filter((each) => "StatusMessage" in each && each.StatusMessage === NO_VCPU);
    await group.minutes(50);
    expect(
      group.activities.filter((each) => "StatusMessage" in each && each.StatusMessage === NO_VCPU),
    ).to.have.lengthOf(refused.length);
    group.onDemandRoom = 5;
    await group.minutes(20);
    expect(group.of("on-demand")).to.have.lengthOf(4);
  });

  it("serves on demand, and tells of it, where the account's Spot quota is reached", async () => {
    const group = new LivingGroup();
    group.shut(1);
    const message = "Could not launch Spot Instances. MaxSpotInstanceCountExceeded - Max spot instance count exceeded";
    await group.look(launchFailed(message, group.now));
    expect(group.base).to.equal(2);
    expect(values(group, "SpotQuotaReached")).to.deep.equal([1]);
  });

  it("returns to Spot one by one, the one with the fewest tasks first, and leaves no mark", async () => {
    const group = new LivingGroup();
    group.shut();
    await group.minutes(3);
    group.spotRoom = 10;
    const [, fewest] = group.of("on-demand");
    for (const each of group.of("on-demand")) each.tasks = each === fewest ? 2 : 5;
    await group.minutes(9);
    expect(fewest!.inGroup).to.equal(false);
    for (let i = 0; i < 40; i++) {
      await group.minute();
      expect(group.serving.length).to.be.at.least(4);
    }
    expect(group.of("on-demand")).to.have.lengthOf(1);
    expect(group).to.include({ base: 1, tag: undefined });
    expect(group.instances.size).to.equal(4);
    expect(values(group, "StandInsReturned").filter((value) => value === 1)).to.have.lengthOf(3);
  });

  it("keeps the on-demand instance serving until its replacement has joined", async () => {
    const group = new LivingGroup();
    group.shut(1);
    await group.minutes(3);
    group.spotRoom = 1;
    while (group.mark!.detached === undefined) await group.minute();
    const { detached } = group.mark!;
    expect(group.instances.get(detached!)).to.include({ inGroup: false, status: "ACTIVE" });
    expect(group.members.filter(({ status }) => status === undefined)).to.have.lengthOf(1);
    await group.look(sweep(group.now));
    expect(group.instances.get(detached!)!.status).to.equal("ACTIVE");
    await group.minute();
    expect(group.instances.get(detached!)!.status).to.equal("DRAINING");
  });

  it("goes back to on demand where no Spot comes, and waits twice as long each time, at most an hour", async () => {
    const group = new LivingGroup();
    group.shut(1);
    const attempts: number[] = [];
    let before: string | undefined;
    for (let i = 0; i < 300; i++) {
      await group.minute();
      const { detached } = group.mark!;
      if (detached !== undefined && detached !== before) attempts.push((group.now - NOW) / MINUTE);
      before = detached ?? before;
      expect(group.serving.length).to.be.at.least(3);
    }
    const gaps = attempts.slice(1).map((at, index) => at - attempts[index]!);
    expect(gaps.slice(0, 3).map((gap) => Math.round(gap / 10) * 10)).to.deep.equal([20, 40, 60]);
    expect(Math.max(...gaps)).to.be.at.most(65);
    expect(group.members).to.have.lengthOf(4);
    expect(group.of("on-demand")).to.have.lengthOf(2);
  });

  for (const [what, disturb] of [
    [
      "an instance drains",
      (group: LivingGroup) => Object.assign(group.of("spot")[0]!, { status: "DRAINING", holds: true }),
    ],
    [
      "a deployment is in progress",
      (group: LivingGroup) => (group.services[0]!.deployments[0]!.rolloutState = "IN_PROGRESS"),
    ],
    ["fewer tasks run than desired", (group: LivingGroup) => (group.services[0]!.runningCount = 1)],
    ["tasks move to other instances", (group: LivingGroup) => (group.rebalances = true)],
    ["the instances are being refreshed", (group: LivingGroup) => (group.refreshes = true)],
  ] as const) {
    it(`begins no return while ${what}, and says so`, async () => {
      const group = new LivingGroup();
      group.shut(1);
      await group.minutes(2);
      group.spotRoom = 5;
      disturb(group);
      await group.minutes(15);
      expect(group.called("detachInstances")).to.be.empty;
      expect(group.logs).to.deep.include({ decision: "waits", reason: what });
    });
  }

  it("takes the base down with the instances that leave for less load", async () => {
    const group = new LivingGroup();
    group.shut();
    await group.minutes(2);
    group.desired = 2;
    for (const { id } of group.of("on-demand").slice(2)) group.instances.delete(id);
    await group.minute();
    expect(group.base).to.equal(2);
    expect(group.mark!.instances).to.equal(1);
  });

  it("puts the base back to what is declared where something else changed it", async () => {
    const group = new LivingGroup();
    group.base = 3;
    await group.minute();
    expect(group.base).to.equal(1);
    expect(group.tag).to.equal(undefined);
  });

  it("raises again what an update of the stack put back", async () => {
    const group = new LivingGroup();
    group.shut();
    await group.minutes(2);
    group.base = 1;
    await group.minute();
    expect(group.base).to.equal(4);
  });

  it("takes back what stands in, and raises nothing, where none may stand in any more", async () => {
    const settings = { ...SETTINGS, maxInstances: 0 };
    const group = new LivingGroup(settings);
    group.desired = 5;
    group.base = 2;
    group.tag = mark({ until: NOW });
    group.launch();
    group.boot();
    group.base = 3;
    group.tag = mark({ instances: 2 });
    await group.minutes(20);
    expect(group).to.include({ base: 1, tag: undefined });
    group.shut();
    await group.minutes(2);
    expect(group).to.include({ base: 1, tag: undefined });
  });

  it("goes on where it was killed, at any call", async () => {
    for (let killedAt = 1; killedAt < 60; killedAt++) {
      const group = new LivingGroup();
      group.shut(1);
      let calls = 0;
      group.fails = () => (++calls === killedAt ? new Error("killed") : undefined);
      await group.minutes(2);
      group.spotRoom = 5;
      await group.minutes(30);
      expect(group, `killed at call ${killedAt}`).to.include({ base: 1, tag: undefined });
      expect(group.instances.size, `killed at call ${killedAt}`).to.equal(4);
    }
  });

  it("has its messages come back when a call fails for good", async () => {
    const group = new LivingGroup();
    group.shut();
    group.fails = (command) => (command === "updateAutoScalingGroup" ? new Error("AccessDenied") : undefined);
    const answer = await group.look(launchFailed(NO_SPOT, group.now), sweep(group.now));
    expect(answer.batchItemFailures).to.have.lengthOf(2);
    expect(values(group, "FallbackFailedActions")).to.deep.equal([1]);
    expect(group.logs.some(({ decision, action }) => decision === "failed" && action === "setBase")).to.equal(true);
  });

  it("leaves a group without a mixed instances policy alone", async () => {
    const group = new LivingGroup();
    const ports = group.ports();
    const bare = {
      ...ports.autoScaling,
      describeAutoScalingGroups: () => Promise.resolve({ AutoScalingGroups: [{}] }),
    };
    group.ports = () => ({ ...ports, autoScaling: bare as unknown as typeof ports.autoScaling });
    group.shut();
    await group.minute();
    expect(group.calls).to.be.empty;
  });
});
