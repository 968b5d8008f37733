import { expect } from "chai";
import { batchOf, notice } from "../functions/drain/fakeAws";
import { drainStage } from "./drainStage";
import { deliver } from "./harness/eventSource";
import type { FaultOfCall } from "./harness/front";
import { atFirst, decisionsIn, failedIn, onTheWire, PASSING, type Stage } from "./stage";

const PORT = 32768;

interface Served extends Stage {
  readonly going: string;
  readonly targetGroupArn: string;
}

/** A service on every instance. */
async function served(): Promise<Served> {
  const stage = await drainStage();
  const { scene } = stage;
  const targetGroupArn = await scene.createService("web");
  for (const id of scene.instanceIds) await scene.place("web", id, PORT, targetGroupArn);
  return { ...stage, going: scene.instanceIds[0]!, targetGroupArn };
}

async function expectAllDone({ scene, going, targetGroupArn }: Served): Promise<void> {
  expect(await scene.statusOf(going)).to.equal("DRAINING");
  expect(await scene.members())
    .to.have.lengthOf(3)
    .and.not.include(going);
  expect(await scene.targetsOf(targetGroupArn))
    .to.have.lengthOf(2)
    .and.not.include(`${going}:${PORT}`);
}

describe("the drain function, over a bad wire", () => {
  onTheWire();

  for (const [what, [fault, times]] of Object.entries(PASSING)) {
    it(`gets through where the first calls of every action ${what}`, async () => {
      const stage = await served();
      stage.front.meet(atFirst(fault, times));
      const invocation = await stage.lambda.invoke(batchOf(notice(stage.going, Date.now())));
      expect(failedIn(invocation)).to.be.empty;
      expect(decisionsIn(invocation, "failed")).to.be.empty;
      await expectAllDone(stage);
      expect(stage.front.calls("ecs:UpdateContainerInstancesState")).to.have.lengthOf(times + 1);
    });
  }

  it("gives up a call that isn't answered, and gets through with the next", async () => {
    const stage = await served();
    stage.front.meet({ kind: "silent" }, { times: 1, action: "ecs:ListTasks" });
    stage.front.meet({ kind: "silent" }, { times: 1, action: "autoscaling:DetachInstances" });
    const invocation = await stage.lambda.invoke(batchOf(notice(stage.going, Date.now())));
    expect(failedIn(invocation)).to.be.empty;
    await expectAllDone(stage);
  });

  it("waits for a slow answer", async () => {
    const stage = await served();
    stage.front.meet({ kind: "late", milliseconds: 1000 }, { times: 1, action: "ecs:DescribeTasks" });
    expect(failedIn(await stage.lambda.invoke(batchOf(notice(stage.going, Date.now()))))).to.be.empty;
    await expectAllDone(stage);
    expect(stage.front.calls("ecs:DescribeTasks")).to.have.lengthOf(1);
  });

  it("drains and deregisters while the group's API is out", async () => {
    const stage = await served();
    const { scene, front, lambda, going, targetGroupArn } = stage;
    for (const action of ["autoscaling:DescribeAutoScalingInstances", "autoscaling:DetachInstances"]) {
      front.meet("throttling", { action });
    }
    const invocation = await lambda.invoke(batchOf(notice(going, Date.now())), 4000);
    expect(failedIn(invocation)).to.be.empty;
    expect(invocation.leftMs).to.be.at.least(0);
    expect(decisionsIn(invocation, "failed").map((record) => record.action)).to.deep.equal(["detach"]);
    expect(await scene.statusOf(going)).to.equal("DRAINING");
    expect(await scene.targetsOf(targetGroupArn)).to.have.lengthOf(2);
    expect(await scene.members())
      .to.have.lengthOf(3)
      .and.include(going);
  });

  const lasting: Readonly<Record<string, FaultOfCall>> = {
    throttled: "throttling",
    "cut off": { kind: "reset" },
  };
  for (const [what, fault] of Object.entries(lasting)) {
    it(`fails in time, and the message comes back, where every call is ${what}`, async () => {
      const stage = await served();
      const { scene, front, clients, lambda, going } = stage;
      await clients.sqs.sendMessage({ QueueUrl: scene.queueUrl, MessageBody: notice(going, Date.now()) });
      front.meet(fault);
      const { invocation } = await deliver(clients, scene.queueUrl, lambda, 3000);
      expect(failedIn(invocation)).to.have.lengthOf(1);
      expect(invocation.leftMs).to.be.at.least(0);
      front.forgetFaults();
      expect(failedIn((await deliver(clients, scene.queueUrl, lambda)).invocation)).to.be.empty;
      await expectAllDone(stage);
    });
  }

  it("fails in time where no call is ever answered", async () => {
    const { front, lambda, going } = await served();
    front.meet({ kind: "silent" });
    const invocation = await lambda.invoke(batchOf(notice(going, Date.now())), 3000);
    expect(failedIn(invocation)).to.deep.equal(["m0"]);
    expect(invocation.leftMs).to.be.at.least(0);
  });
});
