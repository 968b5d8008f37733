import { expect } from "chai";
import { handleScaleIn } from "../../../functions/scaleIn/handler";
import type { ScaleInSettings } from "../../../functions/scaleIn/settings";
import { alarmChange, awsError, batchOf, check, FakeAws, MINUTE, NOW, S, SETTINGS, sweep } from "./fakeAws";

async function handle(aws: FakeAws, bodies: string[], more: Partial<ScaleInSettings> = {}): Promise<string[]> {
  const answer = await handleScaleIn(batchOf(...bodies), { ...SETTINGS, ...more }, aws.ports(), 25_000);
  return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
}

/** What the last check said of when targets were out. */
function outAtOf(aws: FakeAws): number | undefined {
  const body = aws.called("sendMessage").at(-1)?.MessageBody as string | undefined;
  return body === undefined ? undefined : (JSON.parse(body) as { outAt?: number }).outAt;
}

/** Looks every five seconds, as the checks do. */
async function look(aws: FakeAws, times: number, more: Partial<ScaleInSettings> = {}): Promise<void> {
  for (let n = 0; n < times; n++) {
    aws.now += 5 * S;
    expect(await handle(aws, [check(aws.now + 75 * S, "api", outAtOf(aws))], more)).to.be.empty;
  }
}

const isMetric = (command: string): boolean => command === "getMetricData";

describe("the scale-in handler", () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = FakeAws.withTasks(6);
  });

  it("marks tasks, takes their targets out and looks again, when there are few requests", async () => {
    expect(await handle(aws, [alarmChange()])).to.be.empty;
    expect(aws.marked).to.have.lengthOf(2);
    for (const task of aws.alive) expect(aws.healthOf(task)).to.equal(task.mark === undefined ? "healthy" : "draining");
    const sent = aws.called("sendMessage");
    const MessageBody = check(NOW + 75 * S, "api", NOW - 2 * S);
    expect(sent).to.deep.equal([{ QueueUrl: SETTINGS.queueUrl, DelaySeconds: 5, MessageBody }]);
    expect(aws.service.desiredCount).to.equal(6);
    expect(aws.metrics).to.include({ ClusterName: "shop", ServiceName: "api", TasksMarked: 2, ScaleInBlocked: 0 });
  });

  it("stops what has settled and lowers the desired count by as many, once it has", async () => {
    await handle(aws, [alarmChange()]);
    const marked = aws.marked;
    await look(aws, 2);
    expect(aws.called("stopTask")).to.be.empty;
    await look(aws, 1);
    expect(aws.service.desiredCount).to.equal(4);
    expect(aws.tasks.filter((task) => task.desiredStatus === "STOPPED")).to.deep.equal(marked);
    for (const { reason } of aws.called("stopTask")) expect(reason).to.match(/^scale-in function: /);
    expect(aws.metrics).to.include({ TasksRetired: 2, FailedActions: 0 });
    expect(aws.decisions("stop").map((record) => record.taskArn)).to.have.members(marked.map((task) => task.arn));
    expect(aws.decisions("lower")[0]).to.include({ from: 6, to: 4 });
  });

  it("leaves the protection of all others as it is, and reads it only to choose", async () => {
    const large = FakeAws.withTasks(60, 4);
    for (const task of large.tasks.slice(20)) task.protectedUntil = NOW + MINUTE;
    await handle(large, [alarmChange()]);
    const read = (): number[] => large.called("getTaskProtection").map((input) => (input.tasks as string[]).length);
    expect(read()).to.deep.equal([100, 100, 40]);
    await look(large, 3);
    expect(read().slice(3)).to.deep.equal([2, 2, 2, 2]);
    expect(large.service.desiredCount).to.equal(238);
    expect(large.alive.filter((task) => task.protectedUntil === NOW + MINUTE)).to.have.lengthOf(220);
  });

  it("goes on with the next round at the next schedule, and not before the last one is over", async () => {
    await handle(aws, [alarmChange()]);
    await handle(aws, [sweep(aws.now)]);
    expect(aws.marked).to.have.lengthOf(2);
    expect(aws.decisions("blocked")[0]).to.include({ reason: "2 tasks are retiring already" });
    await look(aws, 3);
    expect(aws.marked).to.be.empty;
    await handle(aws, [check(aws.now + 60 * S)]);
    expect(aws.marked).to.be.empty;
    await handle(aws, [sweep(aws.now)]);
    expect(aws.marked).to.have.lengthOf(2);
    await look(aws, 3);
    expect(aws.service.desiredCount).to.equal(2);
  });

  it("lowers nothing twice, while what it stopped is still listed or its replacement missing", async () => {
    await handle(aws, [alarmChange()]);
    const marked = aws.marked;
    await look(aws, 3);
    for (const task of marked) Object.assign(task, { desiredStatus: "RUNNING", lastStatus: "RUNNING" });
    await look(aws, 6);
    expect(aws.service.desiredCount).to.equal(4);
    expect(aws.called("updateService")).to.have.lengthOf(1);
    expect(marked.map((task) => aws.healthOf(task))).to.deep.equal(["draining", "draining"]);
  });

  it("lets a task go that got work before its target was out, and goes on with the rest", async () => {
    await handle(aws, [alarmChange()]);
    const [busy, idle] = aws.marked;
    busy!.protectedUntil = NOW + 60 * MINUTE;
    await look(aws, 1);
    expect(aws.healthOf(busy!)).to.equal("initial");
    expect(aws.marked).to.deep.equal([idle]);
    await look(aws, 2);
    expect(aws.service.desiredCount).to.equal(5);
  });

  it("waits for work to be done, without a target, for as long as patience lasts", async () => {
    const patient = { workPatienceSeconds: 60 };
    for (const task of aws.alive) task.protectedUntil = NOW + 60 * MINUTE;
    await handle(aws, [alarmChange()], patient);
    const [first, second] = aws.marked;
    await look(aws, 4, patient);
    expect(aws.called("updateService")).to.be.empty;
    first!.protectedUntil = 0;
    await look(aws, 1, patient);
    expect(aws.service.desiredCount).to.equal(5);
    first!.desiredStatus = "STOPPED";
    first!.lastStatus = "STOPPED";
    await look(aws, 8, patient);
    expect(second!.mark).to.equal(undefined);
    expect(aws.healthOf(second!)).to.equal("initial");
    expect(aws.service.desiredCount).to.equal(5);
  });

  it("takes a target out again that ECS registered again, and lets it settle anew if it served", async () => {
    await handle(aws, [alarmChange()]);
    const [waiting, serving] = aws.marked;
    await look(aws, 1);
    aws.register(waiting!);
    aws.register(serving!, "healthy");
    const before = waiting!.mark;
    await look(aws, 1);
    expect(aws.marked.map((task) => aws.healthOf(task))).to.deep.equal(["draining", "draining"]);
    expect(waiting!.mark).to.equal(before);
    expect(serving!.mark).to.equal(new Date(aws.now).toISOString());
    await look(aws, 2);
    expect(aws.called("updateService")).to.be.empty;
    await look(aws, 1);
    expect(aws.service.desiredCount).to.equal(4);
  });

  it("retires a task whose target ECS registers again before every look", async () => {
    await handle(aws, [alarmChange()]);
    for (let n = 0; n < 3; n++) {
      for (const task of aws.marked) aws.register(task);
      await look(aws, 1);
    }
    expect(aws.service.desiredCount).to.equal(4);
    expect(aws.tasks.filter((task) => aws.healthOf(task) === "draining")).to.have.lengthOf(2);
  });

  const halts: Readonly<Record<string, (aws: FakeAws) => void>> = {
    "a scale-out alarm": (aws) => aws.alarms.set("api-cpu-high", "ALARM"),
    "a deployment": (aws) => aws.service.deployments.push({ status: "ACTIVE", rolloutState: "IN_PROGRESS" }),
    "a higher desired count": (aws) => (aws.service.desiredCount = 8),
    "a draining instance": (aws) => (aws.alive.find((task) => task.mark === undefined)!.instance.status = "DRAINING"),
    "the low alarm's end": (aws) => aws.alarms.set("api-few-requests", "OK"),
    "suspended scaling": (aws) => (aws.suspended = true),
  };
  for (const [what, begin] of Object.entries(halts)) {
    it(`lets everything go, as it was, at ${what}`, async () => {
      await handle(aws, [alarmChange()]);
      begin(aws);
      await look(aws, 1);
      expect(aws.marked).to.be.empty;
      expect(aws.alive.map((task) => aws.healthOf(task))).to.have.members([
        ...Array<string>(4).fill("healthy"),
        "initial",
        "initial",
      ]);
      await look(aws, 4);
      expect(aws.called("updateService")).to.be.empty;
    });
  }

  it("goes on with what has settled when the low alarm is OK again", async () => {
    await handle(aws, [alarmChange()]);
    aws.now += 14 * S;
    aws.alarms.set("api-few-requests", "OK");
    await look(aws, 1);
    expect(aws.service.desiredCount).to.equal(4);
  });

  it("leaves the targets of an instance that drains to whoever drains it", async () => {
    await handle(aws, [alarmChange()]);
    const [task] = aws.marked;
    task!.instance.status = "DRAINING";
    await look(aws, 1);
    expect(task!.mark).to.equal(undefined);
    expect(aws.healthOf(task!)).to.equal("draining");
  });

  it("lets go of what would fall below a minimum that has risen since", async () => {
    await handle(aws, [alarmChange()]);
    aws.minCapacity = 5;
    await look(aws, 4);
    expect(aws.service.desiredCount).to.equal(5);
    expect(aws.alive.filter((task) => aws.healthOf(task) === "initial")).to.have.lengthOf(1);
  });

  /** Runs at the last look before the tasks are stopped: at its read of the alarms. */
  function atLastLook(at: FakeAws, change: () => void): void {
    let reads = 0;
    at.beforeAnswer = async (command) => {
      if (command === "describeAlarms" && ++reads === 2) change();
    };
  }

  const changes: Readonly<Record<string, (aws: FakeAws) => void>> = {
    "somebody has raised the desired count": (at) => (at.service.desiredCount = 9),
    "somebody has lowered the desired count": (at) => (at.service.desiredCount = 5),
    "a scale-out alarm has gone off": (at) => at.alarms.set("api-cpu-high", "ALARM"),
    "a deployment has begun": (at) => (at.service.deployments[0]!.rolloutState = "IN_PROGRESS"),
    "a task has died": (at) => (at.alive.find((task) => task.mark === undefined)!.desiredStatus = "STOPPED"),
    "a target that was out serves": (at) => at.register(at.marked[0]!, "healthy"),
    "another look has marked a task anew": (at) => (at.marked[0]!.mark = new Date(at.now).toISOString()),
    "a task works": (at) => (at.marked[1]!.protectedUntil = at.now + MINUTE),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`stops nothing where ${what} at the last look`, async () => {
      await handle(aws, [alarmChange()]);
      await look(aws, 2);
      atLastLook(aws, () => change(aws));
      const desired = (): number => aws.service.desiredCount;
      await look(aws, 1);
      const isBySomebody = what.includes("desired count");
      expect(aws.called("stopTask").concat(aws.called("updateService")), what).to.be.empty;
      expect(desired() !== 6).to.equal(isBySomebody);
      expect(aws.decisions("wait")).to.not.be.empty;
    });
  }

  it("keeps a count that scaling out raises while tasks are being stopped", async () => {
    await handle(aws, [alarmChange()]);
    await look(aws, 2);
    aws.beforeAnswer = async (command) => {
      if (command === "stopTask") aws.service.desiredCount = 9;
    };
    await look(aws, 1);
    expect(aws.service.desiredCount).to.equal(9);
    expect(aws.metrics).to.include({ TasksRetired: 0, FailedActions: 0 });
  });

  it("stops nothing by what it read too long ago", async () => {
    await handle(aws, [alarmChange()]);
    await look(aws, 2);
    atLastLook(aws, () => (aws.now += 2 * S));
    await look(aws, 1);
    expect(aws.called("stopTask")).to.be.empty;
    expect(aws.decisions("wait").at(-1)).to.include({ reason: "what was read again is too old" });
  });

  it("stops no task whose target it could not take out again", async () => {
    await handle(aws, [alarmChange()]);
    await look(aws, 2);
    aws.register(aws.marked[0]!);
    aws.beforeAnswer = async (command) => {
      if (command === "deregisterTargets") throw awsError("AccessDeniedException");
    };
    await look(aws, 1);
    aws.beforeAnswer = () => Promise.resolve();
    await look(aws, 1);
    expect(aws.called("stopTask")).to.be.empty;
    aws.deregister(aws.marked[0]!);
    await look(aws, 1);
    expect(aws.service.desiredCount).to.equal(4);
  });

  it("stops no task that ECS registered again longer ago than a check interval, in a look that comes late", async () => {
    await handle(aws, [alarmChange()]);
    await look(aws, 1);
    const [task] = aws.marked;
    aws.register(task!);
    aws.now += 5 * S;
    await look(aws, 1);
    expect([aws.healthOf(task!), aws.called("stopTask").length]).to.deep.equal(["initial", 0]);
    aws.register(task!, "healthy");
    await look(aws, 1);
    expect(task!.mark).to.equal(new Date(aws.now).toISOString());
    await look(aws, 3);
    expect(aws.service.desiredCount).to.equal(4);
  });

  it("leaves to ECS to replace what it stopped where it can't lower the desired count, and tries again later", async () => {
    await handle(aws, [alarmChange()]);
    await look(aws, 2);
    aws.beforeAnswer = async (command) => {
      if (command === "updateService") throw awsError("ThrottlingException", "Rate exceeded");
    };
    await look(aws, 1);
    expect(aws.metrics).to.include({ TasksRetired: 0, FailedActions: 1 });
    expect([aws.service.desiredCount, aws.alive.length]).to.deep.equal([6, 4]);
    aws.beforeAnswer = () => Promise.resolve();
    for (const instance of aws.instances.slice(0, 2)) aws.run(instance);
    await handle(aws, [sweep(aws.now)]);
    await look(aws, 3);
    expect([aws.service.desiredCount, aws.alive.length]).to.deep.equal([4, 4]);
  });

  it("asks for the alarms only at a schedule while the low alarm is OK, but every fifth minute", async () => {
    aws.alarms.set("api-few-requests", "OK");
    for (let minute = 1; minute < 5; minute++) {
      aws.now = NOW + minute * MINUTE;
      expect(await handle(aws, [sweep(aws.now)])).to.be.empty;
    }
    expect(new Set(aws.calls.map((call) => call.command))).to.deep.equal(new Set(["describeAlarms"]));
    aws.tasks[0]!.mark = new Date(NOW).toISOString();
    aws.deregister(aws.tasks[0]!);
    aws.now = NOW + 5 * MINUTE;
    await handle(aws, [sweep(aws.now)]);
    expect(aws.marked).to.be.empty;
    expect(aws.healthOf(aws.tasks[0]!)).to.equal("initial");
  });

  it("chooses at no check, and reads no metric for it", async () => {
    await look(aws, 1);
    expect(aws.marked).to.be.empty;
    expect(aws.calls.some((call) => isMetric(call.command))).to.equal(false);
  });

  it("looks once for however many messages", async () => {
    expect(await handle(aws, [check(), sweep(), alarmChange(), check(NOW + 30 * S)])).to.be.empty;
    expect(aws.marked).to.have.lengthOf(2);
    expect(aws.called("describeTasks")).to.have.lengthOf(1);
    expect(aws.called("sendMessage")).to.have.lengthOf(1);
  });

  it("does the same thing twice when it is called twice at once", async () => {
    const answers = await Promise.all([handle(aws, [alarmChange()]), handle(aws, [sweep()])]);
    expect(answers.flat()).to.be.empty;
    expect(aws.marked).to.have.lengthOf(2);
    await look(aws, 2);
    await Promise.all([look(aws, 1), look(aws, 1)]);
    expect(aws.service.desiredCount).to.equal(4);
    expect(aws.alive).to.have.lengthOf(4);
  });

  it("ends its chain of looks where the schedule has begun another, and not where it looks no more", async () => {
    await handle(aws, [alarmChange()]);
    aws.marked[0]!.protectedUntil = NOW + 60 * MINUTE;
    const patient = { workPatienceSeconds: 600 };
    aws.now += 80 * S;
    const sent = aws.called("sendMessage").length;
    await handle(aws, [check(NOW + 75 * S)], patient);
    expect(aws.called("sendMessage")).to.have.lengthOf(sent);
    aws.alarms.set("api-few-requests", "OK");
    await handle(aws, [check(NOW + 75 * S)], patient);
    expect(aws.called("sendMessage")).to.have.lengthOf(sent + 1);
  });

  it("ignores what it doesn't know, with reasons", async () => {
    expect(await handle(aws, ["{", alarmChange("another"), alarmChange(undefined, "OK"), check(NOW, "web")])).to.be
      .empty;
    expect(aws.calls).to.be.empty;
    expect(aws.decisions("ignored").map((record) => record.reason)).to.deep.equal([
      "not JSON",
      'another alarm, "another"',
      'the alarm went to "OK"',
      'check of another service, "web"',
    ]);
  });

  it("gives the messages back when the state can't be read", async () => {
    aws.beforeAnswer = async (command) => {
      if (command === "describeServices") throw awsError("AccessDeniedException");
    };
    expect(await handle(aws, [alarmChange(), check()])).to.deep.equal(["m0", "m1"]);
    expect(aws.marked).to.be.empty;
  });

  it("gives a message back when something failed and no look is on its way, and not otherwise", async () => {
    aws.beforeAnswer = async (command) => {
      if (command === "deregisterTargets") throw awsError("AccessDeniedException");
    };
    expect(await handle(aws, [alarmChange()])).to.be.empty;
    expect(aws.decisions("failed")).to.have.lengthOf(2);
    aws.beforeAnswer = async (command) => {
      if (command === "sendMessage") throw awsError("AccessDeniedException");
    };
    aws.now += 5 * S;
    expect(await handle(aws, [check()])).to.deep.equal(["m0"]);
  });

  it("reads as many tasks as there are, page by page and a hundred at a time", async () => {
    const large = FakeAws.withTasks(60, 4);
    await handle(large, [alarmChange()]);
    expect(large.called("listTasks")).to.have.lengthOf(3);
    expect(large.called("describeTasks").map((input) => (input.tasks as string[]).length)).to.deep.equal([
      100, 100, 40,
    ]);
    expect(large.marked).to.have.lengthOf(2);
  });

  it("has nothing to do for a service that is gone", async () => {
    const ports = aws.ports();
    const gone = { ...ports, ecs: { ...ports.ecs, describeServices: async () => ({ services: [] }) } };
    const answer = await handleScaleIn(batchOf(alarmChange()), SETTINGS, gone as unknown as typeof ports, 25_000);
    expect(answer.batchItemFailures).to.be.empty;
    expect(aws.marked).to.be.empty;
  });
});
