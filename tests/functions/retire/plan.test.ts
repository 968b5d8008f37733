import { expect } from "chai";
import fc from "fast-check";
import { planCheck, planRetire, type Aim, type RetireAction } from "../../../functions/retire/plan";
import type { RetireState, TargetState, TaskState } from "../../../functions/retire/state";
import { NOW, S, SETTINGS } from "../scaleIn/fakeAws";
import { retiringList, service, stateOf, task } from "./states";

const AIM: Aim = { haltedBecause: undefined, isWanted: true, minCount: 1 };
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
      case "protect":
        return `protect ${action.taskArn}`;
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
    expect(brief(plan(old))).to.deep.equal(["protect b"]);
  });

  it("waits for the slowest of a round", () => {
    const tasks = [task("a", { ...out, markedAt: OLD }), task("b", { ...out, markedAt: NOW }), task("c")];
    expect(brief(plan(stateOf(tasks)))).to.deep.equal(["wait: 1 of 2 settled"]);
  });

  it("doesn't wait for a task that works, while patience lasts", () => {
    const tasks = [task("a", { ...out, markedAt: OLD }), task("b", { ...out, markedAt: OLD, until: LONG }), task("c")];
    expect(brief(plan(stateOf(tasks), {}, 60))).to.deep.equal(["protect c"]);
    expect(brief(plan(stateOf(tasks), {}, 20))).to.deep.equal(["letGo b 1"]);
  });

  it("protects the survivors that are not protected for long, and lowers once all are for a minute", () => {
    const settled = task("a", { ...out, markedAt: OLD });
    const survivors = [
      task("b", { until: NOW + 59 * S }),
      task("c", { until: NOW + 239 * S }),
      task("d", { until: NOW + 240 * S }),
    ];
    expect(brief(plan(stateOf([settled, ...survivors])))).to.deep.equal(["protect b", "protect c"]);
    const ready = [settled, task("b", { until: NOW + 60 * S }), ...survivors.slice(1)];
    expect(brief(plan(stateOf(ready)))).to.deep.equal(["lower 4 to 3"]);
  });

  it("counts a survivor as unprotected, and a marked task as unsettled, where ECS doesn't tell", () => {
    const settled = task("a", { ...out, markedAt: OLD });
    expect(brief(plan(stateOf([settled, task("b", { until: undefined })])))).to.deep.equal(["protect b"]);
    const unknown = task("a", { ...out, markedAt: OLD, until: undefined });
    expect(brief(plan(stateOf([unknown, task("b", { until: LONG })])))).to.deep.equal(["wait: 0 of 1 settled"]);
  });

  it("takes out again what ECS registered again, and goes on: it has passed no health check", () => {
    const tasks = [task("a", { health: "initial", markedAt: OLD }), task("b", { until: LONG })];
    expect(brief(plan(stateOf(tasks)))).to.deep.equal(["deregister a 1", "lower 2 to 1"]);
  });

  it("marks a task anew that may have got requests since its mark", () => {
    for (const health of ["healthy", "unhealthy", "unavailable"]) {
      const tasks = [task("a", { health, markedAt: OLD }), task("b", { until: LONG })];
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
    const tasks = [
      task("a", { ...out, markedAt: OLD }),
      task("b", { ...out, markedAt: OLD }),
      task("c", { until: LONG }),
    ];
    expect(brief(plan(stateOf(tasks), { minCount: 2 }))).to.deep.equal(["letGo b 1"]);
    expect(brief(plan(stateOf(tasks), { minCount: undefined }))).to.deep.equal(["letGo a 1", "letGo b 1"]);
  });

  it("keeps what ECS has yet to stop, and the others protected", () => {
    const tasks = [task("a", { ...out, markedAt: NOW - 900 * S }), task("b", { until: NOW + 30 * S })];
    const owed = { ...stateOf(tasks), service: service(1, { runningCount: 2 }) };
    const expected = ["protect b", "wait: ECS has yet to stop 1 tasks"];
    expect(brief(plan(owed))).to.deep.equal(expected);
    expect(brief(plan(owed, { haltedBecause: "scaling out" }))).to.deep.equal(expected);
  });
});

describe("looking again", () => {
  const check = (state: RetireState, until: number, isWanted: boolean, actions: RetireAction[] = []): string[] =>
    brief(planCheck(state, actions, { until, isWanted }, SETTINGS, NOW));
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

/** The state once AWS has done what was planned. */
function after(state: RetireState, actions: readonly RetireAction[]): RetireState {
  const of = (kind: string, arn: string): boolean =>
    actions.some((action) => action.kind === kind && "taskArn" in action && action.taskArn === arn);
  const lower = actions.find((action) => action.kind === "lower");
  const gone = new Set(lower?.taskArns);
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
      protectedUntil: of("protect", each.arn) ? NOW + 300 * S : each.protectedUntil,
    };
  };
  const tasks = state.tasks.filter((each) => !gone.has(each.arn)).map(moved);
  const count = lower?.to ?? state.service.desiredCount;
  return { ...state, tasks, service: { ...state.service, desiredCount: count, runningCount: count } };
}

describe("every retirement", () => {
  const scene = fc.record({
    tasks: retiringList,
    desiredMore: fc.constantFrom(0, 0, 0, 0, -1, 1),
    isDeploying: fc.constantFrom(false, false, false, true),
    aim: fc.record({
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

  it("lowers by exactly what has settled, all of it unprotected, and never below the minimum", () => {
    fc.assert(
      fc.property(made, (each) => {
        for (const action of planned(each)) {
          if (action.kind !== "lower") continue;
          expect(action.taskArns).to.have.members(settledOf(each.state).map((one) => one.arn));
          expect(action.from).to.equal(each.state.service.desiredCount);
          expect(action.to).to.equal(action.from - action.taskArns.length);
          expect(action.to).to.be.at.least(each.aim.minCount ?? Infinity);
        }
      }),
      RUNS,
    );
  });

  it("lowers only when every survivor is protected and every marked task has settled or works", () => {
    fc.assert(
      fc.property(made, (each) => {
        if (!planned(each).some((action) => action.kind === "lower")) return;
        const settled = new Set(settledOf(each.state));
        for (const one of each.state.tasks) {
          if (one.markedAt === undefined) expect(one.protectedUntil).to.be.at.least(NOW + 60 * S);
          else if (!settled.has(one)) expect(one.protectedUntil).to.be.greaterThan(NOW);
        }
      }),
      RUNS,
    );
  });

  it("shortens no protection", () => {
    fc.assert(
      fc.property(made, (each) => {
        for (const action of planned(each)) {
          if (action.kind !== "protect") continue;
          const one = each.state.tasks.find(({ arn }) => arn === action.taskArn)!;
          expect(one.markedAt).to.equal(undefined);
          expect(one.protectedUntil ?? 0).to.be.lessThan(NOW + 300 * S);
        }
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

  it("touches no task that isn't marked, but to protect it", () => {
    fc.assert(
      fc.property(made, (each) => {
        const marked = new Set(each.state.tasks.filter((one) => one.markedAt !== undefined).map((one) => one.arn));
        for (const action of planned(each)) {
          if ("taskArn" in action && action.kind !== "protect") expect(marked.has(action.taskArn)).to.equal(true);
        }
      }),
      RUNS,
    );
  });
});
