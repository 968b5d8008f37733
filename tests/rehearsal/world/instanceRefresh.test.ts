import { expect } from "chai";
import type { Group } from "../../../rehearsal/world/autoScaling/group";
import type { InstanceRefresh, RefreshPreferences } from "../../../rehearsal/world/autoScaling/instanceRefresh";
import { LaunchSource } from "../../../rehearsal/world/autoScaling/launchSource";
import { counts, isEnding } from "../../../rehearsal/world/autoScaling/member";
import { LaunchTemplate } from "../../../rehearsal/world/ec2/launchTemplate";
import type { World } from "../../../rehearsal/world/world";
import { addGroup, HOUR, later, makeWorld, MINUTE, SECOND } from "./support";

const PREFERENCES: RefreshPreferences = {
  minHealthyPercentage: 100,
  maxHealthyPercentage: 200,
  instanceWarmupMs: 2 * MINUTE,
  scaleInProtectedInstances: "Refresh",
  skipMatching: true,
  autoRollback: false,
  checkpointPercentages: [],
  checkpointDelayMs: 0,
  alarms: [],
};

interface Refreshed {
  readonly world: World;
  readonly group: Group;
  readonly template: LaunchTemplate;
  readonly start: (over?: Partial<RefreshPreferences>, isAlarming?: () => boolean) => InstanceRefresh;
  /** Fewest and most instances in service since the start. */
  readonly seen: { least: number; most: number };
}

/** A group of so many instances of version 1, and a version 2 with another AMI. */
async function stage(size = 4, protectFromScaleIn = true): Promise<Refreshed> {
  const { world } = makeWorld();
  const template = new LaunchTemplate("lt-1", "arn", world.parameters, "ami-1");
  template.add({ imageId: "ami-2", description: "", createdAt: 0 });
  const source = new LaunchSource(template, 1);
  const group = addGroup(world, { desiredCapacity: size, maxSize: size, protectFromScaleIn, source });
  await later(world, 10 * MINUTE);
  const seen = { least: Infinity, most: 0 };
  world.clock.every(world.clock.now, SECOND, () => {
    const inService = [...group.members.values()].filter(
      (member) => !isEnding(member) && member.lifecycleState === "InService",
    ).length;
    seen.least = Math.min(seen.least, inService);
    seen.most = Math.max(seen.most, inService);
  });
  const start = (over = {}, isAlarming = () => false): InstanceRefresh =>
    group.refreshes.start(2, { ...PREFERENCES, ...over }, isAlarming);
  return { world, group, template, start, seen };
}

const versions = (group: Group): unknown[] =>
  [...group.members.values()].filter(counts).map((member) => member.instance.launchTemplateVersion);
const images = (group: Group): unknown[] => [...group.members.values()].map((member) => member.instance.imageId);

describe("an instance refresh", () => {
  it("replaces every instance, protected or not, new ones first, and the group goes to the version", async () => {
    const { world, group, start, seen } = await stage();
    const refresh = start();
    await later(world, 10 * MINUTE);
    expect(refresh).to.include({ status: "Successful" });
    expect(images(group)).to.deep.equal(["ami-2", "ami-2", "ami-2", "ami-2"]);
    expect(group.spec.source!.version).to.equal(2);
    expect(seen).to.deep.equal({ least: 4, most: 8 });
  });

  it("grows the group no larger than it may be", async () => {
    const { world, start, seen } = await stage(10);
    const refresh = start({ maxHealthyPercentage: 120 });
    await later(world, HOUR);
    expect(refresh.status).to.equal("Successful");
    expect(seen).to.deep.equal({ least: 10, most: 12 });
  });

  it("ends the old ones first where the group may not grow", async () => {
    const { world, start, seen } = await stage(10);
    const refresh = start({ minHealthyPercentage: 80, maxHealthyPercentage: 100 });
    await later(world, HOUR);
    expect(refresh.status).to.equal("Successful");
    expect(seen).to.deep.equal({ least: 8, most: 10 });
  });

  it("waits for the warm-up of the new ones", async () => {
    const { world, group, start } = await stage();
    start({ instanceWarmupMs: 20 * MINUTE });
    await later(world, 19 * MINUTE);
    expect([...group.members.values()].filter(isEnding)).to.be.empty;
    await later(world, 10 * MINUTE);
    expect(versions(group)).to.deep.equal([2, 2, 2, 2]);
  });

  it("skips what has the version already, and ends at once where all have", async () => {
    const { world, start, group } = await stage();
    start();
    await later(world, 10 * MINUTE);
    const ids = [...group.members.keys()];
    const again = start();
    await later(world, MINUTE);
    expect(again.status).to.equal("Successful");
    expect([...group.members.keys()]).to.deep.equal(ids);
  });

  it("leaves protected instances alone, or waits for them, where it is told so", async () => {
    const ignoring = await stage();
    const ignored = ignoring.start({ scaleInProtectedInstances: "Ignore" });
    await later(ignoring.world, 10 * MINUTE);
    expect(ignored.status).to.equal("Successful");
    expect(versions(ignoring.group)).to.deep.equal([1, 1, 1, 1]);
    const waiting = await stage();
    const waited = waiting.start({ scaleInProtectedInstances: "Wait" });
    await later(waiting.world, 30 * MINUTE);
    expect(waited.status).to.equal("InProgress");
    for (const id of [...waiting.group.members.keys()]) waiting.group.setProtection(id, false);
    await later(waiting.world, 10 * MINUTE);
    expect(waited.status).to.equal("Successful");
  });

  it("stops at its checkpoints", async () => {
    const { world, group, start } = await stage();
    start({ checkpointPercentages: [25, 100], checkpointDelayMs: HOUR });
    await later(world, 30 * MINUTE);
    expect(versions(group).filter((version) => version === 2)).to.have.lengthOf(1);
    await later(world, HOUR);
    expect(versions(group)).to.deep.equal([2, 2, 2, 2]);
  });

  it("goes on where EC2 takes an instance back meanwhile", async () => {
    const { world, group, start } = await stage();
    const refresh = start({ maxHealthyPercentage: 125 });
    await later(world, MINUTE);
    for (const { instance } of [...group.members.values()].slice(0, 2))
      world.ec2.interrupt(instance, world.clock.now + 2 * MINUTE, false);
    await later(world, HOUR);
    expect(refresh.status).to.equal("Successful");
    expect(versions(group)).to.deep.equal([2, 2, 2, 2]);
  });

  it("leaves the group at its own version when it is cancelled", async () => {
    const { world, group, start } = await stage();
    const refresh = start({ maxHealthyPercentage: 125 });
    await later(world, 5 * MINUTE);
    group.refreshes.cancel(refresh, "enough");
    await later(world, 30 * MINUTE);
    expect(refresh.status).to.equal("Cancelled");
    expect(group.spec.source!.version).to.equal(1);
    expect(group.spec.source!.next()!.imageId).to.equal("ami-1");
    expect(versions(group).length).to.be.at.least(4);
  });

  it("goes back to the group's version on an alarm, or fails where it may not", async () => {
    for (const autoRollback of [true, false]) {
      const { world, group, start, seen } = await stage();
      let isAlarming = false;
      const refresh = start(
        { autoRollback, alarms: ["api-5xx"], checkpointPercentages: [50, 100], checkpointDelayMs: HOUR },
        () => isAlarming,
      );
      await later(world, 10 * MINUTE);
      isAlarming = true;
      await later(world, 30 * MINUTE);
      expect(refresh.status).to.equal(autoRollback ? "RollbackSuccessful" : "Failed");
      expect(refresh.reason).to.include("api-5xx");
      expect(versions(group).filter((version) => version === 1)).to.have.lengthOf(autoRollback ? 4 : 2);
      expect(group.spec.source!.version).to.equal(1);
      expect(seen.least).to.equal(4);
    }
  });

  it("goes on for ever where no pool has an instance to give, and leaves the old ones", async () => {
    const { world, group, start, seen } = await stage();
    world.ec2.market.limit({}, 0);
    const refresh = start();
    await later(world, 5 * HOUR);
    expect(refresh.status).to.equal("InProgress");
    expect(versions(group)).to.be.empty;
    expect(seen.least).to.equal(4);
  });
});

describe("a new AMI", () => {
  it("is what the next instance has, where the template names a parameter", async () => {
    const { world } = makeWorld();
    const template = new LaunchTemplate("lt-1", "arn", world.parameters, "resolve:ssm:/golden");
    const group = addGroup(world, { source: new LaunchSource(template, 1), minSize: 2 });
    await later(world, MINUTE);
    world.parameters.publishAmis();
    group.setDesiredCapacity(3);
    await later(world, MINUTE);
    const [old, same, fresh] = images(group);
    expect(old).to.equal(same);
    expect(fresh).to.match(/^ami-/).and.not.equal(old);
  });

  it("is told to the account's bus for its own parameters, and not for AWS's", async () => {
    for (const [name, events] of [
      ["/golden", 1],
      ["/aws/service/ami", 0],
    ] as const) {
      const { world } = makeWorld();
      const told: string[] = [];
      world.bus.addRule({
        name: "rule",
        arn: "arn",
        pattern: { source: ["aws.ssm"] },
        rateMs: undefined,
        deliver: [(text) => told.push(text)],
      });
      world.parameters.resolve(`resolve:ssm:${name}`);
      world.parameters.publishAmis();
      await later(world, MINUTE);
      expect(told).to.have.lengthOf(events);
    }
  });
});
