import { expect } from "chai";
import fc from "fast-check";
import {
  budgetOf,
  planHints,
  planRecommended,
  planTakeOver,
  reasonToIgnore,
} from "../../../../functions/drain/recommendation/plan";
import type { GroupSizes, HintedInstance, HintState } from "../../../../functions/drain/recommendation/state";
import { idOf, NOW, SETTINGS } from "../fakeAws";

const HINT = { ...SETTINGS, recommendations: "hint", recommendationMinutes: 60 } as const;
const MINUTE = 60_000;
const QUIET = { shortage: false, refresh: false, fallback: false, returnToSpot: false };

const waiting = (n: number, more: Partial<HintedInstance> = {}): HintedInstance => ({
  instanceId: idOf(n),
  containerInstanceArn: `arn:${idOf(n)}`,
  at: NOW - n * MINUTE,
  draining: false,
  agentConnected: true,
  isEmpty: false,
  lifecycleState: "InService",
  ...more,
});
const serving = (n: number, more: Partial<HintedInstance> = {}) => waiting(n, { lifecycleState: undefined, ...more });
const draining = (n: number, more: Partial<HintedInstance> = {}) => serving(n, { draining: true, ...more });

const state = (hinted: readonly HintedInstance[], sizes: Partial<GroupSizes> = {}, goesOn = QUIET): HintState => ({
  group: { minSize: 2, maxSize: 20, desiredCapacity: 10, members: 10, ready: 10, ...sizes },
  hinted,
  goesOn,
});

/** Kind and instance's number of each action; what a wait is for. */
const brief = (given: HintState, now = NOW): string[] =>
  planHints(given, HINT, now).map(({ kind, instanceId, reason }) => {
    const number = Number.parseInt(instanceId.slice(2), 16);
    return kind === "wait" ? `wait ${number}: ${reason}` : `${kind} ${number}`;
  });

describe("the plan for a recommendation", () => {
  const recommended = { ...waiting(1), instanceId: idOf(1), at: NOW };

  it("notes a hint on the instance, and does no more", () => {
    const [action, ...rest] = planRecommended(recommended, HINT);
    expect(action).to.include({ kind: "mark", instanceId: idOf(1), at: NOW });
    expect(rest).to.be.empty;
  });

  it("drains and detaches at once where recommendations are to be drained", () => {
    const kinds = planRecommended(recommended, { ...HINT, recommendations: "drain" }).map(({ kind }) => kind);
    expect(kinds).to.deep.equal(["drain", "detach"]);
  });

  it("ignores an instance of another cluster, one that drains, and one that its group doesn't have in service, and says why", () => {
    const others = [
      { ...recommended, containerInstanceArn: undefined },
      { ...recommended, draining: true },
      { ...recommended, lifecycleState: "Terminating:Wait" },
      { ...recommended, lifecycleState: undefined },
    ];
    expect(others.flatMap((each) => planRecommended(each, HINT))).to.be.empty;
    expect(others.map((each) => reasonToIgnore(each, HINT))).to.deep.equal([
      "it is no instance of this cluster, or has not joined it",
      "it drains already",
      "in its group it is Terminating:Wait",
      "in its group it is none",
    ]);
  });

  it("is nothing where recommendations are ignored, though the queue still has one", () => {
    expect(planRecommended(recommended, SETTINGS)).to.be.empty;
    expect(reasonToIgnore(recommended, SETTINGS)).to.equal("recommendations are ignored");
  });

  it("is taken over by a notice, which takes the tag off; there is none to take off without hints", () => {
    const noticed = { instanceId: idOf(1), deadline: 0, containerInstanceArn: "arn:1", draining: false };
    const notice = { ...noticed, lifecycleState: undefined };
    expect(planTakeOver([notice], HINT)).to.deep.include.members([
      {
        kind: "unmark",
        instanceId: idOf(1),
        containerInstanceArn: "arn:1",
        inVain: false,
        reason: "interruption notice",
      },
    ]);
    expect(planTakeOver([notice], SETTINGS)).to.be.empty;
    expect(planTakeOver([{ ...notice, containerInstanceArn: undefined }], HINT)).to.be.empty;
  });
});

describe("the plan for hinted instances", () => {
  it("has a tenth of the group for a budget, and one at least", () => {
    expect([0, 1, 2, 9, 10, 19, 20, 105].map(budgetOf)).to.deep.equal([1, 1, 1, 1, 1, 1, 2, 10]);
  });

  it("detaches the one that was recommended first, and lets the others wait", () => {
    expect(brief(state([waiting(1), waiting(3), waiting(2)]))).to.deep.equal([
      "detach 3",
      "wait 2: others are replaced first",
      "wait 1: others are replaced first",
    ]);
  });

  it("counts what serves outside the group and what drains there against the budget, but not what is empty", () => {
    const held = [draining(4), serving(5)];
    for (const each of held) expect(brief(state([waiting(1), each]))).to.include("wait 1: others are replaced first");
    expect(brief(state([waiting(1), draining(4, { isEmpty: true })]))).to.deep.equal(["detach 1"]);
    const twenty = { desiredCapacity: 20, members: 20, ready: 20 };
    expect(brief(state([waiting(1), draining(4)], twenty))).to.deep.equal(["detach 1"]);
  });

  it("takes nothing up that was recommended so recently that another look may not have seen it", () => {
    const recent = waiting(1, { at: NOW - 14_999 });
    expect(brief(state([recent]))).to.deep.equal(["wait 1: it was recommended just now"]);
    expect(brief(state([recent]), NOW + 1)).to.deep.equal(["detach 1"]);
  });

  it("takes nothing up while tasks are missing, all is refreshed, or on-demand capacity stands in", () => {
    const reasons = {
      shortage: "fewer tasks run than desired",
      refresh: "the instances are being refreshed",
      fallback: "on-demand capacity stands in for Spot",
      returnToSpot: "an On-Demand Instance is being replaced",
    };
    for (const [each, reason] of Object.entries(reasons)) {
      expect(brief(state([waiting(1)], {}, { ...QUIET, [each]: true }))).to.deep.equal([`wait 1: ${reason}`]);
    }
  });

  it("drains a detached instance once its replacement is ACTIVE, and no sooner", () => {
    expect(brief(state([serving(1)], { ready: 9 }))).to.deep.equal(["wait 1: its replacement is not ACTIVE yet"]);
    expect(brief(state([serving(1)]))).to.deep.equal(["drain 1"]);
  });

  it("drains as many as were replaced, the oldest first", () => {
    const sizes = { desiredCapacity: 40, members: 40, ready: 38 };
    expect(brief(state([serving(1), serving(2), serving(3)], sizes))).to.deep.equal([
      "drain 3",
      "wait 2: its replacement is not ACTIVE yet",
      "wait 1: its replacement is not ACTIVE yet",
    ]);
  });

  it("leaves a draining instance to ECS, and one that is empty to the sweep, whose time is over or not", () => {
    expect(brief(state([draining(1)]))).to.be.empty;
    expect(brief(state([draining(1, { isEmpty: true })]), NOW + 120 * MINUTE)).to.be.empty;
  });

  it("puts an instance back when its time is over: ACTIVE, then in the group, then without the tag", () => {
    const late = NOW + 120 * MINUTE;
    expect(brief(state([draining(1)]), late)).to.deep.equal(["activate 1"]);
    expect(brief(state([serving(1)]), late)).to.deep.equal(["attach 1"]);
    const [action] = planHints(state([waiting(1)]), HINT, late);
    expect(action).to.include({ kind: "unmark", inVain: true });
  });

  it("puts one into the group at a look", () => {
    expect(brief(state([serving(1), serving(2)]), NOW + 120 * MINUTE)).to.deep.equal(["attach 2"]);
  });

  it("doesn't put back one whose agent is disconnected", () => {
    expect(brief(state([serving(1, { agentConnected: false })]), NOW + 120 * MINUTE)).to.be.empty;
  });

  const room: readonly [string, Partial<GroupSizes>, number | undefined][] = [
    ["leaves the desired capacity to managed scaling where there is room", {}, undefined],
    ["gives it the place of a replacement that never came", { members: 9, ready: 9 }, 9],
    ["makes room in a group that is at its maximum", { maxSize: 10 }, 9],
    ["can't lower the desired capacity below the minimum", { minSize: 10, members: 9 }, undefined],
  ];
  for (const [title, sizes, lowerTo] of room) {
    it(`puts back: ${title}`, () => {
      const [action] = planHints(state([serving(1)], sizes), HINT, NOW + 120 * MINUTE);
      expect(action).to.include({ kind: "attach", lowerTo });
    });
  }

  it("lets one drain to its end where a group of a fixed size has its replacement", () => {
    const fixed = { minSize: 10, maxSize: 10 };
    expect(brief(state([draining(1)], fixed), NOW + 120 * MINUTE)).to.be.empty;
    expect(brief(state([serving(1)], fixed), NOW + 120 * MINUTE)).to.deep.equal(["drain 1"]);
  });

  it("takes the tag off where somebody else drains or ends the instance", () => {
    for (const each of [waiting(1, { draining: true }), waiting(1, { lifecycleState: "Terminating:Wait" })]) {
      expect(planHints(state([each]), HINT, NOW)[0]).to.include({ kind: "unmark", inVain: false });
    }
  });

  const instance = fc.record({
    n: fc.integer({ min: 1, max: 1000 }),
    minutesAgo: fc.integer({ min: 0, max: 90 }),
    draining: fc.boolean(),
    isEmpty: fc.boolean(),
    agentConnected: fc.boolean(),
    lifecycleState: fc.constantFrom("InService", undefined, "Terminating:Wait", "Pending"),
  });
  const states = fc
    .record({
      instances: fc.uniqueArray(instance, { selector: ({ n }) => n, maxLength: 12 }),
      minSize: fc.integer({ min: 0, max: 30 }),
      above: fc.integer({ min: 0, max: 30 }),
      desired: fc.integer({ min: 0, max: 30 }),
      ready: fc.integer({ min: 0, max: 40 }),
      goesOn: fc.record({
        shortage: fc.boolean(),
        refresh: fc.boolean(),
        fallback: fc.boolean(),
        returnToSpot: fc.boolean(),
      }),
    })
    .map(({ instances, minSize, above, desired, ready, goesOn }): HintState => {
      const desiredCapacity = minSize + Math.min(above, desired);
      const group = { minSize, maxSize: minSize + above, desiredCapacity, members: ready, ready };
      const hinted = instances.map(({ n, minutesAgo, ...rest }) =>
        waiting(n, { ...rest, at: NOW - minutesAgo * MINUTE }),
      );
      return { group, hinted, goesOn };
    });

  it("never has more on their way out than the budget, unless they were there before", () => {
    fc.assert(
      fc.property(states, (given) => {
        const detached = planHints(given, HINT, NOW).filter(({ kind }) => kind === "detach").length;
        const isOut = ({ lifecycleState, draining, isEmpty }: HintedInstance): boolean =>
          lifecycleState === undefined && !(draining && isEmpty);
        const before = given.hinted.filter(isOut).length;
        return detached === 0 || before + detached <= budgetOf(given.group.desiredCapacity);
      }),
    );
  });

  it("never drains more than the group has replaced, and asks the group for nothing that it would refuse", () => {
    fc.assert(
      fc.property(states, (given) => {
        const { minSize, maxSize, desiredCapacity, ready } = given.group;
        const actions = planHints(given, HINT, NOW);
        const drains = actions.filter(({ kind }) => kind === "drain").length;
        const isServing = ({ lifecycleState, draining }: HintedInstance): boolean =>
          lifecycleState === undefined && !draining;
        const couldDrain = given.hinted.filter(isServing).length - Math.max(0, desiredCapacity - ready);
        const fits = actions.every(
          (action) =>
            action.kind !== "attach" ||
            ((action.lowerTo ?? desiredCapacity) >= minSize && (action.lowerTo ?? desiredCapacity) < maxSize),
        );
        return drains <= Math.max(0, couldDrain) && fits;
      }),
    );
  });

  it("has at most one action for an instance, and the same whatever the order in which AWS lists them", () => {
    fc.assert(
      fc.property(states, (given) => {
        const actions = planHints(given, HINT, NOW);
        const reversed = planHints({ ...given, hinted: [...given.hinted].reverse() }, HINT, NOW);
        expect(new Set(actions.map(({ instanceId }) => instanceId)).size).to.equal(actions.length);
        expect(reversed).to.have.deep.members(actions);
      }),
    );
  });
});
