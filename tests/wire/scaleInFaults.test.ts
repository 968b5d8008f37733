import { expect } from "chai";
import { alarmChange, batchOf } from "../functions/scaleIn/fakeAws";
import { deliver } from "./harness/eventSource";
import type { Call, FaultOfCall } from "./harness/front";
import type { Invocation } from "./harness/lambda";
import { retire, scaleInStage, type ScaleInStage } from "./scaleInStage";
import { check, desiredCount, marked, protect, stopped, type ServedTask } from "./servedTasks";
import { atFirst, decisionsIn, failedIn, onTheWire, SOME_PASSING } from "./stage";

const STOP = "ecs:StopTask";
const LOWER = "ecs:UpdateService";
/** What an invocation has left when its patience is tried. */
const SHORT_MS = 3000;
/** Longer than stopping and lowering may take. */
const LATE_MS = 1500;

/** A stage on which tasks are about to be stopped. */
interface Round extends ScaleInStage {
  /** They have settled. */
  readonly chosen: readonly ServedTask[];
  /** Marked too, and protected. */
  readonly working: ServedTask;
}

const STAGE = { tasks: 6, workPatienceSeconds: 40 };

async function round(stage: ScaleInStage, chosen: readonly ServedTask[]): Promise<Round> {
  const working = stage.tasks.find((task) => !chosen.includes(task))!;
  await retire(stage, ...chosen, working);
  await protect(working);
  return { ...stage, chosen, working };
}

async function settledRound(): Promise<Round> {
  const stage = await scaleInStage(STAGE);
  return round(stage, stage.tasks.slice(0, 2));
}

/**
 * One look. Whatever fails: no task goes but the chosen, the count is lowered once at most and covers all that aren't gone,
 * and the function answers in time.
 */
async function look({ front, lambda, tasks, chosen, ...stage }: Round, body = check()): Promise<Invocation> {
  front.forgetCalls();
  const invocation = await lambda.invoke(batchOf(body));
  const gone = await stopped({ ...stage, front, lambda, tasks });
  expect(chosen).to.include.members(gone);
  const counts = new Set(front.calls(LOWER).map((call) => call.input.desiredCount));
  expect(counts.size).to.be.at.most(1);
  expect(await desiredCount()).to.be.within(tasks.length - gone.length, tasks.length);
  expect(invocation.leftMs).to.be.at.least(0);
  return invocation;
}

/** None is out of the balancer any more that isn't stopped, but perhaps the one with work. */
async function expectNoneForgotten(stage: Round): Promise<void> {
  const { scene, tasks, targetGroupArn, working } = stage;
  const out = [...(await stopped(stage)), ...(await marked(stage)).filter((task) => task === working)];
  const serving = tasks.filter((task) => !out.includes(task));
  expect(await scene.targetsOf(targetGroupArn)).to.have.members(serving.map((task) => task.target));
}

describe("the scale-in function, over a bad wire", () => {
  onTheWire();

  for (const [what, [fault, times]] of SOME_PASSING) {
    it(`takes tasks out, and does no harm at their end, where the first calls of every action ${what}`, async () => {
      const stage = await scaleInStage(STAGE);
      const { front, lambda } = stage;
      front.meet(atFirst(fault, times));
      const invocation = await lambda.invoke(batchOf(alarmChange()));
      expect(failedIn(invocation)).to.be.empty;
      expect(decisionsIn(invocation, "failed")).to.be.empty;
      expect(front.calls("sqs:SendMessage")).to.have.lengthOf(times + 1);
      const chosen = await marked(stage);
      expect(chosen).to.have.lengthOf(2);
      expect(await stage.scene.targetsOf(stage.targetGroupArn)).to.have.lengthOf(4);
      const ending = await round(stage, chosen);
      front.forgetFaults();
      front.meet(atFirst(fault, times));
      await look(ending);
      front.forgetFaults();
      await look(ending);
      await expectNoneForgotten(ending);
    });
  }

  it("marks anew, at the next look, what it couldn't take out in time", async () => {
    const stage = await scaleInStage();
    const { front, lambda, scene, targetGroupArn, tasks } = stage;
    front.meet("throttling", { action: "elasticloadbalancing:DeregisterTargets" });
    const invocation = await lambda.invoke(batchOf(alarmChange()));
    expect(invocation.leftMs).to.be.at.least(0);
    expect(await scene.targetsOf(targetGroupArn)).to.have.lengthOf(tasks.length);
    front.forgetFaults();
    front.forgetCalls();
    expect(failedIn(await lambda.invoke(batchOf(check())))).to.be.empty;
    expect(front.calls("ecs:TagResource")).to.have.lengthOf(2);
    expect(await scene.targetsOf(targetGroupArn)).to.have.lengthOf(tasks.length - 2);
    expect(await stopped(stage)).to.be.empty;
  });

  const lasting: Readonly<Record<string, FaultOfCall>> = {
    throttled: "throttling",
    "never answered": { kind: "silent" },
  };
  for (const [what, fault] of Object.entries(lasting)) {
    it(`fails in time, and the message comes back, where every call is ${what}`, async () => {
      const ending = await settledRound();
      const { front, clients, lambda, scene, chosen } = ending;
      await clients.sqs.sendMessage({ QueueUrl: scene.queueUrl, MessageBody: check() });
      front.meet(fault);
      const { invocation } = await deliver(clients, scene.queueUrl, lambda, SHORT_MS);
      expect(failedIn(invocation)).to.have.lengthOf(1);
      expect(invocation.leftMs).to.be.at.least(0);
      expect(await stopped(ending)).to.be.empty;
      front.forgetFaults();
      expect(failedIn((await deliver(clients, scene.queueUrl, lambda)).invocation)).to.be.empty;
      expect(await stopped(ending)).to.deep.equal(chosen);
    });
  }
});

describe("the end of a round, over a bad wire,", () => {
  onTheWire();

  it("counts no task that isn't stopped", async () => {
    const ending = await settledRound();
    const { front, tasks, chosen } = ending;
    const [first, second] = chosen;
    front.meet(({ action, input }) => (action === STOP && input.task === second!.arn ? "throttling" : undefined));
    const invocation = await look(ending);
    expect(await stopped(ending)).to.deep.equal([first]);
    expect(decisionsIn(invocation, "failed").map((record) => record.taskArn)).to.include(second!.arn);
    for (const { input } of front.calls(LOWER)) expect(input.desiredCount).to.equal(tasks.length - 1);
  });

  it("lowers nothing where no task is stopped", async () => {
    const ending = await settledRound();
    const { front } = ending;
    front.meet("throttling", { action: STOP });
    const invocation = await look(ending);
    expect(decisionsIn(invocation, "failed").map((record) => record.action)).to.deep.equal(["stop", "stop"]);
    expect(front.calls(LOWER)).to.be.empty;
  });

  it("leaves it to replacements where the count can't be lowered in time", async () => {
    const ending = await settledRound();
    const { front, tasks, chosen } = ending;
    front.meet("throttling", { action: LOWER });
    const invocation = await look(ending);
    expect(await stopped(ending)).to.deep.equal(chosen);
    expect(await desiredCount()).to.equal(tasks.length);
    expect(decisionsIn(invocation, "lower")).to.be.empty;
  });

  const slow: Readonly<Record<string, readonly [action: string, fault: FaultOfCall]>> = {
    "a stop is not answered": [STOP, { kind: "silent" }],
    "a stop is answered late": [STOP, { kind: "late", milliseconds: LATE_MS }],
    "the lowering is not answered": [LOWER, { kind: "silent" }],
    "the lowering is answered late": [LOWER, { kind: "late", milliseconds: LATE_MS }],
    "protection is not told again": ["ecs:GetTaskProtection", { kind: "silent" }],
  };
  for (const [what, [action, fault]] of Object.entries(slow)) {
    it(`does no harm where ${what}`, async () => {
      const ending = await settledRound();
      const { front } = ending;
      // What is read first is answered.
      let spared = action === STOP || action === LOWER ? 0 : 1;
      const meets = (call: Call): boolean => call.action === action && spared-- === 0;
      front.meet((call) => (meets(call) ? fault : undefined));
      await look(ending);
      expect(spared).to.be.lessThan(0);
      await look(ending);
      await expectNoneForgotten(ending);
    });
  }
});
