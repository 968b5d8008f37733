import { expect } from "chai";
import { awsError, MINUTE, NOW, S } from "../scaleIn/fakeAws";
import { FakeCluster, launched, RAISED, schedule, SETTINGS } from "./fakeAws";

/** The last reason that a decision gave. */
const reasonOf = (aws: FakeCluster, decision: string): unknown => aws.decisions(decision).at(-1)?.reason;

describe("the rebalance function", () => {
  it("fills an instance that has joined: one more first, which serves, and then one less where it is fullest", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    await aws.handle([schedule()]);
    expect(aws.service.desiredCount).to.equal(10);
    expect(aws.groupTags.get(RAISED)).to.equal(`8 10 ${new Date(NOW).toISOString()}`);
    await aws.pass(120);
    expect(aws.counts).to.deep.equal([3, 3, 2]);
    expect(aws.service.desiredCount).to.equal(8);
    expect(aws.called("stopTask")).to.have.lengthOf(2);
  });

  it("never has fewer tasks in service than the service wants", async () => {
    const aws = FakeCluster.of([6, 6, 0]);
    let fewest = Infinity;
    aws.beforeAnswer = () => {
      const serving = aws.alive.filter((task) => aws.healthOf(task) === "healthy").length;
      fewest = Math.min(fewest, serving);
      return Promise.resolve();
    };
    await aws.handle([schedule()]);
    await aws.pass(180);
    expect(aws.counts).to.deep.equal([4, 4, 4]);
    expect(fewest).to.be.at.least(12);
  });

  it("leaves no tag of the group behind once tasks have moved, but a short rest", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    await aws.handle([schedule()]);
    await aws.pass(180);
    expect(aws.groupTags.get(RAISED)).to.match(/^0 0 /);
    await aws.handle([schedule(aws.now)]);
    expect(aws.groupTags.has(RAISED)).to.equal(false);
  });

  it("costs three calls where instances are near enough to each other", async () => {
    const aws = FakeCluster.of([3, 3, 2]);
    await aws.handle([schedule()]);
    expect(aws.calls.map(({ command }) => command)).to.deep.equal([
      "describeTags",
      "listContainerInstances",
      "describeContainerInstances",
    ]);
  });

  it("costs one call between two rounds where nothing moves", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    aws.now += 5 * MINUTE;
    await aws.handle([schedule(aws.now)]);
    expect(aws.calls.map(({ command }) => command)).to.deep.equal(["describeTags"]);
  });

  it("looks a minute after an instance was launched, when it has joined", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    await aws.handle([launched("another"), launched()]);
    expect(aws.messages.map(({ due }) => due - NOW)).to.deep.equal([60 * S]);
    await aws.pass(61);
    expect(aws.service.desiredCount).to.equal(10);
  });

  const STAYS: Readonly<Record<string, Record<string, unknown>>> = {
    "binpack places it on cpu: ECS would put its tasks straight back": {
      placementStrategy: [{ type: "binpack", field: "cpu" }],
    },
    "ECS places it by random": { placementStrategy: [{ type: "random" }] },
    "it has no tag spotproof:moves that says how its tasks are moved": { tags: [] },
    "it is switched off for the service": {
      tags: [{ key: "spotproof:moves", value: "off settle=10 patience=0 health=10 check=5" }],
    },
    "it has a task on every instance": { schedulingStrategy: "DAEMON" },
    "its name is too long for the key of a tag": { serviceName: "a".repeat(109) },
    "its tasks are divided between capacity providers": {
      capacityProviderStrategy: [
        { capacityProvider: "spot", weight: 1 },
        { capacityProvider: "onDemand", base: 2 },
      ],
    },
  };
  for (const [reason, description] of Object.entries(STAYS)) {
    it(`leaves a service alone: ${reason}`, async () => {
      const aws = FakeCluster.of([4, 4, 0]);
      Object.assign(aws.description, description);
      await aws.handle([schedule()]);
      expect(reasonOf(aws, "stays")).to.equal(reason);
      expect(aws.called("updateService")).to.be.empty;
      expect(aws.messages).to.be.empty;
    });
  }

  const BLOCKED: Readonly<Record<string, (aws: FakeCluster) => void>> = {
    "an instance drains": (aws) => (aws.instances[0]!.status = "DRAINING"),
    "a deployment is in progress": (aws) => (aws.service.deployments[0]!.rolloutState = "IN_PROGRESS"),
    "fewer tasks run than desired": (aws) => aws.service.desiredCount++,
    "tasks retire for less load": (aws) => (aws.tasks[0]!.mark = new Date(NOW).toISOString()),
    "the instances are being refreshed": (aws) => (aws.refreshStatus = "InProgress"),
    "an On-Demand Instance is being replaced": (aws) =>
      aws.groupTags.set("spotproof:fallback", `1 ${new Date(NOW).toISOString()} detached=i-0123456789abcdef0`),
  };
  for (const [reason, happen] of Object.entries(BLOCKED)) {
    it(`begins nothing while ${reason}, and looks again soon`, async () => {
      const aws = FakeCluster.of([4, 4, 0]);
      happen(aws);
      await aws.handle([schedule()]);
      expect(reasonOf(aws, "blocked")).to.equal(reason);
      expect(aws.called("updateService")).to.be.empty;
      expect(aws.messages.map(({ due }) => due - NOW)).to.deep.equal([30 * S]);
    });
  }

  it("isn't held up by a DRAINING instance that is empty, nor by On-Demand Instances that only stand in", async () => {
    const aws = FakeCluster.of([4, 4, 0, 0]);
    aws.instances[3]!.status = "DRAINING";
    aws.groupTags.set("spotproof:fallback", `1 ${new Date(NOW).toISOString()}`);
    await aws.handle([schedule()]);
    expect(aws.called("updateService")).to.have.lengthOf(1);
  });

  it("leaves empty what managed scaling keeps as headroom, and launches anew where it is filled", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    await aws.handle([schedule()], { ...SETTINGS, targetCapacityPercent: 90 });
    expect(reasonOf(aws, "blocked")).to.equal("empty instances are headroom");
    expect(aws.called("updateService")).to.be.empty;
    const more = FakeCluster.of([4, 4, 0, 0]);
    await more.handle([schedule()], { ...SETTINGS, targetCapacityPercent: 90 });
    expect(more.service.desiredCount).to.be.above(8);
  });

  it("moves no task that is protected, and none that began to run less than five minutes ago", async () => {
    const busy = FakeCluster.of([4, 4, 0]);
    for (const task of busy.tasks) task.protectedUntil = NOW + 60 * MINUTE;
    const young = FakeCluster.of([4, 4, 0]);
    for (const task of young.tasks) young.startedAt.set(task, NOW - 4 * MINUTE);
    for (const aws of [busy, young]) {
      await aws.handle([schedule()]);
      expect(reasonOf(aws, "blocked")).to.equal("no move helps");
      expect(aws.service.desiredCount).to.equal(8);
    }
  });

  it("raises no further than the maximum of a service that scales, nor than its maximum percent", async () => {
    const raised = async (maximumPercent: number, maxCapacity?: number): Promise<number> => {
      const aws = FakeCluster.of([4, 4, 0]);
      aws.description.deploymentConfiguration = { maximumPercent };
      if (maxCapacity !== undefined) Object.assign(aws, { minCapacity: 1, maxCapacity });
      await aws.handle([schedule()]);
      return aws.service.desiredCount;
    };
    expect([await raised(112), await raised(113), await raised(200)]).to.deep.equal([8, 9, 10]);
    expect([await raised(200, 8), await raised(200, 9), await raised(200, 40)]).to.deep.equal([8, 9, 10]);
    expect(await raised(113, 40)).to.equal(9);
    // One that somebody has set above its maximum is raised no further.
    expect(await raised(200, 7)).to.equal(8);
  });

  it("asks ECS which instances meet the expressions of memberOf, each once, and moves tasks to none that doesn't", async () => {
    const [ours, theirs] = ["attribute:ecs.instance-type =~ m5.*", "attribute:disk == fast"];
    const of = async (meets: readonly number[]): Promise<FakeCluster> => {
      const aws = FakeCluster.of([4, 4, 0]);
      aws.description.placementConstraints = [{ type: "memberOf", expression: ours }];
      const expressions = [ours, theirs].map((expression) => ({ type: "memberOf", expression }));
      aws.definition = { placementConstraints: expressions };
      aws.members.set(ours, aws.instances);
      aws.members.set(
        theirs,
        meets.map((n) => aws.instances[n]!),
      );
      await aws.handle([schedule()]);
      return aws;
    };
    const barred = await of([0, 1]);
    expect(reasonOf(barred, "blocked")).to.equal("no move helps");
    expect(barred.service.desiredCount).to.equal(8);
    const free = await of([0, 1, 2]);
    expect(free.service.desiredCount).to.equal(10);
    const filters = free.called("listContainerInstances").flatMap(({ filter }) => filter ?? []);
    expect(filters).to.have.members([ours, theirs]);
  });

  it("lets a number stand that somebody else sets meanwhile, and lets go of what is marked", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    await aws.handle([schedule()]);
    await aws.pass(15);
    expect(aws.marked).to.have.lengthOf(2);
    aws.service.desiredCount = 14;
    await aws.pass(120);
    expect(aws.service.desiredCount).to.equal(14);
    expect(aws.marked).to.be.empty;
    expect(aws.groupTags.get(RAISED)).to.match(/^0 0 /);
  });

  it("lets go of what is marked when a deployment begins, keeps what is raised until it has ended, and then goes on", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    await aws.handle([schedule()]);
    await aws.pass(15);
    aws.service.deployments[0]!.rolloutState = "IN_PROGRESS";
    await aws.pass(60);
    expect(aws.marked).to.be.empty;
    expect(aws.service.desiredCount).to.equal(10);
    aws.service.deployments[0]!.rolloutState = "COMPLETED";
    await aws.pass(120);
    expect(aws.service.desiredCount).to.equal(8);
    expect(aws.counts).to.deep.equal([3, 3, 2]);
  });

  it("gives back what finds no place, without ending a task that runs", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    await aws.handle([schedule()]);
    const unplaced = [0, 1].map(() => aws.run(aws.instances[2]!, "PROVISIONING"));
    await aws.pass(180);
    expect(aws.service.desiredCount).to.equal(8);
    expect(aws.tasks.filter(({ desiredStatus }) => desiredStatus === "STOPPED")).to.deep.equal(unplaced);
    expect(aws.decisions("stop")[0]).to.include({ reason: "rebalance function: there is no room for one more" });
  });

  it("leaves a service alone for a day whose new tasks have gone again", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    await aws.handle([schedule()]);
    for (const n of [0, 1]) aws.startedAt.set(aws.run(aws.instances[n]!), aws.now);
    await aws.pass(120);
    expect(aws.counts).to.deep.equal([4, 4, 0]);
    const [, , until] = aws.groupTags.get(RAISED)!.split(" ");
    expect(Date.parse(until!) - aws.now).to.be.within((24 * 60 - 3) * MINUTE, 24 * 60 * MINUTE);
    await aws.handle([schedule(NOW + 15 * MINUTE)]);
    expect(reasonOf(aws, "stays")).to.equal("its tasks have moved a moment ago, or in vain");
  });

  it("goes on from wherever it was broken off", async () => {
    for (let calls = 1; calls < 60; calls++) {
      const aws = FakeCluster.of([4, 4, 0]);
      let left = calls;
      aws.beforeAnswer = () => {
        if (left-- === 0) throw awsError("Crash");
        return Promise.resolve();
      };
      await aws.handle([schedule()]);
      for (let minutes = 5; minutes <= 20; minutes += 5) {
        await aws.pass(300);
        await aws.handle([schedule(aws.now)]);
      }
      await aws.pass(290);
      expect([aws.service.desiredCount, aws.marked.length, ...aws.counts], `after ${calls} calls`).to.deep.equal([
        8, 0, 3, 3, 2,
      ]);
    }
  });

  it("gives its messages back where nothing can be read", async () => {
    const aws = FakeCluster.of([4, 4, 0]);
    aws.beforeAnswer = () => Promise.reject(awsError("AccessDeniedException"));
    expect((await aws.handle([schedule()])).batchItemFailures).to.deep.equal([{ itemIdentifier: "0" }]);
    expect(reasonOf(aws, "failed")).to.equal("the messages come back");
  });
});
