import { expect } from "chai";
import fc from "fast-check";
import { handleScaleIn } from "../../../functions/scaleIn/handler";
import { MOST_AT_ONCE, planScaleIn, planUnplaced } from "../../../functions/scaleIn/plan";
import { readLoad } from "../../../functions/scaleIn/read";
import type { ScaleInSettings } from "../../../functions/scaleIn/settings";
import type { ScaleInState } from "../../../functions/scaleIn/state";
import type { TaskState } from "../../../functions/retire/state";
import { service, stateOf, task } from "../retire/states";
import { alarmChange, batchOf, check, FakeAws, MINUTE, NOW, S, SETTINGS, sweep, WORKERS } from "./fakeAws";

const workers = (more: Partial<ScaleInSettings> = {}): ScaleInSettings => ({ ...SETTINGS, ...WORKERS, ...more });

async function handle(aws: FakeAws, bodies: string[], more: Partial<ScaleInSettings> = {}): Promise<void> {
  const answer = await handleScaleIn(batchOf(...bodies), workers(more), aws.ports(), 25_000);
  expect(answer.batchItemFailures).to.be.empty;
}

/** The look five seconds later. */
async function look(aws: FakeAws): Promise<void> {
  const { outAt } = JSON.parse(aws.called("sendMessage").at(-1)!.MessageBody as string) as { outAt?: number };
  aws.now += 5 * S;
  await handle(aws, [check(aws.now + 75 * S, "api", outAt)]);
}

describe("the scale-in handler, of workers", () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = FakeAws.withWorkers(6);
  });

  it("stops all of them where there is no job, the last one too, within seconds and without asking a balancer", async () => {
    await handle(aws, [alarmChange()]);
    expect(aws.marked).to.have.lengthOf(6);
    await look(aws);
    expect([aws.service.desiredCount, aws.alive.length]).to.deep.equal([0, 0]);
    expect(aws.calls.map(({ command }) => command).filter((command) => /target/i.test(command))).to.deep.equal([
      "describeScalableTargets",
      "describeScalableTargets",
    ]);
  });

  it("keeps those with a job, and as many as there are messages", async () => {
    aws.loads = [[0, 1, 0], [3]];
    for (const each of aws.tasks.slice(0, 3)) each.protectedUntil = NOW + 60 * MINUTE;
    await handle(aws, [alarmChange()]);
    await look(aws);
    expect(aws.alive.slice(0, 3)).to.deep.equal(aws.tasks.slice(0, 3));
    expect([aws.service.desiredCount, aws.alive.length]).to.deep.equal([4, 4]);
  });

  it("lets one go at once that took a job after its mark, and stops the others", async () => {
    await handle(aws, [alarmChange()]);
    const [busy] = aws.marked;
    busy!.protectedUntil = NOW + 60 * MINUTE;
    await look(aws);
    expect([busy!.mark, aws.service.desiredCount]).to.deep.equal([undefined, 6]);
    await look(aws);
    expect(aws.alive).to.deep.equal([busy]);
  });

  it("reads last of all whether one has taken a job, and stops none then", async () => {
    await handle(aws, [alarmChange()]);
    const before = aws.calls.length;
    await look(aws);
    const commands = aws.calls.slice(before).map(({ command }) => command);
    expect(commands[commands.indexOf("stopTask") - 1]).to.equal("getTaskProtection");

    const other = FakeAws.withWorkers(2);
    await handle(other, [alarmChange()]);
    let reads = 0;
    other.beforeAnswer = async (command) => {
      if (command === "getTaskProtection" && ++reads === 2) other.tasks[0]!.protectedUntil = other.now + MINUTE;
    };
    await look(other);
    expect(other.called("stopTask")).to.be.empty;
  });

  it("stops none while messages wait that nobody counted yet: a scale-out alarm stands", async () => {
    aws.alarms.set("api-cpu-high", "ALARM");
    await handle(aws, [alarmChange()]);
    expect(aws.marked).to.be.empty;
    expect(aws.decisions("blocked")[0]).to.include({ reason: "scaling out: api-cpu-high" });
  });

  it("ends those that still wait for an instance and aren't needed, and leaves those that run", async () => {
    aws.loads = [[], [6]];
    for (const each of aws.tasks) each.protectedUntil = NOW + 60 * MINUTE;
    for (let n = 0; n < 3; n++) aws.run(aws.instances[0]!, "PROVISIONING");
    aws.service.desiredCount = 9;
    await handle(aws, [sweep()]);
    expect(aws.alive).to.deep.equal(aws.tasks.slice(0, 6));
    expect(aws.service.desiredCount).to.equal(6);
    expect(aws.metrics).to.include({ TasksRetired: 3, ScaleInBlocked: 0 });
  });
});

describe("the load", () => {
  const read = (aws: FakeAws): Promise<number> =>
    readLoad({ ports: aws.ports(), settings: workers(), deadline: NOW + MINUTE });

  it("is what all metrics come to, each at its highest of three minutes", async () => {
    const aws = FakeAws.withWorkers(1);
    aws.loads = [
      [1, 5],
      [2, 0, 1],
    ];
    expect(await read(aws)).to.equal(7);
    const [request] = aws.called("getMetricData");
    const queries = request!.MetricDataQueries as { MetricStat: { Metric: { MetricName: string } } }[];
    expect(queries.map(({ MetricStat }) => MetricStat.Metric.MetricName)).to.deep.equal([
      "ApproximateNumberOfMessagesVisible",
      "ApproximateNumberOfMessagesNotVisible",
    ]);
    expect(request).to.deep.include({ StartTime: new Date(NOW - 3 * MINUTE), EndTime: new Date(NOW) });
  });

  it("is none of a queue of which SQS tells nothing", async () => {
    expect(await read(FakeAws.withWorkers(1))).to.equal(0);
  });

  for (const [what, results] of Object.entries({
    "is missing": [{ Id: "load0", StatusCode: "Complete", Values: [1] }],
    "is incomplete": [
      { Id: "load0", StatusCode: "Complete", Values: [1] },
      { Id: "load1", StatusCode: "InternalError", Values: [] },
    ],
  })) {
    it(`isn't known where a metric ${what}`, async () => {
      const ports = FakeAws.withWorkers(1).ports();
      const cloudWatch = { ...ports.cloudWatch, getMetricData: async () => ({ MetricDataResults: results }) };
      const reading = { ports: { ...ports, cloudWatch }, settings: workers(), deadline: NOW };
      const refused = await readLoad(reading as unknown as Parameters<typeof readLoad>[0]).catch(String);
      expect(refused).to.match(/load not read/);
    });
  }
});

/** A worker; without an instance where it waits for one. */
function worker(n: number, { isBusy = false, isPlaced = true } = {}): TaskState {
  const made = task(`t${String(n).padStart(3, "0")}`, { zone: `z${n % 3}`, until: isBusy ? NOW + MINUTE : 0 });
  return isPlaced
    ? { ...made, targets: [] }
    : { ...made, targets: [], lastStatus: "PROVISIONING", instanceArn: undefined };
}

interface Made {
  readonly idle: number;
  readonly busy: number;
  readonly unplaced?: number;
  readonly load?: number;
  readonly minCount?: number;
}

function stateWith({ idle, busy, unplaced = 0, load = busy, minCount = 0 }: Made): ScaleInState {
  const running = Array.from({ length: idle + busy }, (_, n) => worker(n, { isBusy: n >= idle }));
  const waiting = Array.from({ length: unplaced }, (_, n) => worker(500 + n, { isPlaced: false }));
  const steady = stateOf([...running, ...waiting]);
  return {
    ...steady,
    service: service(running.length + unplaced, { runningCount: running.length, pendingCount: unplaced }),
    alarms: { low: "ALARM", scaleOut: [{ name: "mail-from-zero", state: "OK" }] },
    bounds: { minCount, isSuspended: false },
    load,
  };
}

const marksOf = (state: ScaleInState, more: Partial<ScaleInSettings> = {}): number =>
  planScaleIn(state, workers(more), NOW).marks.length;

describe("scaling in workers", () => {
  it("measures the messages of each task, and leaves it alone where each has as many as the tier says", () => {
    expect(marksOf(stateWith({ idle: 4, busy: 6 }))).to.equal(4);
    expect(marksOf(stateWith({ idle: 4, busy: 6 }), { tiers: [{ below: 0.5, remove: 16 }] })).to.equal(0);
    expect(planScaleIn(stateWith({ idle: 1, busy: 9, load: 10 }), workers(), NOW).blockedBecause).to.equal(
      "no tier holds: a load of 10",
    );
  });

  it("counts what waits as what tasks are kept for, and what one task works on at once", () => {
    expect(marksOf(stateWith({ idle: 10, busy: 0, load: 7 }))).to.equal(3);
    const several = { mostPerTask: 4, tiers: [{ below: 4, remove: 16 }] };
    expect(marksOf(stateWith({ idle: 10, busy: 0, load: 7 }), several)).to.equal(8);
  });

  it("says whether it is the minimum or the messages that keeps the rest", () => {
    const reason = (given: Made): string | undefined =>
      planScaleIn(stateWith(given), workers({ tiers: [{ below: 2, remove: 1 }] }), NOW).blockedBecause;
    expect(reason({ idle: 3, busy: 0, minCount: 3 })).to.equal("at the minimum");
    expect(reason({ idle: 3, busy: 0, minCount: 2, load: 3 })).to.equal("the load needs as many tasks");
  });

  it("takes no more at once than can be tagged, however many are idle", () => {
    expect(marksOf(stateWith({ idle: 50, busy: 0 }))).to.equal(MOST_AT_ONCE);
  });

  const many = fc.record({
    idle: fc.integer({ min: 0, max: 30 }),
    busy: fc.integer({ min: 0, max: 30 }),
    load: fc.integer({ min: 0, max: 60 }),
    minCount: fc.integer({ min: 0, max: 10 }),
  });
  const concurrency = fc.integer({ min: 1, max: 10 });

  it("leaves the minimum and everyone with a job, and no task with more messages than it works on at once", () => {
    fc.assert(
      fc.property(many, concurrency, (given, jobsAtOnce) => {
        const more = { mostPerTask: jobsAtOnce, tiers: [{ below: jobsAtOnce, remove: 16 }] };
        const marks = marksOf(stateWith(given), more);
        const left = given.idle + given.busy - marks;
        expect(marks).to.be.at.most(given.idle);
        if (marks === 0) return;
        expect(left).to.be.at.least(given.minCount);
        // More than that, and the backlog would scale out again: its bound is above what a task works on.
        expect(left * jobsAtOnce).to.be.at.least(given.load);
      }),
    );
  });

  it("comes to as few as the messages and the minimum need, round by round", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), fc.nat(10), (count, jobs, minCount) => {
        const busy = Math.min(jobs, count);
        let idle = count - busy;
        for (let round = 0; round < 10; round++) idle -= marksOf(stateWith({ idle, busy, load: busy, minCount }));
        expect(idle + busy).to.equal(Math.max(busy, Math.min(minCount, count)));
      }),
    );
  });
});

describe("workers that wait for an instance", () => {
  const planned = (state: ScaleInState, more: Partial<ScaleInSettings> = {}): string[] =>
    planUnplaced(state, workers(more)).map((action) =>
      action.kind === "lower" ? `${action.from} to ${action.to}` : action.kind,
    );

  it("are stopped where those that run are enough", () => {
    expect(planned(stateWith({ idle: 1, busy: 1, unplaced: 2 }))).to.deep.equal(["stop", "stop", "4 to 2"]);
  });

  it("are kept for messages that those that run have no hand for, and for the minimum", () => {
    expect(planned(stateWith({ idle: 0, busy: 2, unplaced: 2, load: 3 }))).to.deep.equal(["stop", "4 to 3"]);
    expect(planned(stateWith({ idle: 0, busy: 2, unplaced: 2, minCount: 4 }))).to.be.empty;
  });

  const blocks: Readonly<Record<string, Partial<ScaleInState>>> = {
    "the low alarm is OK": { alarms: { low: "OK", scaleOut: [] } },
    "scaling out": { alarms: { low: "ALARM", scaleOut: [{ name: "x", state: "ALARM" }] } },
    "scaling out can't be seen": { alarms: { low: "ALARM", scaleOut: [{ name: "x", state: undefined }] } },
    "the load wasn't read": { load: undefined },
    "there is no scalable target": { bounds: undefined },
    "scaling in is suspended": { bounds: { minCount: 0, isSuspended: true } },
    "a deployment is in progress": { service: service(4, { isDeploying: true }) },
    "ECS has yet to start or stop some": { service: service(5) },
  };
  for (const [what, more] of Object.entries(blocks)) {
    it(`are left alone where ${what}`, () => {
      expect(planned({ ...stateWith({ idle: 1, busy: 1, unplaced: 2 }), ...more })).to.be.empty;
    });
  }

  it("are left alone behind a balancer", () => {
    expect(planned(stateWith({ idle: 1, busy: 1, unplaced: 2 }), { mostPerTask: undefined })).to.be.empty;
  });
});
