import { expect } from "chai";
import fc from "fast-check";
import { aimOf, MOST_AT_ONCE, planScaleIn } from "../../../functions/scaleIn/plan";
import type { ScaleInSettings } from "../../../functions/scaleIn/settings";
import type { ScaleInState } from "../../../functions/scaleIn/state";
import type { RetireAction } from "../../../functions/retire/plan";
import { balanced, service, stateOf, task, taskList, zonesApart } from "../retire/states";
import { NOW, SETTINGS } from "./fakeAws";

const state = (more: Partial<ScaleInState> = {}, count = 10): ScaleInState => ({
  ...stateOf(balanced(count)),
  alarms: { low: "ALARM", scaleOut: [{ name: "api-cpu-high", state: "OK" }] },
  bounds: { minCount: 1, isSuspended: false },
  load: 80,
  ...more,
});

const marksOf = (actions: readonly RetireAction[]): string[] =>
  actions.flatMap((action) => (action.kind === "mark" ? [action.taskArn] : []));

function plan(
  given: ScaleInState,
  more: Partial<ScaleInSettings> = {},
): { marks: string[]; blocked: string | undefined } {
  const { marks, blockedBecause } = planScaleIn(given, { ...SETTINGS, ...more }, NOW);
  return { marks: marksOf(marks), blocked: blockedBecause };
}

describe("scaling in", () => {
  it("takes as many as the lowest tier that holds says", () => {
    expect(plan(state({ load: 99 })).marks).to.have.lengthOf(2);
    expect(plan(state({ load: 49 })).marks).to.have.lengthOf(4);
    expect(plan(state({ load: 0 })).marks).to.have.lengthOf(4);
    expect(plan(state({ load: 100 })).blocked).to.equal("no tier holds: a load of 100");
  });

  it("reads tiers per task where they are so, whatever the metric counts", () => {
    const perTarget = [{ ...SETTINGS.loadMetrics[0]!, metricName: "RequestCountPerTarget" }];
    expect(plan(state({ load: 400 }), { tiersPer: "target" }).marks).to.have.lengthOf(4);
    expect(plan(state({ load: 40 }), { tiersPer: "target", loadMetrics: perTarget }).marks).to.have.lengthOf(4);
    expect(plan(state({ load: 4 }), { loadMetrics: perTarget }).marks).to.have.lengthOf(4);
    expect(plan(state({ load: 40 }), { loadMetrics: perTarget }).marks).to.be.empty;
  });

  it("tries others each minute among those at work, and the same in any look of that minute", () => {
    const working = ["0a", "1b", "2c", "3d"].map((id) => task(`task/${id.repeat(16)}`, { until: NOW + 3_600_000 }));
    const chosenAt = (now: number) =>
      marksOf(
        planScaleIn(
          { ...state(), ...stateOf(working) },
          { ...SETTINGS, mostSharePercent: 25, workPatienceSeconds: 35 },
          now,
        ).marks,
      );
    const minutes = Array.from({ length: 20 }, (_, minute) => chosenAt(NOW + minute * 60_000).join());
    expect(new Set(minutes)).to.have.lengthOf(working.length);
    expect(chosenAt(NOW)).to.deep.equal(chosenAt(NOW));
  });

  const gates: Readonly<Record<string, Partial<ScaleInState>>> = {
    "the low alarm is OK": { alarms: { low: "OK", scaleOut: [] } },
    "the low alarm is missing": { alarms: { low: undefined, scaleOut: [] } },
    "there is no alarm x, so scaling out could not be seen": {
      alarms: { low: "ALARM", scaleOut: [{ name: "x", state: undefined }] },
    },
    "scaling out: x": { alarms: { low: "ALARM", scaleOut: [{ name: "x", state: "ALARM" }] } },
    "the service is no scalable target": { bounds: undefined },
    "scaling in is suspended": { bounds: { minCount: 1, isSuspended: true } },
    "the load was not read": { load: undefined },
    "a deployment is in progress": { service: service(10, { isDeploying: true }) },
    "10 tasks run of 11 desired": { service: service(11) },
    "ECS has yet to stop 1 tasks": { service: service(9) },
    "10 tasks run and 1 start of 10 desired": { service: service(10, { pendingCount: 1 }) },
    "at the minimum": { bounds: { minCount: 10, isSuspended: false } },
    "every task is protected and patience is 0": {
      tasks: balanced(10).map((each) => ({ ...each, protectedUntil: NOW + 1 })),
    },
    "the targets of its tasks can't be told": { tasks: balanced(10).map((each) => ({ ...each, targets: undefined })) },
    "2 tasks are retiring already": {
      tasks: balanced(10).map((each, n) => ({ ...each, markedAt: n < 2 ? NOW : undefined })),
    },
  };
  for (const [reason, closed] of Object.entries(gates)) {
    it(`takes none where ${reason}`, () => {
      expect(plan(state(closed))).to.deep.equal({ marks: [], blocked: reason });
    });
  }

  it("takes none while an instance of the service is going", () => {
    const given = state();
    const instances = new Map(given.instances);
    const [first] = instances.values();
    instances.set(first!.arn, { ...first!, status: "DRAINING" });
    expect(plan({ ...given, instances }).blocked).to.equal("an instance of the service is going");
  });

  it("takes none while a task has just been made: more load may have made it, or the rebalance", () => {
    const made = (secondsAgo: number): ScaleInState => {
      const given = state();
      const [first, ...others] = given.tasks;
      return { ...given, tasks: [{ ...first!, createdAt: NOW - secondsAgo * 1000 }, ...others] };
    };
    expect(plan(made(119)).blocked).to.equal("tasks have just been started");
    expect(plan(made(120)).marks).to.have.lengthOf(2);
  });

  it("takes at most the share, and at least one", () => {
    expect(plan(state({ load: 0 }), { mostSharePercent: 30 }).marks).to.have.lengthOf(3);
    expect(plan(state({ load: 0 }), { mostSharePercent: 1 }).marks).to.have.lengthOf(1);
  });

  it("takes at most as many as can be tagged at once", () => {
    const many = { tiers: [{ below: 100, remove: 100 }] };
    expect(plan(state({}, 200), many).marks).to.have.lengthOf(MOST_AT_ONCE);
  });

  it("leaves as many tasks with healthy targets as the minimum", () => {
    const tasks = balanced(10).map((each, n) =>
      n < 7 ? { ...each, targets: [{ ...each.targets![0]!, health: "unhealthy" }] } : each,
    );
    expect(plan(state({ tasks, bounds: { minCount: 2, isSuspended: false } })).marks).to.have.lengthOf(1);
  });

  it("takes idle tasks first, and protected ones only with patience", () => {
    const tasks = balanced(10).map((each, n) => ({ ...each, protectedUntil: n === 4 ? 0 : NOW + 60_000 }));
    expect(plan(state({ tasks })).marks).to.deep.equal([tasks[4]!.arn]);
    expect(plan(state({ tasks }), { workPatienceSeconds: 60 }).marks)
      .to.include(tasks[4]!.arn)
      .and.have.lengthOf(2);
  });

  it("counts a task as working whose protection ECS doesn't tell", () => {
    const tasks = balanced(10).map((each) => ({ ...each, protectedUntil: undefined }));
    expect(plan(state({ tasks })).marks).to.be.empty;
  });

  it("empties one instance after the other, and ties go by ARN", () => {
    const tasks = [
      task("a", { instance: "full" }),
      task("b", { instance: "full" }),
      task("c", { instance: "full" }),
      task("d", { instance: "half" }),
      task("e", { instance: "half" }),
    ];
    const given = { ...state(), ...stateOf(tasks) };
    expect(plan(given).marks).to.deep.equal(["d", "e"]);
    expect(plan(given, { tiers: [{ below: 100, remove: 1 }] }).marks).to.deep.equal(["d"]);
  });

  it("doesn't empty an instance where zones would drift apart", () => {
    const tasks = [
      ...["a", "b", "c"].map((arn) => task(arn, { instance: "one", zone: "z1" })),
      ...["d", "e", "f"].map((arn) => task(arn, { instance: arn, zone: "z2" })),
    ];
    const given = { ...state({ load: 0 }), ...stateOf(tasks) };
    expect(plan(given).marks).to.deep.equal(["d", "a", "e"]);
  });

  it("aims at nothing while scaling out, and at no more when the low alarm is OK", () => {
    const by = "scale-in function";
    expect(aimOf(state())).to.deep.equal({ by, haltedBecause: undefined, isWanted: true, minCount: 1 });
    const out = { low: "OK", scaleOut: [{ name: "x", state: "ALARM" }] };
    expect(aimOf(state({ alarms: out }))).to.deep.equal({
      by,
      haltedBecause: "scaling out: x",
      isWanted: false,
      minCount: 1,
    });
  });
});

describe("every choice", () => {
  const given = fc.record({
    tasks: taskList,
    minCount: fc.integer({ min: 0, max: 12 }),
    load: fc.integer({ min: 0, max: 120 }),
    share: fc.integer({ min: 1, max: 100 }),
    patience: fc.constantFrom(0, 60),
  });
  const made = given.map(({ tasks, minCount, load, share, patience }) => {
    const settings = { ...SETTINGS, mostSharePercent: share, workPatienceSeconds: patience };
    return { settings, state: { ...state({ load, bounds: { minCount, isSuspended: false } }), ...stateOf(tasks) } };
  });
  const chosen = (of: { settings: ScaleInSettings; state: ScaleInState }): string[] =>
    marksOf(planScaleIn(of.state, of.settings, NOW).marks);

  it("is at most the tier and the share, together with what retires already, and leaves the minimum", () => {
    fc.assert(
      fc.property(made, (each) => {
        const marks = chosen(each);
        if (marks.length === 0) return;
        const { tasks, load, bounds } = each.state;
        const marked = tasks.filter((one) => one.markedAt !== undefined).length;
        const tier = load! < 50 ? 4 : 2;
        const share = Math.max(1, Math.floor((tasks.length * each.settings.mostSharePercent) / 100));
        expect(marked + marks.length).to.be.at.most(Math.min(tier, share));
        expect(tasks.length - marked - marks.length).to.be.at.least(bounds!.minCount);
      }),
    );
  });

  it("moves zones apart by at most one", () => {
    fc.assert(
      fc.property(made, (each) => {
        const marks = new Set(chosen(each));
        const before = each.state.tasks.filter((one) => one.markedAt === undefined);
        const after = before.filter((one) => !marks.has(one.arn));
        const zones = new Set(before.map((one) => one.zone));
        expect(zonesApart(after, zones)).to.be.at.most(zonesApart(before, zones) + 1);
      }),
    );
  });

  it("takes no working task without patience, and none while an idle one of its zone is left", () => {
    fc.assert(
      fc.property(made, (each) => {
        const marks = new Set(chosen(each));
        const unmarked = each.state.tasks.filter((one) => one.markedAt === undefined);
        const working = unmarked.filter((one) => marks.has(one.arn) && one.protectedUntil !== 0);
        if (each.settings.workPatienceSeconds === 0) expect(working).to.be.empty;
        for (const one of working) {
          const left = unmarked.filter((other) => other.zone === one.zone && !marks.has(other.arn));
          expect(left.filter((other) => other.protectedUntil === 0)).to.be.empty;
        }
      }),
    );
  });

  it("doesn't depend on the order in which AWS lists tasks", () => {
    fc.assert(
      fc.property(made, (each) => {
        const tasks = [...each.state.tasks].reverse();
        expect(chosen({ ...each, state: { ...each.state, tasks } })).to.deep.equal(chosen(each));
      }),
    );
  });

  it("is none once it has been made", () => {
    fc.assert(
      fc.property(made, (each) => {
        const marks = new Set(chosen(each));
        const tasks = each.state.tasks.map((one) => (marks.has(one.arn) ? { ...one, markedAt: NOW } : one));
        const again = chosen({ ...each, state: { ...each.state, tasks } });
        const wanted = each.state.load! < 50 ? 4 : 2;
        expect(marks.size + again.length).to.be.at.most(wanted);
        if (marks.size === wanted) expect(again).to.be.empty;
      }),
    );
  });
});
