import { expect } from "chai";
import { handleDrain } from "../../../functions/drain/handler";
import type { SqsBatch } from "../../../functions/lambda";
import {
  awsError,
  batchOf,
  check,
  FakeAws,
  idOf,
  NOW,
  notice,
  SETTINGS,
  sweep,
  threeInstances,
  targetGroupArn,
} from "./fakeAws";

const A = idOf(1);
const B = idOf(2);
const C = idOf(3);

async function handle(aws: FakeAws, batch: SqsBatch | null, settings = SETTINGS): Promise<string[]> {
  const { batchItemFailures } = await handleDrain(batch, settings, aws.ports(), 25_000);
  return batchItemFailures.map((failure) => failure.itemIdentifier);
}

const healthOn = (aws: FakeAws, id: string): string[] =>
  aws.targets.filter((target) => target.instanceId === id).map((target) => target.health);

describe("the drain handler", () => {
  it("drains, detaches and deregisters a noticed instance, and sends itself a check", async () => {
    const aws = threeInstances();
    expect(await handle(aws, batchOf(notice(A)))).to.be.empty;
    expect(aws.instances.get(A)!.status).to.equal("DRAINING");
    expect(aws.group.has(A)).to.equal(false);
    expect(healthOn(aws, A)).to.deep.equal(["draining"]);
    expect([...healthOn(aws, B), ...healthOn(aws, C)]).to.deep.equal(["healthy", "healthy"]);
    expect(aws.called("stopTask")).to.be.empty;
    expect(aws.checks).to.deep.equal([{ body: check(A), delaySeconds: 5 }]);
    expect(aws.lastLooks).to.deep.equal([{ body: check(A), delaySeconds: 107 }]);
  });

  it("stops what serves to the last by the look beside its checks, where the last of these is lost", async () => {
    const aws = new FakeAws();
    aws.balanced("web");
    aws.join(A);
    const task = aws.run(A, "web", 32768);
    expect(await handle(aws, batchOf(notice(A)))).to.be.empty;
    const [last] = aws.lastLooks;
    aws.now += last!.delaySeconds * 1000;
    expect(await handle(aws, batchOf(last!.body))).to.be.empty;
    expect(aws.now).to.be.below(NOW + 110_000);
    expect(task.desiredStatus).to.equal("STOPPED");
    expect(healthOn(aws, A)).to.deep.equal(["draining"]);
    expect(aws.lastLooks).to.have.lengthOf(1);
  });

  it("takes at most 4 sequential rounds of calls from notice to drained and deregistered", async () => {
    const aws = threeInstances();
    let waiting: (() => void)[] = [];
    aws.beforeAnswer = () => new Promise((resolve) => waiting.push(resolve));
    const handled = handle(aws, batchOf(notice(A), notice(B)));
    const rounds: string[][] = [];
    for (let seen = 0; ; seen = aws.calls.length) {
      await new Promise((resolve) => setImmediate(resolve));
      if (waiting.length === 0) break;
      rounds.push(aws.calls.slice(seen).map((call) => call.command));
      const now = waiting;
      waiting = [];
      for (const answer of now) answer();
    }
    expect(await handled).to.be.empty;
    expect(rounds).to.have.lengthOf(4);
    expect(rounds[1]).to.include.members(["updateContainerInstancesState", "detachInstances", "listTasks"]);
    expect(rounds[3]).to.include("deregisterTargets");
  });

  it("sees an instance through to its end without losing sight of a kept target", async () => {
    const aws = new FakeAws();
    aws.balanced("web");
    aws.join(A);
    const task = aws.run(A, "web", 32768);
    let body: string | undefined = notice(A);
    for (let looks = 0; body !== undefined && looks < 50; looks++) {
      const sent = aws.checks.length;
      expect(await handle(aws, batchOf(body))).to.be.empty;
      if (aws.now < NOW + 55_000) expect(healthOn(aws, A)).to.deep.equal(["healthy"]);
      const next = aws.checks[sent];
      body = next?.body;
      aws.now += (next?.delaySeconds ?? 0) * 1000 + 100;
    }
    expect(task.desiredStatus).to.equal("STOPPED");
    expect(healthOn(aws, A)).to.deep.equal(["draining"]);
    const stopped = aws.decisions("stop");
    expect(stopped).to.have.lengthOf(1);
    expect(stopped[0]).to.include({ atDeadline: true });
  });

  it("keeps a target when two functions handle the two instances of one service at once", async () => {
    const aws = new FakeAws();
    aws.balanced("web");
    for (const id of [A, B]) {
      aws.join(id);
      aws.run(id, "web", 32768);
    }
    let waiting: (() => void)[] = [];
    aws.beforeAnswer = () => new Promise((resolve) => waiting.push(resolve));
    const handled = Promise.all([handle(aws, batchOf(notice(A))), handle(aws, batchOf(notice(B)))]);
    for (let more = true; more;) {
      await new Promise((resolve) => setImmediate(resolve));
      more = waiting.length > 0;
      const now = waiting;
      waiting = [];
      for (const answer of now) answer();
    }
    await handled;
    aws.beforeAnswer = () => Promise.resolve();
    expect(aws.targets.some((target) => target.health === "healthy")).to.equal(true);
    aws.now += 5000;
    await handle(aws, batchOf(check(A)));
    await handle(aws, batchOf(check(B)));
    expect(aws.targets.some((target) => target.health === "healthy")).to.equal(true);
  });

  it("does the same for duplicated and reordered messages as for one", async () => {
    const twice = threeInstances();
    expect(await handle(twice, batchOf(check(A), notice(A), notice(A)))).to.be.empty;
    expect(twice.called("stopTask")).to.be.empty;
    expect(twice.checks).to.have.lengthOf(1);
    expect(twice.metrics).to.include({ Notices: 1 });
    const before = JSON.stringify([[...twice.instances], twice.targets]);
    expect(await handle(twice, batchOf(notice(A)))).to.be.empty;
    expect(JSON.stringify([[...twice.instances], twice.targets])).to.equal(before);
  });

  it("goes by the earliest end that an instance's messages say", async () => {
    const aws = threeInstances();
    await handle(aws, batchOf(check(A, NOW + 62_000), notice(A)));
    expect(aws.instances.get(A)!.tasks[0]!.desiredStatus).to.equal("STOPPED");
  });

  it("handles what it can of a batch that mixes events, and ignores the rest with reasons", async () => {
    const aws = threeInstances();
    const foreign = idOf(99);
    expect(await handle(aws, batchOf("{", null, notice(foreign), sweep(), notice(A), notice(B, NOW - 120_000)))).to.be
      .empty;
    expect(aws.instances.get(A)!.status).to.equal("DRAINING");
    expect(aws.instances.get(B)!.status).to.equal("ACTIVE");
    expect(aws.decisions("ignored")).to.deep.equal([
      { decision: "ignored", messageId: "m0", reason: "not JSON" },
      { decision: "ignored", messageId: "m1", reason: "not a JSON object" },
      { decision: "ignored", messageId: "m5", reason: `too late: ${B} was to end 0 s ago` },
      { decision: "ignored", instanceId: foreign, reason: "it is no instance of this cluster" },
    ]);
  });

  it("changes nothing of another cluster's or another group's instance", async () => {
    const aws = threeInstances();
    aws.otherGroup.add(idOf(99));
    expect(await handle(aws, batchOf(notice(idOf(99))))).to.be.empty;
    const changing = /^(update|detach|deregister|stop|terminate|send)/;
    expect(aws.calls.filter((call) => changing.test(call.command))).to.be.empty;
    expect(aws.metrics).to.equal(undefined);
  });

  for (const batch of [null, {}, { Records: [] }]) {
    it(`has nothing to do for ${JSON.stringify(batch)}`, async () => {
      const aws = threeInstances();
      expect(await handle(aws, batch)).to.be.empty;
      expect(aws.calls).to.be.empty;
    });
  }

  it("detaches an instance that boots, and drains it if it still joins the cluster", async () => {
    const aws = threeInstances();
    const booting = idOf(7);
    aws.group.set(booting, "Pending");
    await handle(aws, batchOf(notice(booting)));
    expect(aws.called("detachInstances")).to.be.empty;
    aws.group.set(booting, "InService");
    await handle(aws, batchOf(check(booting)));
    expect(aws.group.has(booting)).to.equal(false);
    await handle(aws, batchOf(check(booting)));
    expect(aws.checks).to.have.lengthOf(3);
    aws.join(booting);
    await handle(aws, batchOf(check(booting)));
    expect(aws.instances.get(booting)!.status).to.equal("DRAINING");
  });

  it("drains and deregisters while the group's state can't be read, and detaches unseen", async () => {
    const aws = threeInstances();
    aws.fails = (command) => (command === "describeAutoScalingInstances" ? awsError("Throttling") : undefined);
    expect(await handle(aws, batchOf(notice(A), notice(idOf(99))))).to.be.empty;
    expect(aws.now).to.be.at.most(NOW + 2000);
    expect(aws.group.has(A)).to.equal(false);
    expect(healthOn(aws, A)).to.deep.equal(["draining"]);
    expect(aws.decisions("ignored")).to.have.lengthOf(1);
  });

  it("handles the other services where a target group is gone or can't be read, and stops no task of the latter early", async () => {
    const aws = threeInstances();
    aws.services.set("gone", { schedulingStrategy: "REPLICA", targetGroupArns: [targetGroupArn("gone")] });
    aws.balanced("unread");
    const unread = aws.run(A, "unread", 40000);
    aws.fails = (command, input) => {
      if (command !== "describeTargetHealth") return undefined;
      if (input.TargetGroupArn === targetGroupArn("gone")) return awsError("TargetGroupNotFoundException");
      return input.TargetGroupArn === targetGroupArn("unread") ? awsError("Throttling") : undefined;
    };
    expect(await handle(aws, batchOf(notice(A)))).to.be.empty;
    expect(healthOn(aws, A)).to.deep.equal(["draining", "healthy"]);
    expect(unread.desiredStatus).to.equal("RUNNING");
    aws.now = NOW + 56_000;
    await handle(aws, batchOf(check(A)));
    expect(unread.desiredStatus).to.equal("STOPPED");
  });

  it("reads every page and keeps every API's limit", async () => {
    const aws = new FakeAws();
    aws.pageSize = 2;
    for (let n = 0; n < 23; n++) aws.balanced(`web${n}`);
    for (let n = 0; n < 5; n++) aws.join(idOf(n), n === 0 ? "ACTIVE" : "DRAINING");
    for (let n = 0; n < 23; n++) aws.run(idOf(0), `web${n}`, 32768 + n);
    for (let n = 0; n < 130; n++) aws.run(idOf(0), undefined, 40000 + n);
    expect(await handle(aws, batchOf(notice(idOf(0))))).to.be.empty;
    expect(aws.decisions("keep")).to.have.lengthOf(23);
    expect(aws.decisions("stop")).to.have.lengthOf(130);
  });

  it("lets only the messages come back whose instance failed and is not looked at again", async () => {
    const aws = threeInstances();
    aws.fails = (command, input) => {
      const isCheckOfA = command === "sendMessage" && (input.MessageBody as string).includes(A);
      const isTarget = command === "deregisterTargets";
      return isCheckOfA || isTarget ? awsError("AccessDenied") : undefined;
    };
    expect(await handle(aws, batchOf(notice(A), notice(B), notice(A), "{"))).to.deep.equal(["m0", "m2"]);
    expect(aws.decisions("failed").map((record) => record.action)).to.include.members([
      "deregister",
      "checkAgain",
      "lastLook",
    ]);
    expect(aws.metrics).to.include({ TargetsDeregistered: 0, FailedActions: 3 });
  });

  it("lets all messages come back whose cluster can't be read, without holding back drain and detach", async () => {
    const aws = threeInstances();
    aws.fails = (command) => (command === "listTasks" ? awsError("AccessDeniedException") : undefined);
    expect(await handle(aws, batchOf(notice(A), "{", notice(B), sweep()))).to.deep.equal(["m0", "m2"]);
    expect(aws.instances.get(A)!.status).to.equal("DRAINING");
    expect(aws.group.has(A)).to.equal(false);
  });

  it("doesn't let a detach that is throttled hold up deregistration", async () => {
    const aws = threeInstances();
    aws.fails = (command) => (command === "detachInstances" ? awsError("Throttling") : undefined);
    const ports = aws.ports();
    let deregistered = 0;
    const { deregisterTargets } = ports.elbv2;
    ports.elbv2.deregisterTargets = ((input: object) => {
      deregistered = aws.now;
      return (deregisterTargets as (input: object) => unknown)(input);
    }) as typeof deregisterTargets;
    const sleep = ports.sleep.bind(ports);
    const slow = {
      ...ports,
      sleep: async (milliseconds: number) => {
        await new Promise((resolve) => setImmediate(resolve));
        return sleep(milliseconds);
      },
    };
    const answer = await handleDrain(batchOf(notice(A)), SETTINGS, slow, 25_000);
    expect(answer.batchItemFailures).to.be.empty;
    expect(deregistered).to.be.within(NOW, NOW + 1000);
    expect(aws.now).to.be.greaterThan(NOW + 15_000);
    expect(aws.decisions("failed").map((record) => record.action)).to.deep.equal(["detach"]);
  });

  it("succeeds after throttling, and gives up before the invocation ends", async () => {
    const aws = threeInstances();
    let times = 5;
    aws.fails = () => (times-- > 0 ? awsError("ThrottlingException") : undefined);
    expect(await handle(aws, batchOf(notice(A)))).to.be.empty;
    aws.fails = () => awsError("ThrottlingException");
    const began = aws.now;
    expect(await handle(aws, batchOf(notice(A)))).to.deep.equal(["m0"]);
    expect(aws.now - began).to.be.within(20_000, 24_500);
  });

  it("logs every decision with its reason", async () => {
    const aws = threeInstances();
    await handle(aws, batchOf(notice(A)));
    const decisions = aws.logs.filter((record) => "decision" in record);
    expect(decisions.map((record) => record.decision)).to.deep.equal([
      "drain",
      "detach",
      "lastLook",
      "deregister",
      "checkAgain",
    ]);
    for (const record of decisions) {
      expect(record.reason).to.be.a("string").that.is.not.empty;
      expect(record.instanceId).to.equal(A);
      expect(JSON.parse(JSON.stringify(record))).to.deep.equal(record);
    }
  });

  it("measures notices, their lead, and what was drained", async () => {
    const aws = threeInstances();
    aws.run(A, undefined, 50000);
    aws.now += 700;
    await handle(aws, batchOf(notice(A), notice(B, NOW - 58_000)));
    expect(aws.metrics).to.deep.include({
      ClusterName: "shop",
      Notices: 2,
      LeadTime: [119.3, 61.3],
      InstancesDrained: 2,
      InstancesDetached: 2,
      TargetsDeregistered: 1,
      TasksDrained: 1,
      TasksStoppedAtDeadline: 1,
      FailedActions: 0,
    });
  });
});

describe("the sweep", () => {
  const change = /^(update|detach|deregister|stop|terminate|send)/;
  const changes = (aws: FakeAws): string[] =>
    aws.calls.map((call) => call.command).filter((command) => change.test(command));

  it("takes two calls and says nothing where all is well", async () => {
    const aws = threeInstances();
    aws.now += 60_000;
    expect(await handle(aws, batchOf(sweep(aws.now)))).to.be.empty;
    expect(aws.calls.map((call) => call.command)).to.deep.equal([
      "describeAutoScalingGroups",
      "listContainerInstances",
    ]);
    expect(aws.logs).to.be.empty;
  });

  it("drains an instance that its group is ending", async () => {
    const aws = threeInstances();
    aws.group.set(A, "Terminating:Wait");
    await handle(aws, batchOf(sweep()));
    expect(aws.instances.get(A)!.status).to.equal("DRAINING");
    aws.calls.length = 0;
    await handle(aws, batchOf(sweep()));
    expect(changes(aws)).to.be.empty;
  });

  it("leaves a detached instance alone until its last task has stopped, then ends it", async () => {
    const aws = threeInstances();
    await handle(aws, batchOf(notice(A)));
    const task = aws.instances.get(A)!.tasks[0]!;
    const stages: [lastStatus: string, desiredStatus: string][] = [
      ["RUNNING", "RUNNING"],
      ["DEACTIVATING", "STOPPED"],
      ["STOPPING", "STOPPED"],
      ["DEPROVISIONING", "STOPPED"],
    ];
    aws.calls.length = 0;
    for (const [lastStatus, desiredStatus] of stages) {
      Object.assign(task, { lastStatus, desiredStatus });
      await handle(aws, batchOf(sweep()));
      expect(changes(aws), lastStatus).to.be.empty;
    }
    task.lastStatus = "STOPPED";
    await handle(aws, batchOf(sweep()));
    expect(aws.called("terminateInstances")).to.deep.equal([{ InstanceIds: [A] }]);
    aws.instances.get(A)!.agentConnected = false;
    await handle(aws, batchOf(sweep()));
    expect(aws.called("terminateInstances")).to.have.lengthOf(1);
  });

  it("leaves DRAINING instances of this and of other groups alone", async () => {
    const aws = new FakeAws();
    aws.join(A, "DRAINING");
    aws.join(B, "DRAINING");
    aws.group.delete(B);
    aws.otherGroup.add(B);
    await handle(aws, batchOf(sweep()));
    expect(changes(aws)).to.be.empty;
  });

  it("ends and detaches nothing under capacity rebalancing", async () => {
    const aws = threeInstances();
    aws.join(idOf(9), "DRAINING");
    aws.group.delete(idOf(9));
    const settings = { ...SETTINGS, replacement: "capacityRebalancing" } as const;
    await handle(aws, batchOf(sweep(), notice(A)), settings);
    expect(new Set(changes(aws))).to.deep.equal(
      new Set(["updateContainerInstancesState", "deregisterTargets", "sendMessage"]),
    );
  });

  it("comes back where it failed", async () => {
    const aws = threeInstances();
    aws.group.set(A, "Terminating:Wait");
    aws.fails = (command) => (command === "updateContainerInstancesState" ? awsError("AccessDenied") : undefined);
    expect(await handle(aws, batchOf(sweep()))).to.deep.equal(["m0"]);
    aws.fails = () => awsError("AccessDenied");
    expect(await handle(aws, batchOf(sweep()))).to.deep.equal(["m0"]);
  });
});
