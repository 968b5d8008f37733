import { expect } from "chai";
import { batchOf } from "../functions/scaleIn/fakeAws";
import { deliver } from "./harness/eventSource";
import {
  countsOf,
  groupTag,
  launched,
  metricsIn,
  rebalanceStage,
  retire,
  roundsEvent,
  sent,
  start,
  tagRaised,
  tagResting,
  type RebalanceStage,
} from "./rebalanceStage";
import {
  changesIn,
  check,
  CLUSTER,
  desiredCount,
  marked,
  protect,
  retireBy,
  SERVICE,
  setDesiredCount,
  stopped,
} from "./servedTasks";
import { decisionsIn, failedIn, onTheWire } from "./stage";

describe("an uneven cluster, over HTTP,", () => {
  onTheWire();

  it("is evened out: as many more first, which serve, and then as many less where instances are fullest", async () => {
    const stage = await rebalanceStage();
    const { clients, scene, front, lambda, targetGroupArn } = stage;
    await clients.sqs.sendMessage({ QueueUrl: scene.queueUrl, MessageBody: roundsEvent() });
    const { invocation: begun } = await deliver(clients, scene.queueUrl, lambda);
    expect(failedIn(begun)).to.be.empty;
    expect(decisionsIn(begun, "stays")).to.have.nested.property("[0].service", "mail");
    expect(changesIn(stage)).to.deep.equal(["autoscaling:CreateOrUpdateTags", "ecs:UpdateService"]);
    expect(await groupTag(stage)).to.match(/^8 10 /);
    expect(await desiredCount()).to.equal(10);
    expect(failedIn(await lambda.invoke(batchOf(sent(stage))))).to.be.empty;
    expect(await marked(stage)).to.be.empty;
    await start(stage, 2, 2);
    expect(failedIn(await lambda.invoke(batchOf(sent(stage))))).to.be.empty;
    const chosen = await marked(stage);
    expect(chosen.map(({ instanceId }) => instanceId)).to.have.members(scene.instanceIds.slice(0, 2));
    expect(await scene.targetsOf(targetGroupArn)).to.have.lengthOf(8);
    expect(JSON.parse(sent(stage))).to.include({ kind: "check", service: SERVICE });
    await retire(stage, ...chosen);
    front.forgetCalls();
    const ended = await lambda.invoke(batchOf(check()));
    expect(failedIn(ended)).to.be.empty;
    expect(changesIn(stage)).to.deep.equal(["ecs:StopTask", "ecs:StopTask", "ecs:UpdateService"]);
    expect(await stopped(stage)).to.have.members(chosen);
    expect(await countsOf(stage)).to.deep.equal([3, 3, 2]);
    expect(await desiredCount()).to.equal(8);
    expect(metricsIn(ended)).to.include({ TasksMoved: 2, FailedMoves: 0 });
  });

  it("is left as it is, with three calls, where instances are near enough to each other", async () => {
    const stage = await rebalanceStage({ counts: [4, 4, 3] });
    expect(failedIn(await stage.lambda.invoke(batchOf(roundsEvent())))).to.be.empty;
    expect(stage.front.calls().map(({ action }) => action)).to.deep.equal([
      "autoscaling:DescribeTags",
      "ecs:ListContainerInstances",
      "ecs:DescribeContainerInstances",
    ]);
  });

  it("is looked at once an instance that was launched has had time to join", async () => {
    const stage = await rebalanceStage();
    expect(failedIn(await stage.lambda.invoke(batchOf(launched())))).to.be.empty;
    const [message] = stage.front.calls("sqs:SendMessage");
    expect(message?.input.DelaySeconds).to.equal(60);
    await stage.lambda.invoke(batchOf(sent(stage)));
    expect(await desiredCount()).to.equal(10);
  });

  it("is raised no further than its service's maximum", async () => {
    const stage = await rebalanceStage({ maxCount: 9 });
    await stage.lambda.invoke(batchOf(roundsEvent()));
    expect(await desiredCount()).to.equal(9);
    expect(await groupTag(stage)).to.match(/^8 9 /);
  });

  it("is read to the last page, and acted on within every API's limits", async () => {
    const stage = await rebalanceStage();
    const { scene, front, lambda } = stage;
    for (let n = 0; n < 10; n++) await scene.createService(`mail${n}`, { balanced: false });
    await scene.placeMany("mail", scene.instanceIds[0]!, 8);
    await scene.placeMany("mail0", scene.instanceIds[1]!, 8);
    for (let n = 0; n < 7; n++) await joinWith(stage, 13);
    expect(failedIn(await lambda.invoke(batchOf(roundsEvent())))).to.be.empty;
    const sizes = (action: string, member: string): number[] =>
      front.calls(action).map(({ input }) => (input[member] as string[]).length);
    expect(sizes("ecs:DescribeTasks", "tasks")).to.have.members([100, 16]);
    expect(sizes("ecs:DescribeServices", "services").slice(0, 2)).to.have.members([10, 2]);
    expect(await desiredCount()).to.be.above(8);
  });
});

/** One more instance, with so many tasks of another service. */
async function joinWith({ scene, clients }: RebalanceStage, tasks: number): Promise<void> {
  const { Subnets = [] } = await clients.ec2.describeSubnets({});
  const request = { ImageId: "ami-12345678", InstanceType: "m5.large", MinCount: 1, MaxCount: 1 } as const;
  const { Instances = [] } = await clients.ec2.runInstances({ ...request, SubnetId: Subnets[0]?.SubnetId });
  const id = Instances[0]?.InstanceId ?? "";
  await scene.join(id);
  await scene.placeMany("mail", id, tasks);
}

describe("an uneven cluster, over HTTP, is left alone for now", () => {
  onTheWire();

  const gates: Readonly<
    Record<string, readonly [happen: (stage: RebalanceStage) => Promise<unknown>, reason: string]>
  > = {
    "during a deployment": [
      ({ clients }) => clients.ecs.updateService({ cluster: CLUSTER, service: "mail", forceNewDeployment: true }),
      "a deployment is in progress",
    ],
    "while an instance drains": [({ scene }) => scene.drain(scene.instanceIds[0]!), "an instance drains"],
    "where tasks are missing": [() => setDesiredCount(9), "fewer tasks run than desired"],
    "while tasks retire for less load": [
      (stage) => retireBy("scaleIn", stage, stage.tasks.slice(0, 1)),
      "tasks retire for less load",
    ],
    "during a refresh": [
      ({ clients }) => clients.autoScaling.startInstanceRefresh({ AutoScalingGroupName: "shop-group" }),
      "the instances are being refreshed",
    ],
  };
  for (const [when, [happen, reason]] of Object.entries(gates)) {
    it(`${when}, and looked at again soon`, async () => {
      const stage = await rebalanceStage();
      await happen(stage);
      const invocation = await stage.lambda.invoke(batchOf(roundsEvent()));
      expect(failedIn(invocation)).to.be.empty;
      expect(decisionsIn(invocation, "blocked")).to.have.nested.property("[0].reason", reason);
      expect(changesIn(stage)).to.be.empty;
      expect(JSON.parse(sent(stage))).to.include({ kind: "look", begins: true });
    });
  }

  it("where every task works", async () => {
    const stage = await rebalanceStage();
    await protect(...stage.tasks);
    const invocation = await stage.lambda.invoke(batchOf(roundsEvent()));
    expect(decisionsIn(invocation, "blocked")).to.have.nested.property("[0].reason", "no move helps");
    expect(changesIn(stage)).to.be.empty;
  });

  it("where its service is switched off", async () => {
    const stage = await rebalanceStage({ rebalance: false });
    const invocation = await stage.lambda.invoke(batchOf(roundsEvent()));
    const reasons = decisionsIn(invocation, "stays").map(({ service, reason }) => [service, reason]);
    expect(reasons).to.deep.include([SERVICE, "it is switched off for the service"]);
    expect(changesIn(stage)).to.be.empty;
  });

  it("where its service has moved tasks a moment ago, as the group's tag tells", async () => {
    const stage = await rebalanceStage();
    await tagResting(stage, 30);
    await stage.lambda.invoke(batchOf(roundsEvent()));
    expect(changesIn(stage)).to.be.empty;
  });
});

describe("somebody who is faster than a round that begins, over HTTP,", () => {
  onTheWire();

  it("and sets the desired count while it is planned, keeps it, and nothing is tagged or called a failure", async () => {
    const stage = await rebalanceStage();
    const { front, lambda } = stage;
    front.meanwhile("ecs:GetTaskProtection", () => setDesiredCount(10));
    const invocation = await lambda.invoke(batchOf(roundsEvent()));
    expect(failedIn(invocation)).to.be.empty;
    expect(decisionsIn(invocation, "wait")).to.have.nested.property("[0].reason", "the desired count has changed");
    expect(metricsIn(invocation)).to.include({ MovesBegun: 0, FailedMoves: 0 });
    expect(changesIn(stage)).to.be.empty;
    expect(await desiredCount()).to.equal(10);
  });

  it("and is another look that tags the service at the same moment, goes on alone", async () => {
    const stage = await rebalanceStage();
    const { front, lambda } = stage;
    // The look reads tags when it begins, just before it writes its own, and again after that.
    front.meanwhile("autoscaling:DescribeTags", () => tagRaised(stage, 8, 9, 0), { calls: 3 });
    const invocation = await lambda.invoke(batchOf(roundsEvent()));
    expect(failedIn(invocation)).to.be.empty;
    expect(decisionsIn(invocation, "wait")).to.have.nested.property("[0].reason", "another look has tagged it");
    expect(metricsIn(invocation)).to.include({ MovesBegun: 0, FailedMoves: 0 });
    expect(await groupTag(stage)).to.match(/^8 9 /);
    expect(await desiredCount()).to.equal(8);
  });
});
