import { expect } from "chai";
import { alarmChange, batchOf, sweep } from "../functions/scaleIn/fakeAws";
import { deliver } from "./harness/eventSource";
import { retire, scaleInStage, setAlarm, type ScaleInStage } from "./scaleInStage";
import {
  changesIn,
  check,
  CLUSTER,
  desiredCount,
  marked,
  protect,
  registerAgain,
  SERVICE,
  setDesiredCount,
  stopped,
} from "./servedTasks";
import { decisionsIn, failedIn, onTheWire } from "./stage";

/** A sweep that looks for forgotten marks even where the low alarm is OK. */
function thoroughSweep(): string {
  const fiveMinutes = 5 * 60_000;
  return sweep(Math.ceil(Date.now() / fiveMinutes) * fiveMinutes);
}

describe("few requests, over HTTP", () => {
  onTheWire();

  it("lead from the alarm, by looks that the function sends itself, to stopped tasks and a lower count", async () => {
    const stage = await scaleInStage();
    const { clients, scene, front, lambda, targetGroupArn } = stage;
    await clients.sqs.sendMessage({ QueueUrl: scene.queueUrl, MessageBody: alarmChange() });
    expect(failedIn((await deliver(clients, scene.queueUrl, lambda)).invocation)).to.be.empty;
    const chosen = await marked(stage);
    // The third instance has one task, the others two.
    expect(chosen).to.have.lengthOf(2).and.include(stage.tasks[2]);
    const others = stage.tasks.filter((task) => !chosen.includes(task));
    expect(await scene.targetsOf(targetGroupArn)).to.have.members(others.map((task) => task.target));
    const early = await deliver(clients, scene.queueUrl, lambda);
    expect(early.bodies.map((body) => JSON.parse(body) as object)).to.have.nested.property("[0].kind", "check");
    expect(await stopped(stage)).to.be.empty;
    await retire(stage, ...chosen);
    front.forgetCalls();
    const { invocation } = await deliver(clients, scene.queueUrl, lambda);
    expect(failedIn(invocation)).to.be.empty;
    expect(await stopped(stage)).to.deep.equal(chosen);
    expect(await desiredCount()).to.equal(3);
    expect(changesIn(stage)).to.deep.equal(["ecs:StopTask", "ecs:StopTask", "ecs:UpdateService"]);
    expect(decisionsIn(invocation, "lower")).to.have.nested.property("[0]").that.includes({ from: 5, to: 3 });
  });

  it("end a round once, however often it is looked at", async () => {
    const stage = await scaleInStage();
    const { front, lambda, tasks } = stage;
    await retire(stage, ...tasks.slice(0, 2));
    for (const batch of [batchOf(check(), check()), batchOf(check()), batchOf(check())]) {
      expect(failedIn(await lambda.invoke(batch))).to.be.empty;
    }
    expect(await stopped(stage)).to.deep.equal(tasks.slice(0, 2));
    expect(await desiredCount()).to.equal(3);
    expect(front.calls("ecs:UpdateService").map((call) => call.input)).to.have.lengthOf(1);
    expect(front.calls("ecs:StopTask")).to.have.lengthOf(2);
    expect(front.calls("ecs:StopTask")[0]?.input.reason).to.match(/^scale-in function: /);
  });

  it("keep out what ECS registers again", async () => {
    const stage = await scaleInStage();
    const { front, lambda, tasks, scene, targetGroupArn } = stage;
    await lambda.invoke(batchOf(alarmChange()));
    const [back] = await marked(stage);
    await registerAgain(stage, back!);
    front.forgetCalls();
    expect(failedIn(await lambda.invoke(batchOf(check())))).to.be.empty;
    expect(changesIn(stage)).to.deep.equal(["elasticloadbalancing:DeregisterTargets"]);
    expect(await scene.targetsOf(targetGroupArn))
      .to.have.lengthOf(tasks.length - 2)
      .and.not.include(back!.target);
  });

  it("let go of a task that got work, and take the other", async () => {
    const stage = await scaleInStage();
    const { lambda, tasks, scene, targetGroupArn } = stage;
    const [working, idle] = tasks;
    await retire(stage, working!, idle!);
    await protect(working!);
    await lambda.invoke(batchOf(check()));
    expect(await marked(stage)).to.deep.equal([idle]);
    expect(await scene.targetsOf(targetGroupArn)).to.include(working!.target);
    expect(await stopped(stage)).to.be.empty;
    await lambda.invoke(batchOf(check()));
    expect(await stopped(stage)).to.deep.equal([idle]);
    expect(await desiredCount()).to.equal(4);
  });

  it("let a task with work finish it, for as long as the patience lasts", async () => {
    const stage = await scaleInStage({ workPatienceSeconds: 40 });
    const { lambda, tasks, scene, targetGroupArn } = stage;
    const [working, idle] = tasks;
    await retire(stage, working!, idle!);
    await protect(working!);
    await lambda.invoke(batchOf(check()));
    expect(await stopped(stage)).to.deep.equal([idle]);
    expect(await marked(stage)).to.deep.equal([working]);
    expect(await scene.targetsOf(targetGroupArn)).to.not.include(working!.target);
  });

  it("stop no task that gets work while it is looked at", async () => {
    const stage = await scaleInStage();
    const { front, lambda, tasks } = stage;
    await retire(stage, tasks[0]!);
    front.meanwhile("ecs:GetTaskProtection", () => protect(tasks[0]!), { calls: 2 });
    expect(failedIn(await lambda.invoke(batchOf(check())))).to.be.empty;
    expect(front.calls("ecs:GetTaskProtection")).to.have.lengthOf(2);
    expect(await stopped(stage)).to.be.empty;
    expect(await desiredCount()).to.equal(5);
  });

  it("stop no task of whose protection ECS doesn't tell", async () => {
    const stage = await scaleInStage();
    const { front, lambda, tasks } = stage;
    await retire(stage, tasks[0]!);
    const failures = [{ arn: tasks[0]!.arn, reason: "TASK_NOT_VALID" }];
    front.answer("ecs:GetTaskProtection", async () => ({ protectedTasks: [], failures }));
    expect(failedIn(await lambda.invoke(batchOf(check())))).to.be.empty;
    expect(await stopped(stage)).to.be.empty;
    expect(await desiredCount()).to.equal(5);
  });

  it("are read to the last page, and acted on within every API's limits", async () => {
    const stage = await scaleInStage();
    const { scene, front, lambda } = stage;
    await scene.placeMany(SERVICE, scene.instanceIds[0]!, 110);
    await setDesiredCount(115);
    expect(failedIn(await lambda.invoke(batchOf(alarmChange())))).to.be.empty;
    const sizes = (action: string): number[] =>
      front.calls(action).map((call) => (call.input.tasks as string[]).length);
    expect(sizes("ecs:DescribeTasks")).to.have.members([100, 15]);
    expect(sizes("ecs:GetTaskProtection")).to.have.members([100, 15]);
    expect(await marked(stage)).to.have.lengthOf(2);
  });
});

describe("few requests, over HTTP, change nothing", () => {
  onTheWire();

  const everyTask = ({ tasks }: ScaleInStage): Promise<void> => protect(...tasks);
  const gates: Readonly<Record<string, readonly [close: (stage: ScaleInStage) => Promise<unknown>, reason: RegExp]>> = {
    "while the service scales out": [({ outAlarm }) => setAlarm(outAlarm, "ALARM"), /^scaling out: /],
    "during a deployment": [
      ({ clients }) => clients.ecs.updateService({ cluster: CLUSTER, service: SERVICE, forceNewDeployment: true }),
      /^a deployment is in progress/,
    ],
    "where a task is missing": [() => setDesiredCount(6), /^5 tasks run of 6 desired/],
    "where every task works": [everyTask, /^every task is protected/],
    "where scaling in is suspended": [
      ({ clients }) =>
        clients.applicationAutoScaling.registerScalableTarget({
          ServiceNamespace: "ecs",
          ResourceId: `service/${CLUSTER}/${SERVICE}`,
          ScalableDimension: "ecs:service:DesiredCount",
          SuspendedState: { DynamicScalingInSuspended: true },
        }),
      /^scaling in is suspended/,
    ],
    "while an instance of the service drains": [({ scene }) => scene.drain(scene.instanceIds[0]!), /is going$/],
  };
  for (const [when, [close, reason]] of Object.entries(gates)) {
    it(when, async () => {
      const stage = await scaleInStage();
      await close(stage);
      const invocation = await stage.lambda.invoke(batchOf(alarmChange()));
      expect(failedIn(invocation)).to.be.empty;
      expect(decisionsIn(invocation, "blocked")).to.have.nested.property("[0].reason").that.matches(reason);
      expect(changesIn(stage)).to.be.empty;
    });
  }

  it("at the minimum", async () => {
    const stage = await scaleInStage({ tasks: 3, minCount: 3 });
    const invocation = await stage.lambda.invoke(batchOf(alarmChange()));
    expect(decisionsIn(invocation, "blocked")).to.have.nested.property("[0].reason", "at the minimum");
    expect(changesIn(stage)).to.be.empty;
  });

  it("when they are few no more", async () => {
    const stage = await scaleInStage();
    await setAlarm(stage.lowAlarm, "OK");
    expect(failedIn(await stage.lambda.invoke(batchOf(alarmChange(), sweep(Date.now()))))).to.be.empty;
    expect(changesIn(stage)).to.be.empty;
  });
});

describe("somebody else's change, over HTTP,", () => {
  onTheWire();

  it("of the desired count before the tasks are stopped keeps them", async () => {
    const stage = await scaleInStage();
    const { front, lambda, tasks } = stage;
    await retire(stage, ...tasks.slice(0, 2));
    front.meanwhile("ecs:DescribeServices", () => setDesiredCount(7), { calls: 2 });
    const invocation = await lambda.invoke(batchOf(check()));
    expect(failedIn(invocation)).to.be.empty;
    expect(decisionsIn(invocation, "wait").map((record) => record.reason)).to.include("the desired count has changed");
    expect(await stopped(stage)).to.be.empty;
    expect(await desiredCount()).to.equal(7);
  });

  it("of the desired count while the tasks are stopped stands", async () => {
    const stage = await scaleInStage();
    const { front, lambda, tasks } = stage;
    await retire(stage, ...tasks.slice(0, 2));
    front.meanwhile("ecs:StopTask", () => setDesiredCount(7));
    expect(failedIn(await lambda.invoke(batchOf(check())))).to.be.empty;
    expect(await desiredCount()).to.equal(7);
    expect(front.calls("ecs:UpdateService")).to.be.empty;
  });

  it("by a scale-out alarm brings marked tasks back", async () => {
    const stage = await scaleInStage();
    const { front, lambda, tasks, scene, targetGroupArn } = stage;
    await retire(stage, ...tasks.slice(0, 2));
    await setAlarm(stage.outAlarm, "ALARM");
    expect(failedIn(await lambda.invoke(batchOf(check())))).to.be.empty;
    expect(await marked(stage)).to.be.empty;
    expect(await scene.targetsOf(targetGroupArn)).to.have.lengthOf(tasks.length);
    expect(front.calls("ecs:StopTask")).to.be.empty;
  });
});

describe("the schedule, over HTTP,", () => {
  onTheWire();

  it("takes a call where there are enough requests", async () => {
    const stage = await scaleInStage();
    await setAlarm(stage.lowAlarm, "OK");
    const minute = Math.ceil(Date.now() / 300_000) * 300_000 + 60_000;
    expect(failedIn(await stage.lambda.invoke(batchOf(sweep(minute))))).to.be.empty;
    expect(stage.front.calls().map((call) => call.action)).to.deep.equal(["cloudwatch:DescribeAlarms"]);
  });

  it("finishes what a lost check left undone", async () => {
    const stage = await scaleInStage();
    await retire(stage, stage.tasks[0]!);
    expect(failedIn(await stage.lambda.invoke(batchOf(sweep(Date.now()))))).to.be.empty;
    expect(await stopped(stage)).to.deep.equal([stage.tasks[0]]);
    expect(await desiredCount()).to.equal(4);
  });

  it("lets go of forgotten marks where there are enough requests", async () => {
    const stage = await scaleInStage();
    const { lambda, scene, tasks, targetGroupArn } = stage;
    await lambda.invoke(batchOf(alarmChange()));
    expect(await marked(stage)).to.have.lengthOf(2);
    await setAlarm(stage.lowAlarm, "OK");
    expect(failedIn(await lambda.invoke(batchOf(thoroughSweep())))).to.be.empty;
    expect(await marked(stage)).to.be.empty;
    expect(await scene.targetsOf(targetGroupArn)).to.have.members(tasks.map((task) => task.target));
    expect(await desiredCount()).to.equal(5);
  });
});
