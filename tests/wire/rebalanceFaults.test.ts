import { expect } from "chai";
import { batchOf } from "../functions/scaleIn/fakeAws";
import { deliver } from "./harness/eventSource";
import type { FaultOfCall } from "./harness/front";
import {
  countsOf,
  groupTag,
  metricsIn,
  rebalanceStage,
  retire,
  roundsEvent,
  sent,
  start,
  surged,
  sweep,
  tagRaised,
  type RebalanceStage,
} from "./rebalanceStage";
import { changesIn, check, desiredCount, marked, stopped } from "./servedTasks";
import { atFirst, decisionsIn, failedIn, onTheWire, SOME_PASSING } from "./stage";

const TAG = "autoscaling:CreateOrUpdateTags";
const UPDATE = "ecs:UpdateService";
/** What an invocation has left when its patience is tried. */
const SHORT_MS = 3000;

/** All that was raised has gone again, from where instances were fullest, and no other task is out of the balancer. */
async function expectEvened(stage: RebalanceStage): Promise<void> {
  expect(await countsOf(stage)).to.deep.equal([3, 3, 2]);
  expect(await desiredCount()).to.equal(8);
  expect(await stage.scene.targetsOf(stage.targetGroupArn)).to.have.lengthOf(8);
}

/** Goes on, on a good wire, from new tasks that serve to the end. */
async function goOn(stage: RebalanceStage): Promise<void> {
  const { lambda, front } = stage;
  front.forgetFaults();
  await lambda.invoke(batchOf(sweep()));
  await retire(stage, ...(await marked(stage)));
  await lambda.invoke(batchOf(check()));
}

describe("the rebalance function, over a bad wire,", () => {
  onTheWire();

  for (const [what, [fault, times]] of SOME_PASSING) {
    it(`raises and takes tasks out where the first calls of every action ${what}, and does no harm at their end`, async () => {
      const stage = await rebalanceStage();
      const { front, lambda } = stage;
      front.meet(atFirst(fault, times));
      const begun = await lambda.invoke(batchOf(roundsEvent()));
      expect(failedIn(begun)).to.be.empty;
      expect(decisionsIn(begun, "failed")).to.be.empty;
      expect(await desiredCount()).to.equal(10);
      await start(stage, 2, 2);
      front.forgetFaults();
      front.meet(atFirst(fault, times));
      const chosen = await lambda.invoke(batchOf(sent(stage)));
      expect(decisionsIn(chosen, "failed")).to.be.empty;
      expect(await marked(stage)).to.have.lengthOf(2);
      await retire(stage, ...(await marked(stage)));
      front.forgetFaults();
      front.meet(atFirst(fault, times));
      await lambda.invoke(batchOf(check()));
      const gone = await stopped(stage);
      expect(await desiredCount()).to.be.within(10 - gone.length, 10);
    });
  }

  const lasting: Readonly<Record<string, FaultOfCall>> = {
    throttled: "throttling",
    "never answered": { kind: "silent" },
  };
  for (const [what, fault] of Object.entries(lasting)) {
    it(`fails in time where every call is ${what}, says so, and goes on when the message comes back`, async () => {
      const stage = await rebalanceStage();
      const { front, clients, lambda, scene } = stage;
      await surged(stage, 2, 2);
      await clients.sqs.sendMessage({ QueueUrl: scene.queueUrl, MessageBody: sweep() });
      front.meet(fault);
      const { invocation } = await deliver(clients, scene.queueUrl, lambda, SHORT_MS);
      expect(failedIn(invocation)).to.have.lengthOf(1);
      expect(invocation.leftMs).to.be.at.least(0);
      expect(decisionsIn(invocation, "failed")).to.have.nested.property("[0].reason", "the messages come back");
      expect(changesIn(stage)).to.be.empty;
      front.forgetFaults();
      expect(failedIn((await deliver(clients, scene.queueUrl, lambda)).invocation)).to.be.empty;
      expect(await marked(stage)).to.have.lengthOf(2);
    });
  }

  it("raises nothing that it couldn't tag before, and tries again in the next round", async () => {
    const stage = await rebalanceStage();
    const { front, lambda } = stage;
    front.meet("throttling", { action: TAG });
    const invocation = await lambda.invoke(batchOf(roundsEvent()), SHORT_MS);
    expect(decisionsIn(invocation, "failed")).to.have.nested.property("[0]").that.includes({ action: "raise" });
    expect(metricsIn(invocation)).to.include({ MovesBegun: 0, FailedMoves: 1 });
    expect(await desiredCount()).to.equal(8);
    expect(await groupTag(stage)).to.equal(undefined);
    front.forgetFaults();
    await lambda.invoke(batchOf(roundsEvent()));
    expect(await desiredCount()).to.equal(10);
  });

  it("rests from what it couldn't raise, once a raise would long have been seen", async () => {
    const stage = await rebalanceStage();
    const { front, lambda } = stage;
    front.meet("throttling", { action: UPDATE });
    const invocation = await lambda.invoke(batchOf(roundsEvent()), SHORT_MS);
    expect(decisionsIn(invocation, "failed")).to.have.nested.property("[0]").that.includes({ action: "raise" });
    expect(await groupTag(stage)).to.match(/^8 10 /);
    front.forgetFaults();
    const early = await lambda.invoke(batchOf(sweep()));
    expect(decisionsIn(early, "wait")).to.have.nested.property("[0].reason", "it was raised a moment ago");
    await tagRaised(stage, 8, 10, 90);
    await lambda.invoke(batchOf(sweep()));
    expect(await groupTag(stage)).to.match(/^0 0 /);
    expect(await stopped(stage)).to.be.empty;
  });

  it("goes on from a raise whose answer was lost, and whose look is never sent", async () => {
    const stage = await rebalanceStage();
    const { front, lambda } = stage;
    front.meet({ kind: "lost" }, { action: UPDATE });
    front.meet("throttling", { action: "sqs:SendMessage" });
    const invocation = await lambda.invoke(batchOf(roundsEvent()), SHORT_MS);
    expect(failedIn(invocation)).to.deep.equal(["m0"]);
    expect(await desiredCount()).to.equal(10);
    await start(stage, 2, 2);
    await goOn(stage);
    await expectEvened(stage);
  });

  it("marks anew, at the next look, what it couldn't take out in time", async () => {
    const stage = await rebalanceStage();
    const { front, lambda, scene, targetGroupArn } = stage;
    await surged(stage, 2, 2);
    front.meet("throttling", { action: "elasticloadbalancing:DeregisterTargets" });
    const invocation = await lambda.invoke(batchOf(sweep()));
    expect(decisionsIn(invocation, "failed").map(({ action }) => action)).to.deep.equal(["mark", "mark"]);
    expect(await scene.targetsOf(targetGroupArn)).to.have.lengthOf(10);
    front.forgetFaults();
    front.forgetCalls();
    await lambda.invoke(batchOf(check()));
    expect(front.calls("ecs:TagResource")).to.have.lengthOf(2);
    expect(await scene.targetsOf(targetGroupArn)).to.have.lengthOf(8);
    await goOn(stage);
    await expectEvened(stage);
  });

  it("leaves the count raised where no task can be stopped, and tries again", async () => {
    const stage = await rebalanceStage();
    const { front, lambda, tasks } = stage;
    await surged(stage, 2, 2);
    await retire(stage, tasks[0]!, tasks[4]!);
    front.meet("throttling", { action: "ecs:StopTask" });
    const invocation = await lambda.invoke(batchOf(check()));
    expect(decisionsIn(invocation, "failed").map(({ action }) => action)).to.deep.equal(["stop", "stop"]);
    expect(front.calls(UPDATE)).to.be.empty;
    expect(await desiredCount()).to.equal(10);
    await goOn(stage);
    await expectEvened(stage);
  });

  it("leaves it to replacements where the count can't be lowered in time, and retires as many again", async () => {
    const stage = await rebalanceStage();
    const { front, lambda, tasks } = stage;
    await surged(stage, 2, 2);
    await retire(stage, tasks[0]!, tasks[4]!);
    front.meet("throttling", { action: UPDATE });
    await lambda.invoke(batchOf(check()));
    expect(await stopped(stage)).to.have.lengthOf(2);
    expect(await desiredCount()).to.equal(10);
    await start(stage, 0, 1);
    await goOn(stage);
    await expectEvened(stage);
  });
});
