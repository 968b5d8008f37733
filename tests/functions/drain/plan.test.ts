import { expect } from "chai";
import fc from "fast-check";
import { plan, planNotice, planSweep, type Action } from "../../../functions/drain/plan";
import type { ClusterState, GoingInstance, TargetState, TaskState } from "../../../functions/drain/state";
import { arnOf, NOW, SETTINGS } from "./fakeAws";

const S = 1000;
/** The notice's instant, when every instance below was noticed unless its test says otherwise. */
const END = NOW + 120 * S;
/** The last moment at which a task gets its 60 s stop timeout, with 5 s to spare. */
const LAST_STOP = NOW + 55 * S;
/** The last moment for a task that serves on because nothing else does. */
const LAST_STAND = NOW + 105 * S;
/** Past the detection time, when notices of the same moment have been acted on. */
const CONFIRMED = NOW + 5 * S;

const going = (instanceId: string, more: Partial<GoingInstance> = {}): GoingInstance => ({
  instanceId,
  containerInstanceArn: arnOf(instanceId),
  deadline: END,
  draining: true,
  lifecycleState: undefined,
  tasks: [],
  ...more,
});

const task = (
  arn: string,
  serviceName: string | undefined,
  port?: number,
  more: Partial<TaskState> = {},
): TaskState => ({
  arn,
  serviceName,
  lastStatus: "RUNNING",
  desiredStatus: "RUNNING",
  hostPorts: port === undefined ? [] : [port],
  ...more,
});

const target = (instanceId: string, port: number, health = "healthy", targetGroupArn = "web"): TargetState => ({
  targetGroupArn,
  instanceId,
  port,
  health,
});

const web = { name: "web", schedulingStrategy: "REPLICA", targetGroupArns: ["web"] } as const;
const worker = { name: "worker", schedulingStrategy: "REPLICA", targetGroupArns: [] } as const;
const logs = { name: "logs", schedulingStrategy: "DAEMON", targetGroupArns: [] } as const;

const cluster = (more: Partial<ClusterState>): ClusterState => ({
  going: [],
  otherDraining: [],
  services: [web, worker, logs],
  targets: [],
  unreadTargetGroupArns: [],
  ...more,
});

/** Actions in short: kind, object, and seconds where there are some. */
function brief(actions: readonly Action[]): string[] {
  return actions.map((action) => {
    const { kind, instanceId } = action;
    if (kind === "stop") return `stop ${action.taskArn}`;
    if (kind === "checkAgain") return `check ${instanceId} in ${action.delaySeconds}`;
    if (kind === "deregister" || kind === "keep") return `${kind} ${instanceId}:${action.port}`;
    return `${kind} ${instanceId}`;
  });
}

interface Case {
  readonly it: string;
  readonly state: Partial<ClusterState>;
  readonly now?: number;
  readonly expected: readonly string[];
}

const oneTask = going("a", { tasks: [task("t", "web", 80)] });
const elsewhere = [target("x", 80), target("y", 80)];

const CASES: readonly Case[] = [
  {
    it: "deregisters a target at once where several others serve, and looks again",
    state: { going: [oneTask], targets: [target("a", 80), ...elsewhere] },
    expected: ["deregister a:80", "check a in 5"],
  },
  {
    it: "keeps every target where nothing else serves, since one alone would be overloaded",
    state: {
      going: [going("a", { tasks: [task("t", "web", 80), task("u", "web", 81)] })],
      targets: [target("a", 80), target("a", 81)],
    },
    expected: ["keep a:80", "keep a:81", "check a in 5"],
  },
  {
    it: "keeps one target during the detection time beside a single other instance, whose own notice may be on the way",
    state: { going: [oneTask], targets: [target("a", 80), target("x", 80), target("x", 81)] },
    now: NOW + 1500,
    expected: ["keep a:80", "check a in 4"],
  },
  {
    it: "deregisters it once the detection time is over",
    state: { going: [oneTask], targets: [target("a", 80), target("x", 80)] },
    now: CONFIRMED,
    expected: ["deregister a:80", "check a in 5"],
  },
  {
    it: "doesn't count the targets of other DRAINING instances as remaining",
    state: { going: [oneTask], otherDraining: ["x", "y"], targets: [target("a", 80), ...elsewhere] },
    now: CONFIRMED,
    expected: ["keep a:80", "check a in 5"],
  },
  {
    it: "doesn't count targets that aren't healthy as remaining",
    state: { going: [oneTask], targets: [target("a", 80), target("x", 80, "initial"), target("y", 80, "unhealthy")] },
    now: CONFIRMED,
    expected: ["keep a:80", "check a in 5"],
  },
  {
    it: "keeps the targets of two doomed instances, until each has to stop",
    state: {
      going: [
        going("b", { deadline: END - S, tasks: [task("u", "web", 80)] }),
        going("a", { tasks: [task("t", "web", 80)] }),
      ],
      targets: [target("b", 80), target("a", 80)],
    },
    now: CONFIRMED,
    expected: ["keep b:80", "check b in 5", "keep a:80", "check a in 5"],
  },
  {
    it: "hands over from an instance whose last moment has come to one that has time",
    state: {
      going: [
        going("a", { tasks: [task("t", "web", 80)] }),
        going("b", { deadline: END + 20 * S, tasks: [task("u", "web", 80)] }),
      ],
      targets: [target("a", 80), target("b", 80)],
    },
    now: LAST_STAND,
    expected: ["deregister a:80", "stop t", "check a in 5", "keep b:80", "check b in 5"],
  },
  {
    it: "deregisters a target that ECS registered again",
    state: { going: [oneTask], targets: [target("a", 80, "initial"), ...elsewhere] },
    expected: ["deregister a:80", "check a in 5"],
  },
  {
    it: "leaves a draining target alone and waits for it",
    state: { going: [oneTask], targets: [target("a", 80, "draining"), ...elsewhere] },
    expected: ["check a in 5"],
  },
  {
    it: "stops a task whose target is drained",
    state: { going: [oneTask], targets: [target("a", 80, "unused"), ...elsewhere] },
    expected: ["stop t", "check a in 5"],
  },
  {
    it: "stops a task whose target is gone from the balancer",
    state: { going: [oneTask], targets: elsewhere },
    expected: ["stop t", "check a in 5"],
  },
  {
    it: "waits until a task's last target is drained where it has several",
    state: {
      services: [{ ...web, targetGroupArns: ["web", "inside"] }],
      going: [oneTask],
      targets: [target("a", 80, "unused"), target("a", 80, "draining", "inside"), ...elsewhere],
    },
    expected: ["check a in 5"],
  },
  {
    it: "stops a worker at once: its stop timeout is its time to finish",
    state: { going: [going("a", { tasks: [task("w", "worker"), task("job", undefined)] })] },
    expected: ["stop w", "stop job", "check a in 5"],
  },
  {
    it: "stops a task that has not started at once",
    state: { going: [going("a", { tasks: [task("t", "web", undefined, { lastStatus: "PENDING" })] })] },
    expected: ["stop t", "check a in 5"],
  },
  {
    it: "leaves a task of a service that it doesn't know until the stop deadline",
    state: { going: [going("a", { tasks: [task("t", "new", 80)] })] },
    expected: ["check a in 5"],
  },
  {
    it: "leaves a task whose targets have addresses of their own to ECS until the stop deadline",
    state: { going: [going("a", { tasks: [task("t", "web")] })] },
    expected: ["check a in 5"],
  },
  {
    it: "stops no task whose target group it could not read, until the stop deadline",
    state: { going: [oneTask], unreadTargetGroupArns: ["web"] },
    expected: ["check a in 5"],
  },
  {
    it: "leaves a DAEMON task until the stop deadline",
    state: { going: [going("a", { tasks: [task("d", "logs")] })] },
    expected: ["check a in 5"],
  },
  {
    it: "stops every active task at the stop deadline, DAEMON tasks last, and deregisters what was kept",
    state: {
      going: [going("a", { tasks: [task("d", "logs"), task("t", "web", 80), task("v", "new", 81)] })],
      targets: [target("a", 80), ...elsewhere],
    },
    now: LAST_STOP,
    expected: ["deregister a:80", "stop t", "stop v", "stop d", "check a in 5"],
  },
  {
    it: "lets a task serve on past its stop deadline where nothing else does, and no other",
    state: {
      going: [going("a", { tasks: [task("d", "logs"), task("t", "web", 80), task("v", "new", 81)] })],
      targets: [target("a", 80)],
    },
    now: LAST_STOP,
    expected: ["keep a:80", "stop v", "stop d", "check a in 5"],
  },
  {
    it: "stops it 15 s before the end, whether or not something else serves",
    state: { going: [oneTask], targets: [target("a", 80)] },
    now: LAST_STAND,
    expected: ["deregister a:80", "stop t", "check a in 5"],
  },
  {
    it: "takes it out first and stops it at the next look where another serves in the meantime",
    state: { going: [oneTask], targets: [target("a", 80), ...elsewhere] },
    now: LAST_STOP + 20 * S,
    expected: ["deregister a:80", "check a in 5"],
  },
  {
    it: "stops it then",
    state: { going: [oneTask], targets: [target("a", 80, "draining"), ...elsewhere] },
    now: LAST_STOP + 25 * S,
    expected: ["stop t", "check a in 5"],
  },
  {
    it: "looks again in time for the stop deadline where it comes before the next interval",
    state: { going: [oneTask], targets: [target("a", 80)] },
    now: LAST_STOP - 1200,
    expected: ["keep a:80", "check a in 2"],
  },
  {
    it: "leaves tasks alone that are stopping or have stopped, and ends with them",
    state: {
      going: [
        going("a", {
          tasks: [task("t", "web", 80, { desiredStatus: "STOPPED" }), task("u", "web", 81, { lastStatus: "STOPPED" })],
        }),
      ],
      targets: [target("a", 80, "draining"), ...elsewhere],
    },
    expected: [],
  },
  {
    it: "looks again at an instance that was not DRAINING yet, since it may get tasks",
    state: { going: [going("a", { draining: false })] },
    expected: ["check a in 5"],
  },
  {
    it: "looks again at an instance that has not joined the cluster",
    state: { going: [going("a", { draining: false, containerInstanceArn: undefined, lifecycleState: "InService" })] },
    expected: ["check a in 5"],
  },
  {
    it: "looks again at an instance that is Pending and can't be detached yet",
    state: { going: [going("a", { lifecycleState: "Pending:Wait" })] },
    expected: ["check a in 5"],
  },
  {
    it: "looks no more when the instance would be gone by then",
    state: { going: [going("a", { tasks: [task("t", "web", 80)] })] },
    now: END - 4 * S,
    expected: ["stop t"],
  },
];

describe("the drain plan", () => {
  for (const { it: title, state, now = NOW, expected } of CASES) {
    it(title, () => expect(brief(plan(cluster(state), SETTINGS, now))).to.deep.equal(expected));
  }

  it("gives a reason for every action", () => {
    for (const { state, now = NOW } of CASES) {
      for (const { reason } of plan(cluster(state), SETTINGS, now)) expect(reason).to.be.a("string").that.is.not.empty;
    }
  });
});

describe("the plan at a notice", () => {
  const noticed = (more: Partial<GoingInstance>): string[] =>
    brief(planNotice([going("a", { draining: false, ...more })], SETTINGS));

  it("drains the container instance and detaches it from the group", () => {
    expect(noticed({ lifecycleState: "InService" })).to.deep.equal(["drain a", "detach a"]);
  });
  it("leaves a container instance alone that is DRAINING already", () => {
    expect(noticed({ draining: true, lifecycleState: "InService" })).to.deep.equal(["detach a"]);
  });
  it("detaches an instance that boots, so that its replacement starts now", () => {
    expect(noticed({ containerInstanceArn: undefined, lifecycleState: "InService" })).to.deep.equal(["detach a"]);
  });
  it("doesn't detach what the group refuses to: Pending, ending, or not its own", () => {
    for (const lifecycleState of ["Pending", "Pending:Wait", "Terminating:Wait", "Detaching", undefined]) {
      expect(noticed({ lifecycleState }), lifecycleState).to.deep.equal(["drain a"]);
    }
  });
  it("tries to detach an instance of the cluster whose lifecycle state could not be read", () => {
    expect(noticed({ lifecycleState: "Unknown" })).to.deep.equal(["drain a", "detach a"]);
    expect(noticed({ lifecycleState: "Unknown", containerInstanceArn: undefined })).to.be.empty;
  });
  it("never detaches under capacity rebalancing", () => {
    const settings = { ...SETTINGS, replacement: "capacityRebalancing" } as const;
    for (const lifecycleState of ["InService", "Unknown"]) {
      const actions = planNotice([going("a", { draining: false, lifecycleState })], settings);
      expect(brief(actions)).to.deep.equal(["drain a"]);
    }
  });
});

describe("the sweep's plan", () => {
  const state = { endingButActive: [{ instanceId: "a", containerInstanceArn: "arn" }], emptyOrphans: ["b"] };

  it("drains what its group is ending, and ends what was detached and is empty", () => {
    expect(brief(planSweep(state, SETTINGS))).to.deep.equal(["drain a", "terminate b"]);
  });
  it("ends nothing under capacity rebalancing", () => {
    const actions = planSweep(state, { ...SETTINGS, replacement: "capacityRebalancing" });
    expect(brief(actions)).to.deep.equal(["drain a"]);
  });
});

const HEALTH = ["initial", "healthy", "unhealthy", "unused", "draining", "unavailable", "unhealthy.draining"];
const LEAVING = ["draining", "unused", "unhealthy.draining"];
const PORTS = [80, 81, 82, 83];

const anyTask = (id: string) =>
  fc
    .record({
      serviceName: fc.constantFrom("web", "web", "web", "worker", "logs", "new", undefined),
      lastStatus: fc.constantFrom("PENDING", "ACTIVATING", "RUNNING", "RUNNING", "DEACTIVATING", "STOPPED"),
      desiredStatus: fc.constantFrom("RUNNING", "RUNNING", "RUNNING", "STOPPED"),
      ports: fc.subarray(PORTS),
    })
    .map(({ ports, ...rest }) => ({ arn: id, hostPorts: ports, ...rest }));

const anyGoing = fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 3 }).chain((ids) =>
  fc.tuple(
    ...ids.map((instanceId) =>
      fc.record({
        instanceId: fc.constant(instanceId),
        containerInstanceArn: fc.constant(arnOf(instanceId)),
        deadline: fc.integer({ min: NOW + 1, max: END }),
        draining: fc.boolean(),
        lifecycleState: fc.constantFrom(undefined, "Pending", "InService", "Unknown"),
        tasks: fc
          .array(anyTask(instanceId), { maxLength: 4 })
          .map((tasks) => tasks.map((each, n) => ({ ...each, arn: `${each.arn}${n}` }))),
      }),
    ),
  ),
);

const anyTargets = fc
  .uniqueArray(
    fc.tuple(fc.constantFrom("a", "b", "c", "x", "y", "z"), fc.constantFrom(...PORTS), fc.constantFrom("web", "other")),
    {
      selector: (each) => each.join(),
      maxLength: 12,
    },
  )
  .chain((keys) =>
    fc.tuple(
      ...keys.map(([id, port, arn]) => fc.constantFrom(...HEALTH).map((health) => target(id, port, health, arn))),
    ),
  );

const anyState: fc.Arbitrary<ClusterState> = fc.record({
  going: anyGoing,
  otherDraining: fc.subarray(["x", "y"]),
  services: fc.constant([web, worker, logs]),
  targets: anyTargets,
  unreadTargetGroupArns: fc.constant([]),
});

/** The state after the plan's actions have taken effect. */
function applied(state: ClusterState, actions: readonly Action[]): ClusterState {
  const stopped = new Set(actions.flatMap((action) => (action.kind === "stop" ? [action.taskArn] : [])));
  const out = actions.flatMap((action) =>
    action.kind === "deregister" ? [`${action.targetGroupArn} ${action.instanceId}:${action.port}`] : [],
  );
  const isOut = (each: TargetState): boolean => out.includes(`${each.targetGroupArn} ${each.instanceId}:${each.port}`);
  return {
    ...state,
    going: state.going.map((instance) => ({
      ...instance,
      tasks: instance.tasks.map((each) => (stopped.has(each.arn) ? { ...each, desiredStatus: "STOPPED" } : each)),
    })),
    targets: state.targets.map((each) => (isOut(each) ? { ...each, health: "draining" } : each)),
  };
}

const isActive = (each: TaskState): boolean => each.desiredStatus !== "STOPPED" && each.lastStatus !== "STOPPED";
const lastStop = (instance: GoingInstance): number => instance.deadline - 65 * S;
const lastStand = (instance: GoingInstance): number => instance.deadline - 15 * S;
/** Where a target leaves first and its task follows at the next look. */
const handsOver = (instance: GoingInstance): boolean =>
  NOW >= lastStop(instance) + 5 * S && NOW + 5 * S < lastStand(instance);

describe("every drain plan", () => {
  const holds = (law: (state: ClusterState, actions: Action[]) => void, arbitrary = anyState): void => {
    fc.assert(
      fc.property(arbitrary, (state) => law(state, plan(state, SETTINGS, NOW))),
      { numRuns: 500 },
    );
  };

  it("leaves a target group that had a healthy target with one, to the last moment", () => {
    holds((state, actions) => {
      const inTime = new Set(state.going.filter((each) => NOW < lastStand(each)).map((each) => each.instanceId));
      const doomed = new Set([...state.going.map((each) => each.instanceId), ...state.otherDraining]);
      const serving = (each: TargetState): boolean =>
        each.health === "healthy" && (inTime.has(each.instanceId) || !doomed.has(each.instanceId));
      const after = applied(state, actions);
      for (const arn of ["web", "other"]) {
        const had = state.targets.some((each) => each.targetGroupArn === arn && serving(each));
        const has = after.targets.some((each) => each.targetGroupArn === arn && serving(each));
        expect(has, arn).to.equal(had);
      }
    });
  });

  it("keeps every healthy target where nothing else is healthy", () => {
    const alone = anyState.map((state) => {
      const ids = new Set(state.going.map((each) => each.instanceId));
      const later = state.going.map((each) => ({ ...each, deadline: each.deadline + 66 * S }));
      return { ...state, going: later, targets: state.targets.filter((each) => ids.has(each.instanceId)) };
    });
    holds((state, actions) => {
      for (const arn of ["web", "other"]) {
        const healthy = state.targets.filter((each) => each.targetGroupArn === arn && each.health === "healthy");
        const kept = actions.filter((action) => action.kind === "keep" && action.targetGroupArn === arn);
        expect(kept).to.have.lengthOf(healthy.length);
      }
    }, alone);
  });

  it("stops every task on a going instance or looks again", () => {
    holds((state, actions) => {
      const stopped = new Set(actions.flatMap((action) => (action.kind === "stop" ? [action.taskArn] : [])));
      const checked = new Set(actions.flatMap((action) => (action.kind === "checkAgain" ? [action.instanceId] : [])));
      for (const instance of state.going) {
        const left = instance.tasks.filter((each) => isActive(each) && !stopped.has(each.arn));
        if (left.length > 0) expect(checked.has(instance.instanceId), instance.instanceId).to.equal(true);
      }
    });
  });

  it("leaves no task unstopped after the stop deadline but those that serve on, or hand over", () => {
    holds((state, actions) => {
      const kept = new Set(
        actions.flatMap((each) => (each.kind === "keep" ? [`${each.instanceId}:${each.port}`] : [])),
      );
      const after = applied(state, actions);
      for (const instance of after.going.filter((each) => NOW >= lastStop(each) && !handsOver(each))) {
        for (const each of instance.tasks.filter(isActive)) {
          const ports = each.hostPorts.map((port) => `${instance.instanceId}:${port}`);
          expect(
            ports.some((port) => kept.has(port)),
            each.arn,
          ).to.equal(true);
        }
      }
    });
  });

  it("leaves no active task unstopped and no target registered in the last moment", () => {
    holds((state, actions) => {
      const after = applied(state, actions);
      for (const instance of after.going.filter((each) => NOW >= lastStand(each))) {
        expect(instance.tasks.filter(isActive)).to.be.empty;
        const own = after.targets.filter((each) => each.instanceId === instance.instanceId);
        expect(own.filter((each) => !LEAVING.includes(each.health))).to.be.empty;
      }
    });
  });

  it("looks again before the instance goes, and no later than its stop deadline", () => {
    holds((state, actions) => {
      for (const action of actions) {
        if (action.kind !== "checkAgain") continue;
        const instance = state.going.find((each) => each.instanceId === action.instanceId)!;
        expect(NOW + action.delaySeconds * S).to.be.lessThan(instance.deadline);
        expect(action.delaySeconds).to.be.within(1, SETTINGS.checkIntervalSeconds);
        if (NOW < lastStop(instance)) expect(NOW + action.delaySeconds * S).to.be.lessThan(lastStop(instance) + S);
      }
    });
  });

  it("changes nothing when it is made again from its own outcome, but while targets hand over", () => {
    holds((state, actions) => {
      if (state.going.some(handsOver)) return;
      const again = plan(applied(state, actions), SETTINGS, NOW);
      expect(again.filter((action) => action.kind !== "keep" && action.kind !== "checkAgain")).to.be.empty;
      const kept = (all: Action[]): string[] => brief(all.filter((action) => action.kind === "keep"));
      expect(kept(again)).to.deep.equal(kept(actions));
    });
  });

  it("doesn't depend on the order in which AWS lists things", () => {
    holds((state, actions) => {
      const turned: ClusterState = {
        ...state,
        going: [...state.going].reverse().map((each) => ({ ...each, tasks: [...each.tasks].reverse() })),
        otherDraining: [...state.otherDraining].reverse(),
        services: [...state.services].reverse(),
        targets: [...state.targets].reverse(),
      };
      const sorted = (all: Action[]): string[] => all.map((action) => JSON.stringify(action)).sort();
      expect(sorted(plan(turned, SETTINGS, NOW))).to.deep.equal(sorted(actions));
    });
  });

  it("touches nothing outside the going instances", () => {
    holds((state, actions) => {
      const ids = new Set(state.going.map((each) => each.instanceId));
      for (const action of actions) expect(ids.has(action.instanceId)).to.equal(true);
    });
  });
});
