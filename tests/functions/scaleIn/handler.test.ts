import { expect } from "chai";
import { handleScaleIn } from "../../../functions/scaleIn/handler";
import type { ScaleInSettings } from "../../../functions/scaleIn/settings";
import { alarmChange, awsError, batchOf, check, FakeAws, MINUTE, NOW, S, SETTINGS, sweep } from "./fakeAws";

async function handle(aws: FakeAws, bodies: string[], more: Partial<ScaleInSettings> = {}): Promise<string[]> {
  const answer = await handleScaleIn(batchOf(...bodies), { ...SETTINGS, ...more }, aws.ports(), 25_000);
  return answer.batchItemFailures.map((failure) => failure.itemIdentifier);
}

/** Looks every five seconds, as the checks do. */
async function look(aws: FakeAws, times: number, more: Partial<ScaleInSettings> = {}): Promise<void> {
  for (let n = 0; n < times; n++) {
    aws.now += 5 * S;
    expect(await handle(aws, [check(aws.now + 75 * S)], more)).to.be.empty;
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
    expect(sent).to.deep.equal([{ QueueUrl: SETTINGS.queueUrl, DelaySeconds: 5, MessageBody: check(NOW + 75 * S) }]);
    expect(aws.service.desiredCount).to.equal(6);
    expect(aws.metrics).to.include({ ClusterName: "shop", ServiceName: "api", TasksMarked: 2, ScaleInBlocked: 0 });
  });

  it("protects the others and lowers the desired count by what has settled, once it has", async () => {
    await handle(aws, [alarmChange()]);
    const marked = aws.marked;
    await look(aws, 2);
    expect(aws.called("updateService")).to.be.empty;
    await look(aws, 1);
    expect(aws.service.desiredCount).to.equal(4);
    for (const task of aws.alive) {
      expect(task.protectedUntil > aws.now).to.equal(!marked.includes(task));
    }
    expect(aws.metrics).to.include({ TasksRetired: 2, SurvivorsProtected: 4, FailedActions: 0 });
    expect(aws.decisions("lower")[0]).to.include({ from: 6, to: 4 });
  });

  it("lowers it once only, while ECS has yet to stop the tasks", async () => {
    await handle(aws, [alarmChange()]);
    await look(aws, 8);
    expect(aws.service.desiredCount).to.equal(4);
    expect(aws.called("updateService")).to.have.lengthOf(1);
    expect(aws.marked.map((task) => aws.healthOf(task))).to.deep.equal(["draining", "draining"]);
  });

  it("keeps the others protected until ECS has stopped what was settled", async () => {
    await handle(aws, [alarmChange()]);
    await look(aws, 70);
    const others = aws.alive.filter((task) => task.mark === undefined);
    expect(others.every((task) => task.protectedUntil >= aws.now + MINUTE)).to.equal(true);
    expect(aws.marked).to.have.lengthOf(2);
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

  it("never shortens a protection that a container set itself", async () => {
    await handle(aws, [alarmChange()]);
    const [long, short] = aws.alive.filter((task) => task.mark === undefined);
    long!.protectedUntil = NOW + 60 * MINUTE;
    short!.protectedUntil = NOW + 3 * MINUTE;
    await look(aws, 3);
    expect(long!.protectedUntil).to.equal(NOW + 60 * MINUTE);
    expect(short!.protectedUntil).to.be.greaterThan(NOW + 5 * MINUTE);
    expect(aws.service.desiredCount).to.equal(4);
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
    expect(aws.marked.map((task) => aws.healthOf(task))).to.deep.equal(["draining", "draining"]);
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

  it("doesn't lower while a survivor could not be protected", async () => {
    aws.beforeAnswer = async (command) => {
      if (command === "updateTaskProtection") throw awsError("ThrottlingException", "Rate exceeded");
    };
    await handle(aws, [alarmChange()]);
    await look(aws, 3);
    expect(aws.called("updateService")).to.be.empty;
    expect(aws.metrics).to.include({ SurvivorsProtected: 0, FailedActions: 4 });
    aws.beforeAnswer = () => Promise.resolve();
    await look(aws, 1);
    expect(aws.service.desiredCount).to.equal(4);
  });

  it("doesn't lower what somebody else changes at the same moment", async () => {
    await handle(aws, [alarmChange()]);
    aws.now += 10 * S;
    aws.beforeAnswer = async (command) => {
      if (command === "updateTaskProtection") aws.service.desiredCount = 9;
    };
    await look(aws, 1);
    expect(aws.called("updateService")).to.be.empty;
    expect(aws.service.desiredCount).to.equal(9);
  });

  it("doesn't lower when a task has joined that nobody has protected", async () => {
    await handle(aws, [alarmChange()]);
    aws.now += 10 * S;
    aws.beforeAnswer = async (command) => {
      if (command !== "updateTaskProtection") return;
      aws.alive.find((task) => task.mark === undefined)!.desiredStatus = "STOPPED";
      aws.run(aws.instances[0]!);
    };
    await look(aws, 1);
    expect(aws.called("updateService")).to.be.empty;
    expect(aws.decisions("wait").at(-1)).to.include({ reason: "a task has joined" });
  });

  it("doesn't lower when a settled target is back, or its task at work, at the last look", async () => {
    for (const change of ["target", "work"]) {
      const fresh = FakeAws.withTasks(6);
      await handle(fresh, [alarmChange()]);
      fresh.now += 10 * S;
      fresh.beforeAnswer = async (command) => {
        if (command !== "updateTaskProtection") return;
        for (const task of fresh.marked) {
          if (change === "target") fresh.register(task, "healthy");
          else task.protectedUntil = fresh.now + MINUTE;
        }
      };
      await look(fresh, 1);
      expect(fresh.called("updateService"), change).to.be.empty;
    }
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
    aws.now += 10 * S;
    await Promise.all([look(aws, 1), look(aws, 1)]);
    expect(aws.service.desiredCount).to.equal(4);
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
