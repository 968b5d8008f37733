import { expect } from "chai";
import type { ContainerProfile } from "../../../rehearsal/inputs/profile";
import type { FailureCause } from "../../../rehearsal/traffic/tally";
import type { Traffic } from "../../../rehearsal/traffic/traffic";
import type { LogLine } from "../../../rehearsal/world/log";
import { HOUR, MINUTE, SECOND, Stage, type StackShape } from "../../support/stage";

/** The causes that have failures. */
const causesOf = ({ tally }: Traffic): string[] =>
  Object.entries(tally.failedBy).flatMap(([cause, count]) => (count > 0 ? [cause] : []));

interface Scene {
  readonly stage: Stage;
  readonly traffic: Traffic;
  readonly log: LogLine[];
}

/** A few long requests a minute on each of two tasks. */
async function work(profile: Partial<ContainerProfile>, stack: Partial<StackShape> = {}): Promise<Scene> {
  const log: LogLine[] = [];
  const longRequests = { share: 1, minSeconds: 60, maxSeconds: 600 };
  const stage = await Stage.set({ stack, sink: (line) => log.push(line), profile: { longRequests, ...profile } });
  const traffic = stage.send({ requestsPerSecond: 0.2 });
  await stage.run(20 * MINUTE);
  return { stage, traffic, log };
}

const takes: readonly (readonly [string, (stage: Stage) => void])[] = [
  ["the service scales in", ({ cluster, service }) => cluster.setDesiredCount(service, 1)],
  ["a deployment replaces its task", ({ cluster, service }) => cluster.deploy(service)],
];

describe("a long request, when", () => {
  for (const [what, take] of takes) {
    it(`${what}, is cut at the end of the deregistration delay, and counted as that`, async () => {
      const { stage, traffic } = await work({});
      take(stage);
      await stage.run(40 * SECOND);
      expect(causesOf(traffic)).to.deep.equal([]);
      await stage.run(10 * MINUTE);
      expect(causesOf(traffic)).to.deep.equal(["scaleIn"]);
      expect(traffic.tally.failedBy.scaleIn).to.be.at.least(5);
    });

    it(`${what}, isn't lost where it ends before that`, async () => {
      const { stage, traffic } = await work({ longRequests: { share: 1, minSeconds: 5, maxSeconds: 35 } });
      take(stage);
      await stage.run(10 * MINUTE);
      expect(causesOf(traffic)).to.deep.equal([]);
    });

    it(`${what}, isn't lost where its container protects its work: its task stays until it is idle`, async () => {
      const { stage, traffic } = await work({ protectsWork: true });
      const [...before] = stage.tasks;
      take(stage);
      await stage.run(HOUR);
      expect(stage.tasks).to.include.members(before);
      expect(causesOf(traffic)).to.deep.equal([]);
      expect(traffic.tally.served).to.be.greaterThan(300);
    });
  }

  it("is cut by zone rebalancing that takes its task: counted as scale-in too", async () => {
    const { stage, traffic } = await work({});
    const [first] = stage.tasks;
    stage.cluster.life.stop(first!, "scheduler", "ServiceSchedulerInitiated", "zone rebalancing", "zoneRebalancing");
    await stage.run(2 * MINUTE);
    expect(causesOf(traffic)).to.deep.equal(["scaleIn"]);
  });
});

describe("a container that protects its work", () => {
  it("lets its task go a quarter of a minute after its last request", async () => {
    const longRequests = { share: 1, minSeconds: 100, maxSeconds: 100 };
    const log: LogLine[] = [];
    const profile = { longRequests, protectsWork: true };
    const stage = await Stage.set({ profile, sink: (line) => log.push(line) });
    const { service, cluster } = stage;
    const traffic = stage.send({ requestsPerSecond: 20, forMs: SECOND });
    await stage.run(2 * SECOND);
    expect(stage.tasks.map((task) => service.isShielded(task))).to.deep.equal([true, true]);
    cluster.setDesiredCount(service, 1);
    await stage.run(110 * SECOND);
    expect(stage.tasks.every(({ desiredStatus }) => desiredStatus === "RUNNING")).to.equal(true);
    await stage.run(10 * SECOND);
    expect(stage.tasks.filter(({ desiredStatus }) => desiredStatus === "STOPPED")).to.have.lengthOf(1);
    expect(causesOf(traffic)).to.deep.equal([]);
    const told = log.filter(({ event }) => event === "work.Protection").map(({ what }) => what);
    expect(told).to.deep.equal(["protected", "protected", "released", "released"]);
  });

  it("protects short requests as well, as long as they come", async () => {
    const stage = await Stage.set({ profile: { protectsWork: true } });
    const { service, cluster } = stage;
    stage.send({ requestsPerSecond: 20, forMs: 10 * MINUTE });
    await stage.run(MINUTE);
    cluster.setDesiredCount(service, 1);
    await stage.run(8 * MINUTE);
    expect(stage.tasks.filter(({ desiredStatus }) => desiredStatus === "RUNNING")).to.have.lengthOf(2);
    await stage.run(2 * MINUTE);
    expect(stage.tasks.filter(({ desiredStatus }) => desiredStatus === "RUNNING")).to.have.lengthOf(1);
  });

  it("isn't protected by health checks alone", async () => {
    const stage = await Stage.set({ profile: { protectsWork: true } });
    stage.send({ requestsPerSecond: 0 });
    await stage.run(10 * MINUTE);
    expect(stage.tasks.some(({ ownProtectionUntil }) => ownProtectionUntil !== undefined)).to.equal(false);
  });

  it("makes no call once it is gone, and another takes its place", async () => {
    const { stage, traffic } = await work({ protectsWork: true });
    stage.world.ec2.terminate(stage.instances[0]!.id, "test");
    await stage.run(20 * MINUTE);
    expect(stage.tasks.filter((task) => stage.service.isShielded(task))).to.have.lengthOf(2);
    expect(causesOf(traffic)).to.include("killedInFlight");
  });

  it("does the same for the same seed", async () => {
    const [first, second] = [await work({ protectsWork: true }), await work({ protectsWork: true })];
    expect(first.log).to.deep.equal(second.log);
    expect(first.traffic.tally).to.deep.equal(second.traffic.tally);
  });
});

describe("an announced interruption", () => {
  async function interrupt(profile: Partial<ContainerProfile>): Promise<Record<FailureCause, number>> {
    const { stage, traffic } = await work(profile, { agentDrains: true, deregistrationDelaySeconds: 20 });
    stage.world.ec2.interrupt(stage.instances[0]!, stage.world.clock.now + 2 * MINUTE, false);
    await stage.run(10 * MINUTE);
    return traffic.tally.failedBy;
  }

  it("cuts what takes longer than its notice, whoever handles it: that is counted apart", async () => {
    const failedBy = await interrupt({ longRequests: { share: 1, minSeconds: 5000, maxSeconds: 6000 } });
    expect(failedBy.outlastsNotice).to.be.at.least(20);
    // A few more are sent to it until ECS has a replacement.
    expect(failedBy.drainTimeout + failedBy.killedInFlight).to.be.at.most(5);
  });

  it("excuses nothing that the notice would have been long enough for", async () => {
    const failedBy = await interrupt({ longRequests: { share: 1, minSeconds: 60, maxSeconds: 110 } });
    expect(failedBy.drainTimeout).to.be.at.least(1);
    expect(failedBy.outlastsNotice).to.equal(0);
  });

  it("doesn't excuse what was sent to its instance long after the notice", async () => {
    const longRequests = { share: 1, minSeconds: 1000, maxSeconds: 2000 };
    const stage = await Stage.set({ profile: { longRequests } });
    stage.world.ec2.interrupt(stage.instances[0]!, stage.world.clock.now + 2 * MINUTE, false);
    await stage.run(MINUTE);
    const traffic = stage.send({ requestsPerSecond: 1 });
    await stage.run(2 * MINUTE);
    expect(traffic.tally.failedBy.killedInFlight).to.be.at.least(10);
    expect(traffic.tally.failedBy.outlastsNotice).to.equal(0);
  });
});
