import { expect } from "chai";
import { REPLACEMENTS } from "../../components/cluster/replacement";
import { actionsCalled } from "../callback/emittedText";
import { batchOf, check, HINTING, notice, sweep } from "../functions/drain/fakeAws";
import { drainStage } from "./drainStage";
import { deliver } from "./harness/eventSource";
import type { PlacedTask } from "./harness/scene";
import { decisionsIn, failedIn, onTheWire, without, type Stage } from "./stage";

const PORT = 32768;
const CHANGES = /:(Update|Detach|Deregister|Stop|Terminate|Send)/;

const changesIn = ({ front }: Stage): string[] =>
  front
    .calls()
    .map((call) => call.action)
    .filter((action) => CHANGES.test(action));

/** A task of the service `web` on every instance, with its target. */
async function serve({ scene }: Stage): Promise<{ targetGroupArn: string; tasks: PlacedTask[] }> {
  const targetGroupArn = await scene.createService("web");
  const tasks: PlacedTask[] = [];
  for (const id of scene.instanceIds) tasks.push(await scene.place("web", id, PORT, targetGroupArn));
  return { targetGroupArn, tasks };
}

describe("a notice, over HTTP", () => {
  onTheWire();

  it("reaches the function's own text in the Node.js that Lambda runs", async () => {
    const { deployed, lambda } = await drainStage();
    expect(Object.keys(deployed.files)).to.deep.equal(["__index.js"]);
    expect(`nodejs${lambda.nodeVersion.slice(1).split(".")[0]}.x`).to.equal(deployed.runtime);
  });

  it("drains the instance, deregisters its target by port and lets the group launch a replacement", async () => {
    const stage = await drainStage();
    const { scene, front, lambda } = stage;
    const { targetGroupArn } = await serve(stage);
    const [going = "", ...others] = scene.instanceIds;
    expect(failedIn(await lambda.invoke(batchOf(notice(going, Date.now()))))).to.be.empty;
    expect(await scene.statusOf(going)).to.equal("DRAINING");
    expect(await scene.targetsOf(targetGroupArn)).to.have.members(others.map((id) => `${id}:${PORT}`));
    const [deregistered] = front.calls("elasticloadbalancing:DeregisterTargets");
    expect(deregistered?.input).to.deep.equal({
      TargetGroupArn: targetGroupArn,
      Targets: [{ Id: going, Port: PORT }],
    });
    const members = await scene.members();
    expect(members).to.have.lengthOf(3).and.include.members(others).and.not.include(going);
  });

  it("leaves the group to its capacity rebalancing where that replaces", async () => {
    const stage = await drainStage({ cluster: { replacement: "capacityRebalancing" } });
    const { scene, lambda } = stage;
    await serve(stage);
    const [going = ""] = scene.instanceIds;
    expect(failedIn(await lambda.invoke(batchOf(notice(going, Date.now()))))).to.be.empty;
    expect(await scene.statusOf(going)).to.equal("DRAINING");
    expect(await scene.members()).to.have.members(scene.instanceIds);
  });

  it("deregisters each of an instance's targets by its own port", async () => {
    const stage = await drainStage();
    const { scene, front, lambda } = stage;
    const { targetGroupArn } = await serve(stage);
    const [going = "", other = ""] = scene.instanceIds;
    for (const id of [going, other]) await scene.place("web", id, PORT + 1, targetGroupArn);
    expect(failedIn(await lambda.invoke(batchOf(notice(going, Date.now()))))).to.be.empty;
    expect(front.calls("elasticloadbalancing:DeregisterTargets").map((call) => call.input)).to.deep.equal([
      { TargetGroupArn: targetGroupArn, Targets: [PORT, PORT + 1].map((Port) => ({ Id: going, Port })) },
    ]);
  });

  it("stops a task at the next look, which the function sends itself, once its target is gone", async () => {
    const stage = await drainStage();
    const { scene, clients, lambda } = stage;
    const { tasks } = await serve(stage);
    const [going = ""] = scene.instanceIds;
    await clients.sqs.sendMessage({ QueueUrl: scene.queueUrl, MessageBody: notice(going, Date.now()) });
    expect(failedIn((await deliver(clients, scene.queueUrl, lambda)).invocation)).to.be.empty;
    expect(await scene.taskStatus(tasks[0]!)).to.equal("RUNNING");
    const { bodies, invocation } = await deliver(clients, scene.queueUrl, lambda);
    expect(bodies.map((body) => JSON.parse(body) as object)).to.have.nested.property("[0].kind", "check");
    expect(failedIn(invocation)).to.be.empty;
    expect(await scene.taskStatus(tasks[0]!)).to.equal("STOPPED");
    expect(await scene.taskStatus(tasks[1]!)).to.equal("RUNNING");
  });

  it("stops whatever still runs when the stop timeout just fits before the end", async () => {
    // Between two looks, so that the target can't be given time to leave first.
    const stage = await drainStage({ cluster: { stopTimeoutSeconds: 60, checkIntervalSeconds: 30 } });
    const { scene, front, lambda } = stage;
    const { tasks, targetGroupArn } = await serve(stage);
    const [going = ""] = scene.instanceIds;
    const invocation = await lambda.invoke(batchOf(notice(going, Date.now() - 60_000)));
    expect(failedIn(invocation)).to.be.empty;
    expect(decisionsIn(invocation, "stop")).to.have.lengthOf(1).and.to.have.nested.property("[0].atDeadline", true);
    expect(await scene.taskStatus(tasks[0]!)).to.equal("STOPPED");
    expect(await scene.targetsOf(targetGroupArn)).to.have.lengthOf(2);
    const [stopped] = front.calls("ecs:StopTask");
    expect(stopped?.input.reason).to.match(new RegExp(`^Spot interruption of ${going}: `));
  });

  it("stops a worker's task at once", async () => {
    const { scene, lambda } = await drainStage();
    await scene.createService("mail", { balanced: false });
    const task = await scene.place("mail", scene.instanceIds[0]!, PORT);
    expect(failedIn(await lambda.invoke(batchOf(notice(scene.instanceIds[0]!, Date.now()))))).to.be.empty;
    expect(await scene.taskStatus(task)).to.equal("STOPPED");
  });

  it("keeps the only target of a service", async () => {
    const { scene, lambda } = await drainStage();
    const targetGroupArn = await scene.createService("web");
    const [going = ""] = scene.instanceIds;
    await scene.place("web", going, PORT, targetGroupArn);
    const invocation = await lambda.invoke(batchOf(notice(going, Date.now())));
    expect(failedIn(invocation)).to.be.empty;
    expect(decisionsIn(invocation, "keep")).to.have.lengthOf(1);
    expect(await scene.targetsOf(targetGroupArn)).to.deep.equal([`${going}:${PORT}`]);
    expect(await scene.statusOf(going)).to.equal("DRAINING");
  });

  it("drains, detaches and deregisters nothing more when it comes again", async () => {
    const stage = await drainStage();
    const { scene, front, lambda } = stage;
    const { targetGroupArn } = await serve(stage);
    const [going = ""] = scene.instanceIds;
    const noticedAt = Date.now();
    await lambda.invoke(batchOf(notice(going, noticedAt), notice(going, noticedAt)));
    const before = [await scene.members(), await scene.targetsOf(targetGroupArn)];
    front.forgetCalls();
    expect(failedIn(await lambda.invoke(batchOf(notice(going, noticedAt))))).to.be.empty;
    expect([await scene.members(), await scene.targetsOf(targetGroupArn)]).to.deep.equal(before);
    expect(["ecs:StopTask", "sqs:SendMessage"]).to.include.members(changesIn(stage));
  });

  it("changes nothing where the instance is none of the cluster's", async () => {
    const stage = await drainStage();
    const { clients, lambda } = stage;
    await serve(stage);
    const { Instances } = await clients.ec2.runInstances({ ImageId: "ami-12345678", MinCount: 1, MaxCount: 1 });
    const strangers = [Instances?.[0]?.InstanceId ?? "", "i-0123456789abcdef0"];
    const invocation = await lambda.invoke(batchOf(...strangers.map((id) => notice(id, Date.now()))));
    expect(failedIn(invocation)).to.be.empty;
    expect(decisionsIn(invocation, "ignored").map((record) => record.instanceId)).to.deep.equal(strangers);
    expect(changesIn(stage)).to.be.empty;
  });

  it("is handled beside messages that mean nothing", async () => {
    const stage = await drainStage();
    const { scene, lambda } = stage;
    const [going = ""] = scene.instanceIds;
    const invocation = await lambda.invoke(batchOf("{", null, notice(going, Date.now()), '{"detail-type":"Other"}'));
    expect(failedIn(invocation)).to.be.empty;
    expect(decisionsIn(invocation, "ignored").map((record) => record.messageId)).to.deep.equal(["m0", "m1", "m3"]);
    expect(await scene.statusOf(going)).to.equal("DRAINING");
  });

  it("is read to the last page and acted on within every API's limits", async () => {
    const { scene, front, lambda } = await drainStage({ instances: 1 });
    await scene.createService("mail", { balanced: false });
    const placed = await scene.placeMany("mail", scene.instanceIds[0]!, 130);
    for (let n = 0; n < 12; n++) await scene.createService(`idle${n}`, { balanced: false });
    const invocation = await lambda.invoke(batchOf(notice(scene.instanceIds[0]!, Date.now())));
    expect(failedIn(invocation)).to.be.empty;
    const sizes = (action: string, member: string): number[] =>
      front.calls(action).map((call) => (call.input[member] as string[]).length);
    expect(sizes("ecs:DescribeTasks", "tasks")).to.have.members([100, 30]);
    expect(sizes("ecs:DescribeServices", "services")).to.have.members([10, 3]);
    expect(front.calls("ecs:StopTask").map((call) => call.input.task)).to.have.members(placed);
  });
});

describe("a batch, over HTTP", () => {
  onTheWire();

  it("leaves in the queue only the message whose instance failed", async () => {
    const stage = await drainStage();
    const { scene, front, clients, lambda } = stage;
    const [failing = "", other = ""] = scene.instanceIds;
    const MessageBody = notice(failing, Date.now());
    for (const body of [MessageBody, notice(other, Date.now()), "{"]) {
      await clients.sqs.sendMessage({ QueueUrl: scene.queueUrl, MessageBody: body });
    }
    await scene.createService("web");
    await scene.place("web", failing, PORT);
    await scene.place("web", other, PORT);
    const denied = { kind: "error", code: "InvalidMessageContents", message: "refused", status: 400 } as const;
    front.meet(({ input }) => (String(input.MessageBody).includes(failing) ? denied : undefined));
    const { bodies, invocation } = await deliver(clients, scene.queueUrl, lambda);
    expect(bodies).to.have.lengthOf(3);
    expect(failedIn(invocation)).to.have.lengthOf(1);
    front.forgetFaults();
    const again = await deliver(clients, scene.queueUrl, lambda);
    expect(again.bodies).to.include(MessageBody);
    expect(again.bodies.filter((body) => body.includes("detail-type"))).to.have.lengthOf(1);
    expect(failedIn(again.invocation)).to.be.empty;
  });
});

describe("the sweep, over HTTP", () => {
  onTheWire();

  it("takes two calls where all is well", async () => {
    // With detach, the first sweep of the hour looks for instances that were replaced for recommendations, too.
    const stage = await drainStage({ cluster: { replacement: "capacityRebalancing" } });
    await serve(stage);
    expect(failedIn(await stage.lambda.invoke(batchOf(sweep(Date.now()))))).to.be.empty;
    expect(stage.front.calls().map((call) => call.action)).to.have.members([
      "autoscaling:DescribeAutoScalingGroups",
      "ecs:ListContainerInstances",
    ]);
  });

  it("drains an instance that its group is ending", async () => {
    const { scene, front, lambda } = await drainStage();
    const [ending = ""] = scene.instanceIds;
    // moto has no lifecycle hooks that an instance waits for.
    front.answer("autoscaling:DescribeAutoScalingGroups", async (input: { AutoScalingGroupNames: string[] }, moto) => {
      const { AutoScalingGroups = [] } = await moto.autoScaling.describeAutoScalingGroups(input);
      for (const instance of AutoScalingGroups.flatMap((group) => group.Instances ?? [])) {
        if (instance.InstanceId === ending) instance.LifecycleState = "Terminating:Wait";
      }
      return { AutoScalingGroups };
    });
    expect(failedIn(await lambda.invoke(batchOf(sweep(Date.now()))))).to.be.empty;
    expect(await scene.statusOf(ending)).to.equal("DRAINING");
    expect(await scene.statusOf(scene.instanceIds[1]!)).to.equal("ACTIVE");
  });

  it("ends a detached instance when its last task has stopped, and not before", async () => {
    const stage = await drainStage();
    const { scene, clients, lambda } = stage;
    const { tasks } = await serve(stage);
    const [going = ""] = scene.instanceIds;
    await lambda.invoke(batchOf(notice(going, Date.now())));
    await lambda.invoke(batchOf(sweep(Date.now())));
    expect(await scene.instanceState(going)).to.equal("running");
    await clients.ecs.stopTask({ cluster: "shop", task: tasks[0]!.arn });
    await lambda.invoke(batchOf(sweep(Date.now())));
    expect(await scene.instanceState(going)).to.be.oneOf(["shutting-down", "terminated"]);
    expect(await scene.instanceState(scene.instanceIds[1]!)).to.equal("running");
  });
});

describe("the drain function's role, over HTTP", () => {
  onTheWire();

  for (const replacement of REPLACEMENTS) {
    it(`allows every call of an interruption from the notice to the end (${replacement})`, async () => {
      const stage = await drainStage({ cluster: { replacement }, instances: 4 });
      const { scene, front, lambda, deployed } = stage;
      await serve(stage);
      const [going = "", goingToo = ""] = scene.instanceIds;
      await scene.drain(goingToo);
      const noticedAt = Date.now();
      for (const body of [notice(going, noticedAt), check(going, noticedAt + 120_000), sweep(noticedAt)]) {
        const invocation = await lambda.invoke(batchOf(body));
        expect(failedIn(invocation)).to.be.empty;
        expect(decisionsIn(invocation, "failed")).to.be.empty;
      }
      const detaching = ["autoscaling:DetachInstances", "ec2:TerminateInstances"];
      const expected = actionsCalled(deployed.files["__index.js"]!).filter((action) => !HINTING.includes(action));
      const seen = new Set(front.calls().map((call) => call.action));
      const unseen = replacement === "detach" ? [] : detaching;
      expect([...seen].sort()).to.deep.equal(expected.filter((action) => !unseen.includes(action)));
    });
  }

  it("doesn't reach another cluster's target group, and the rest is done", async () => {
    const stage = await drainStage();
    const { scene, clients, lambda } = stage;
    const { targetGroupArn } = await serve(stage);
    await clients.elbv2.removeTags({ ResourceArns: [targetGroupArn], TagKeys: ["spotproof:cluster"] });
    const [going = ""] = scene.instanceIds;
    const invocation = await lambda.invoke(batchOf(notice(going, Date.now())));
    expect(failedIn(invocation)).to.be.empty;
    expect(decisionsIn(invocation, "failed"))
      .to.have.lengthOf(1)
      .and.to.have.nested.property("[0].action", "deregister");
    expect(await scene.targetsOf(targetGroupArn)).to.have.lengthOf(3);
    expect(await scene.statusOf(going)).to.equal("DRAINING");
  });

  it("lets the message come back where it lacks a permission to read, and what can be done is done", async () => {
    const stage = await drainStage();
    const { scene, front, lambda } = stage;
    await serve(stage);
    front.role = without(front.role, "ecs:ListTasks");
    const [going = ""] = scene.instanceIds;
    const invocation = await lambda.invoke(batchOf(notice(going, Date.now())));
    expect(failedIn(invocation)).to.deep.equal(["m0"]);
    expect(invocation.lines.join()).to.include("AccessDenied");
    expect(await scene.statusOf(going)).to.equal("DRAINING");
    expect(await scene.members()).to.not.include(going);
  });
});
