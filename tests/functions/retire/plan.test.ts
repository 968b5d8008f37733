import { expect } from "chai";
import fc from "fast-check";
import { outSince, planCheck, planRetire, type Aim, type RetireAction } from "../../../functions/retire/plan";
import type { RetireState, TargetState, TaskState } from "../../../functions/retire/state";
import { NOW, S, SETTINGS } from "../scaleIn/fakeAws";
import { retiringList, service, stateOf, task } from "./states";

const AIM: Aim = { by: "test", haltedBecause: undefined, isWanted: true, minCount: 1 };
/** A mark that is old enough to have settled. */
const OLD = NOW - 20 * S;
const LONG = NOW + 3600 * S;
const out = { health: "draining" };

/** Actions in short: kind and task, or the counts. */
function brief(actions: readonly RetireAction[]): string[] {
  return actions.map((action) => {
    switch (action.kind) {
      case "mark":
      case "deregister":
      case "letGo":
        return `${action.kind} ${action.taskArn} ${action.targets.length}`;
      case "stop":
        return `stop ${action.taskArn}`;
      case "lower":
        return `lower ${action.from} to ${action.to}`;
      case "wait":
        return `wait: ${action.reason}`;
      case "check":
        return `check in ${action.delaySeconds}`;
      default:
        return action satisfies never;
    }
  });
}

const plan = (state: RetireState, aim: Partial<Aim> = {}, patience = 0): RetireAction[] =>
  planRetire(state, { ...AIM, ...aim }, { ...SETTINGS, workPatienceSeconds: patience }, NOW);

describe("retiring tasks", () => {
  it("has nothing to do where none is marked", () => {
    expect(plan(stateOf([task("a"), task("b", out)]))).to.be.empty;
  });

  it("waits until a task has been without its target for the settling time", () => {
    const young = stateOf([task("a", { ...out, markedAt: NOW - 12 * S }), task("b")]);
    expect(brief(plan(young))).to.deep.equal(["wait: 0 of 1 settled"]);
    const old = stateOf([task("a", { ...out, markedAt: NOW - 13 * S }), task("b")]);
    expect(brief(plan(old))).to.deep.equal(["stop a", "lower 2 to 1"]);
  });

  it("waits for the slowest of a round", () => {
    const tasks = [task("a", { ...out, markedAt: OLD }), task("b", { ...out, markedAt: NOW }), task("c")];
    expect(brief(plan(stateOf(tasks)))).to.deep.equal(["wait: 1 of 2 settled"]);
  });

  it("doesn't wait for a task that works, while patience lasts", () => {
    const tasks = [task("a", { ...out, markedAt: OLD }), task("b", { ...out, markedAt: OLD, until: LONG }), task("c")];
    expect(brief(plan(stateOf(tasks), {}, 60))).to.deep.equal(["stop a", "lower 3 to 2"]);
    expect(brief(plan(stateOf(tasks), {}, 20))).to.deep.equal(["letGo b 1"]);
  });

  it("doesn't count a task as settled where ECS doesn't tell whether it is protected", () => {
    const unknown = task("a", { ...out, markedAt: OLD, until: undefined });
    expect(brief(plan(stateOf([unknown, task("b")])))).to.deep.equal(["wait: 0 of 1 settled"]);
  });

  it("says who stops a task, and why", () => {
    const [stop] = plan(stateOf([task("a", { ...out, markedAt: OLD }), task("b")]));
    expect(stop).to.deep.equal({ kind: "stop", taskArn: "a", reason: "test: it has no work and gets none" });
  });

  it("takes out again what ECS registered again, and goes on: it has passed no health check", () => {
    const tasks = [task("a", { health: "initial", markedAt: OLD }), task("b")];
    expect(brief(plan(stateOf(tasks)))).to.deep.equal(["deregister a 1", "stop a", "lower 2 to 1"]);
  });

  it("leaves to another look what ECS registered again, where it can't tell since when, unless the task works", () => {
    const registered = { health: "initial", markedAt: OLD };
    for (const outAt of [undefined, NOW - 10 * S]) {
      const idle = { ...stateOf([task("a", registered), task("b")]), outAt };
      expect(brief(plan(idle)), String(outAt)).to.deep.equal(["wait: 0 of 1 settled"]);
      const working = { ...stateOf([task("a", { ...registered, until: LONG }), task("b")]), outAt };
      expect(brief(plan(working, {}, 60)), String(outAt)).to.include("deregister a 1");
    }
  });

  it("marks a task anew that may have got requests since its mark", () => {
    for (const health of ["healthy", "unhealthy", "unavailable"]) {
      const tasks = [task("a", { health, markedAt: OLD }), task("b")];
      expect(brief(plan(stateOf(tasks))), health).to.deep.equal(["mark a 1"]);
    }
  });

  it("lets a task go that could not be retired in time", () => {
    const state = stateOf([task("a", { ...out, markedAt: NOW - 133 * S }), task("b")], { pendingCount: 1 });
    expect(brief(plan(state))).to.deep.equal(["letGo a 1"]);
    expect(brief(plan(state, {}, 600))[0]).to.match(/^wait/);
  });

  it("registers what is not registered, and nothing else, when it lets go", () => {
    const halted = { haltedBecause: "scaling out" };
    const expected: Readonly<Record<string, number>> = {
      draining: 1,
      "unhealthy.draining": 1,
      initial: 0,
      healthy: 0,
      unused: 0,
    };
    for (const [health, count] of Object.entries(expected)) {
      const actions = plan(stateOf([task("a", { health, markedAt: NOW }), task("b")]), halted);
      expect(brief(actions), health).to.deep.equal([`letGo a ${count}`]);
    }
    expect(brief(plan(stateOf([task("a", { health: undefined, markedAt: NOW }), task("b")]), halted))).to.deep.equal([
      "letGo a 1",
    ]);
  });

  it("holds to what is settled where no more is to retire", () => {
    const tasks = [task("a", { ...out, markedAt: OLD }), task("b", { ...out, markedAt: NOW }), task("c")];
    expect(brief(plan(stateOf(tasks), { isWanted: false }))).to.deep.equal(["letGo b 1"]);
    const serving = [task("a", { health: "healthy", markedAt: OLD }), task("c")];
    expect(brief(plan(stateOf(serving), { isWanted: false }))).to.deep.equal(["letGo a 0"]);
  });

  it("lets go of what would fall below the minimum, or of all where nothing says what it is", () => {
    const tasks = [task("a", { ...out, markedAt: OLD }), task("b", { ...out, markedAt: OLD }), task("c")];
    expect(brief(plan(stateOf(tasks), { minCount: 2 }))).to.deep.equal(["letGo b 1"]);
    expect(brief(plan(stateOf(tasks), { minCount: undefined }))).to.deep.equal(["letGo a 1", "letGo b 1"]);
  });

  it("keeps what ECS has yet to stop, and lowers no further", () => {
    const tasks = [task("a", { ...out, markedAt: NOW - 900 * S }), task("b")];
    const owed = { ...stateOf(tasks), service: service(1, { runningCount: 2 }) };
    const expected = ["wait: ECS has yet to stop 1 tasks"];
    expect(brief(plan(owed))).to.deep.equal(expected);
    expect(brief(plan(owed, { haltedBecause: "scaling out" }))).to.deep.equal(expected);
  });
});

describe("looking again", () => {
  const check = (state: RetireState, until: number, isWanted: boolean, actions: RetireAction[] = []): string[] =>
    brief(planCheck(state, actions, { until, isWanted, outAt: undefined }, SETTINGS, NOW));
  const marked = stateOf([task("a", { markedAt: NOW }), task("b")]);

  it("goes on while there are marks, and until the schedule has begun another chain", () => {
    expect(check(marked, NOW + 1, true)).to.deep.equal(["check in 5"]);
    expect(check(marked, NOW, true)).to.be.empty;
    expect(check(marked, NOW, false)).to.deep.equal(["check in 5"]);
    expect(check(stateOf([task("b")]), NOW + 1, true)).to.be.empty;
  });

  it("begins with the first marks", () => {
    const mark: RetireAction = { kind: "mark", taskArn: "b", targets: [], again: false, reason: "" };
    expect(check(stateOf([task("b")]), NOW + 1, true, [mark])).to.deep.equal(["check in 5"]);
  });
});

describe("since when targets are out", () => {
  const since = (state: RetireState, failed: readonly RetireAction[] = [], now = NOW): number | undefined =>
    outSince(state, failed, SETTINGS, { plannedAt: NOW, now });
  const waiting = { health: "initial", markedAt: OLD };

  it("is since the look, less what its reads may lag behind", () => {
    expect(since(stateOf([task("a", { ...out, markedAt: OLD }), task("b")]))).to.equal(NOW - 2 * S);
    expect(since(stateOf([task("a", waiting), task("b")]))).to.equal(NOW - 2 * S);
  });

  it("can't be said where one could not be taken out, or so late that it may have passed a check before", () => {
    const state = stateOf([task("a", waiting), task("b")]);
    const deregister: RetireAction = { kind: "deregister", taskArn: "a", targets: [], reason: "" };
    expect(since(state, [deregister])).to.equal(undefined);
    expect(since(state, [{ ...deregister, kind: "mark", again: true }])).to.equal(undefined);
    expect(since(state, [], NOW + 3 * S)).to.equal(undefined);
    expect(since({ ...state, outAt: undefined })).to.equal(undefined);
    expect(since({ ...stateOf([task("a", { ...waiting, until: LONG })]), outAt: undefined })).to.equal(NOW - 2 * S);
  });
});

/** The state once AWS has done what was planned. */
function after(state: RetireState, actions: readonly RetireAction[]): RetireState {
  const of = (kind: string, arn: string): boolean =>
    actions.some((action) => action.kind === kind && "taskArn" in action && action.taskArn === arn);
  const lower = actions.find((action) => action.kind === "lower");
  const moved = (each: TaskState): TaskState => {
    const health = (target: TargetState): string | undefined => {
      if (of("mark", each.arn) || of("deregister", each.arn)) return "draining";
      const isBack = actions.some((action) => action.kind === "letGo" && action.targets.includes(target));
      return isBack ? "initial" : target.health;
    };
    return {
      ...each,
      targets: each.targets?.map((target) => ({ ...target, health: health(target) })),
      markedAt: of("letGo", each.arn) ? undefined : of("mark", each.arn) ? NOW : each.markedAt,
    };
  };
  const tasks = state.tasks.filter((each) => !of("stop", each.arn)).map(moved);
  const count = lower?.to ?? state.service.desiredCount;
  return { ...state, tasks, service: { ...state.service, desiredCount: count, runningCount: count } };
}

describe("every retirement", () => {
  const scene = fc.record({
    tasks: retiringList,
    desiredMore: fc.constantFrom(0, 0, 0, 0, -1, 1),
    isDeploying: fc.constantFrom(false, false, false, true),
    aim: fc.record({
      by: fc.constant("test"),
      haltedBecause: fc.constantFrom(undefined, undefined, undefined, "scaling out"),
      isWanted: fc.boolean(),
      minCount: fc.constantFrom(0, 1, 3, undefined),
    }),
    patience: fc.constantFrom(0, 30, 600),
  });
  const made = scene.map(({ tasks, desiredMore, isDeploying, aim, patience }) => {
    const state = stateOf(tasks);
    const desiredCount = Math.max(0, tasks.length + desiredMore);
    return { state: { ...state, service: { ...state.service, desiredCount, isDeploying } }, aim, patience };
  });
  const planned = ({ state, aim, patience }: { state: RetireState; aim: Aim; patience: number }): RetireAction[] =>
    plan(state, aim, patience);
  const settledOf = (state: RetireState): TaskState[] =>
    state.tasks.filter(
      ({ markedAt, protectedUntil, targets }) =>
        markedAt !== undefined &&
        markedAt <= NOW - 13 * S &&
        protectedUntil !== undefined &&
        protectedUntil <= NOW &&
        targets!.every(({ health }) => !["healthy", "unhealthy"].includes(health ?? "")),
    );
  const RUNS = { numRuns: 1000 };

  const stoppedBy = (actions: readonly RetireAction[]): string[] =>
    actions.flatMap((action) => (action.kind === "stop" ? [action.taskArn] : []));

  it("stops exactly what has settled, all of it unprotected, and lowers by as many, never below the minimum", () => {
    fc.assert(
      fc.property(made, (each) => {
        const actions = planned(each);
        const stopped = stoppedBy(actions);
        const lowerings = actions.filter((action) => action.kind === "lower");
        expect(lowerings).to.have.lengthOf(stopped.length > 0 ? 1 : 0);
        for (const { from, to } of lowerings) {
          expect(stopped).to.have.members(settledOf(each.state).map((one) => one.arn));
          expect(from).to.equal(each.state.service.desiredCount);
          expect(to).to.equal(from - stopped.length);
          expect(to).to.be.at.least(each.aim.minCount ?? Infinity);
        }
      }),
      RUNS,
    );
  });

  it("stops only when the service is steady and every marked task has settled or works", () => {
    fc.assert(
      fc.property(made, (each) => {
        if (stoppedBy(planned(each)).length === 0) return;
        const { service: has, tasks } = each.state;
        expect([has.runningCount, tasks.length, has.isDeploying]).to.deep.equal([
          has.desiredCount,
          has.desiredCount,
          false,
        ]);
        const settled = new Set(settledOf(each.state));
        const others = tasks.filter((one) => one.markedAt !== undefined && !settled.has(one));
        for (const one of others) expect(one.protectedUntil).to.be.greaterThan(NOW);
      }),
      RUNS,
    );
  });

  it("lets go of a task as it was: registered, untagged", () => {
    fc.assert(
      fc.property(made, (each) => {
        const actions = planned(each);
        const later = after(each.state, actions);
        for (const action of actions) {
          if (action.kind !== "letGo") continue;
          const one = later.tasks.find(({ arn }) => arn === action.taskArn)!;
          expect(one.markedAt).to.equal(undefined);
          for (const { health } of one.targets!) expect(health).to.not.be.oneOf(["draining", undefined]);
        }
      }),
      RUNS,
    );
  });

  it("is the same when it is planned twice, and comes to an end when it is carried out", () => {
    fc.assert(
      fc.property(made, (each) => {
        const actions = planned(each);
        expect(planned(each)).to.deep.equal(actions);
        let state = each.state;
        for (let step = 0; step < 5; step++) state = after(state, planned({ ...each, state }));
        const left = planned({ ...each, state });
        expect(
          left.every((action) => action.kind === "wait"),
          JSON.stringify(left),
        ).to.equal(true);
      }),
      RUNS,
    );
  });

  it("touches no task that isn't marked", () => {
    fc.assert(
      fc.property(made, (each) => {
        const marked = new Set(each.state.tasks.filter((one) => one.markedAt !== undefined).map((one) => one.arn));
        for (const action of planned(each)) {
          if ("taskArn" in action) expect(marked.has(action.taskArn)).to.equal(true);
        }
      }),
      RUNS,
    );
  });
});
