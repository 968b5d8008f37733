import { expect } from "chai";
import fc from "fast-check";
import { Layout } from "../../../functions/rebalance/layout";
import { chooseSurplus, planMoves, type Move } from "../../../functions/rebalance/plan";
import type {
  ClusterState,
  InstanceRoom,
  PlacedService,
  PlacedTask,
  Reservation,
} from "../../../functions/rebalance/state";

const EVENNESS = { mostApartPercent: 35, mostMoves: 100 };
const TASK = { cpu: 256, memoryMiB: 256 };

interface Shape {
  /** Zone of each instance. */
  readonly zones: readonly string[];
  /** CPU and memory of each, in tasks of the smallest size. @default 16 */
  readonly sizes?: readonly number[];
  /** Of each service: how many tasks on each instance. */
  readonly services: readonly (readonly number[])[];
  readonly changes?: Partial<PlacedService>;
}

function stateOf({ zones, sizes, services, changes }: Shape): ClusterState {
  const arn = (index: number): string => `i${index}`;
  const placed = services.map((counts, index): PlacedService => {
    const of = index + 1;
    return {
      name: `s${index}`,
      reservation: { cpu: of * TASK.cpu, memoryMiB: of * TASK.memoryMiB },
      tasks: counts.flatMap((count, at) =>
        Array.from({ length: count }, (_, n) => ({
          arn: `s${index}-${at}-${n}`,
          instanceArn: arn(at),
          isMovable: true,
        })),
      ),
      isOnePerInstance: false,
      allowedInstances: undefined,
      surgeRoom: 100,
      staysBecause: undefined,
      ...changes,
    };
  });
  const instances = zones.map((zone, at): InstanceRoom => {
    const size = sizes?.[at] ?? 16;
    const units = services.reduce((sum, counts, index) => sum + counts[at]! * (index + 1), 0);
    return {
      arn: arn(at),
      zone,
      registered: { cpu: size * TASK.cpu, memoryMiB: size * TASK.memoryMiB },
      reserved: { cpu: units * TASK.cpu, memoryMiB: units * TASK.memoryMiB },
    };
  });
  return { instances, services: placed };
}

const plan = (shape: Shape, evenness = EVENNESS) => planMoves(stateOf(shape), evenness);
const ways = (moves: readonly Move[]): string[] => moves.map(({ from, to }) => `${from} to ${to}`);

/** ECS's own placement: with the other task still there, and by chance where several are alike. */
function placedByEcs(state: ClusterState, name: string, chance: number): InstanceRoom | undefined {
  const service = state.services.find((each) => each.name === name)!;
  const own = (instance: InstanceRoom): number =>
    service.tasks.filter(({ instanceArn }) => instanceArn === instance.arn).length;
  const fitting = state.instances.filter(({ registered, reserved }) => {
    const { cpu, memoryMiB } = service.reservation;
    return reserved.cpu + cpu <= registered.cpu && reserved.memoryMiB + memoryMiB <= registered.memoryMiB;
  });
  const ofZone = (zone: string): number =>
    state.instances.filter((each) => each.zone === zone).reduce((sum, each) => sum + own(each), 0);
  const least = <T>(items: readonly T[], of: (item: T) => number): T[] =>
    items.filter((item) => of(item) === Math.min(...items.map(of)));
  const zones = least([...new Set(fitting.map(({ zone }) => zone))], ofZone);
  const alike = zones.flatMap((zone) =>
    least(
      fitting.filter((each) => each.zone === zone),
      own,
    ),
  );
  return alike[Math.floor(chance * alike.length)];
}

const NEW = "new";

/** With a task more of a service. */
const withTask = (state: ClusterState, name: string, instanceArn: string): ClusterState =>
  changed(state, name, instanceArn, 1, (tasks) => [...tasks, { arn: NEW, instanceArn, isMovable: true }]);

/** With a task less. */
function without(state: ClusterState, taskArn: string): ClusterState {
  const { name, tasks } = state.services.find((each) => each.tasks.some(({ arn }) => arn === taskArn))!;
  const { instanceArn } = tasks.find(({ arn }) => arn === taskArn)!;
  return changed(state, name, instanceArn, -1, (all) => all.filter(({ arn }) => arn !== taskArn));
}

function changed(
  { instances, services }: ClusterState,
  name: string,
  instanceArn: string,
  more: number,
  change: (tasks: readonly PlacedTask[]) => readonly PlacedTask[],
): ClusterState {
  const { reservation } = services.find((each) => each.name === name)!;
  return {
    instances: instances.map((instance) =>
      instance.arn === instanceArn ? { ...instance, reserved: added(instance.reserved, reservation, more) } : instance,
    ),
    services: services.map((each) => (each.name === name ? { ...each, tasks: change(each.tasks) } : each)),
  };
}

const added = (a: Reservation, b: Reservation, times: number): Reservation => {
  return { cpu: a.cpu + times * b.cpu, memoryMiB: a.memoryMiB + times * b.memoryMiB };
};

/** As the plan expects it. */
function carriedOut(state: ClusterState, { service, taskArn, to }: Move): ClusterState {
  const after = withTask(without(state, taskArn), service, to);
  const named = (task: PlacedTask): PlacedTask => (task.arn === NEW ? { ...task, arn: taskArn } : task);
  return { ...after, services: after.services.map((each) => ({ ...each, tasks: each.tasks.map(named) })) };
}

function zonesApart({ instances, services }: ClusterState, name: string): number {
  const { tasks } = services.find((each) => each.name === name)!;
  const zoneOf = new Map(instances.map(({ arn, zone }) => [arn, zone]));
  const counts = [...new Set(zoneOf.values())].map(
    (zone) => tasks.filter(({ instanceArn }) => zoneOf.get(instanceArn) === zone).length,
  );
  return Math.max(...counts) - Math.min(...counts);
}

const arrangements: fc.Arbitrary<Shape> = fc.integer({ min: 2, max: 4 }).chain((count) => {
  const each = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: count, maxLength: count });
  return fc.record({
    zones: each(fc.constantFrom("a", "b", "c")),
    sizes: each(fc.constantFrom(16, 32)),
    services: fc.array(each(fc.integer({ min: 0, max: 4 })), { minLength: 1, maxLength: 2 }),
  });
});

/** The fewest moves that bring the instances near enough, of which each helps; undefined where none do. */
function fewestMoves(state: ClusterState, most: number): number | undefined {
  let level = [Layout.of(state)];
  const seen = new Set<string>();
  for (let count = 0; count <= most; count++) {
    if (level.some((layout) => layout.apart() * 100 <= EVENNESS.mostApartPercent)) return count;
    level = level.flatMap((layout) =>
      layout.steps().map((step) => {
        const after = layout.copy();
        after.move(step);
        return after;
      }),
    );
    level = level.filter((layout) => !seen.has(layout.key()) && seen.add(layout.key()));
  }
  return undefined;
}

describe("a plan of moves", () => {
  it("has no more than one move above the fewest there are, wherever any bring the instances near enough", () => {
    fc.assert(
      fc.property(arrangements, (shape) => {
        const state = stateOf(shape);
        const { moves, apartPercent } = planMoves(state, EVENNESS);
        const fewest = fewestMoves(state, 5);
        if (fewest === undefined) return;
        expect(apartPercent.after, "near enough").to.be.at.most(EVENNESS.mostApartPercent);
        expect(moves.length).to.be.at.most(fewest + 1);
      }),
      { numRuns: 500 },
    );
  });

  it("leaves nothing to a second one", () => {
    fc.assert(
      fc.property(arrangements, (shape) => {
        const state = stateOf(shape);
        const after = planMoves(state, EVENNESS).moves.reduce(carriedOut, state);
        expect(planMoves(after, EVENNESS).moves).to.deep.equal([]);
      }),
    );
  });

  it("brings instances nearer or zones, or leaves all as it was, however ECS chooses among what is alike", () => {
    fc.assert(
      fc.property(arrangements, fc.double({ min: 0, max: 0.999, noNaN: true }), (shape, chance) => {
        const state = stateOf(shape);
        const [move] = planMoves(state, { ...EVENNESS, mostMoves: 1 }).moves;
        if (move === undefined) return;
        const to = placedByEcs(state, move.service, chance);
        expect(to, "there is room").not.to.equal(undefined);
        const surged = withTask(state, move.service, to!.arn);
        const [gone] = chooseSurplus(surged, new Map([[move.service, 1]]));
        const after = without(surged, gone!);
        const isNearer = Layout.of(after).apart() <= Layout.of(state).apart() + 1e-9;
        const areZonesEvener = zonesApart(after, move.service) < zonesApart(state, move.service);
        expect(isNearer || areZonesEvener).to.equal(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("moving tasks", () => {
  it("fills an instance that has come after an interruption, and stops as soon as it is near enough", () => {
    const { moves, apartPercent } = plan({ zones: ["a", "a", "a"], services: [[4, 4, 0]] });
    expect(ways(moves)).to.deep.equal(["i0 to i2", "i1 to i2"]);
    expect(apartPercent.before).to.equal(100);
    expect(apartPercent.after).to.be.closeTo(33.3, 0.1);
  });

  it("moves nothing where three tasks are beside two", () => {
    expect(plan({ zones: ["a", "b"], services: [[3, 2]] }).moves).to.deep.equal([]);
  });

  it("moves nothing where a move would only swap which instance has one more", () => {
    expect(plan({ zones: ["a", "b", "c"], services: [[2, 1, 1]] }).moves).to.deep.equal([]);
  });

  it("goes by what tasks reserve of their instance's size", () => {
    expect(plan({ zones: ["a", "b"], sizes: [16, 32], services: [[2, 4]] }).moves).to.deep.equal([]);
    expect(plan({ zones: ["a", "a"], sizes: [16, 32], services: [[4, 2]] }).moves).to.have.length(2);
  });

  it("makes no more moves than a round may have, nor than the service may run beside the others", () => {
    const shape = { zones: ["a", "a"], services: [[12, 0]] };
    expect(plan(shape).moves).to.have.length(5);
    expect(plan(shape, { ...EVENNESS, mostMoves: 2 }).moves).to.have.length(2);
    expect(plan({ ...shape, changes: { surgeRoom: 3 } }).moves).to.have.length(3);
  });

  it("leaves a service where it is that says why", () => {
    const changes = { staysBecause: "binpack places it" };
    expect(plan({ zones: ["a", "a"], services: [[4, 0]], changes }).moves).to.deep.equal([]);
  });

  it("leaves tasks that work, and moves others", () => {
    const state = stateOf({ zones: ["a", "a"], services: [[4, 0]] });
    const [service] = state.services as [PlacedService];
    const tasks = service.tasks.map((task, index) => ({ ...task, isMovable: index >= 3 }));
    const { moves } = planMoves({ ...state, services: [{ ...service, tasks }] }, EVENNESS);
    expect(moves.map(({ taskArn }) => taskArn)).to.deep.equal([tasks[3]!.arn]);
  });

  it("reckons with placement constraints, with host ports and with what an instance has room for", () => {
    const shape = { zones: ["a", "a", "a"], services: [[2, 2, 0]] };
    const allowed = { allowedInstances: new Set(["i0", "i1"]) };
    expect(plan({ ...shape, changes: allowed }).moves).to.deep.equal([]);
    expect(plan({ ...shape, services: [[1, 1, 0]], changes: { isOnePerInstance: true } }).moves).to.deep.equal([]);
    expect(
      plan({
        zones: ["a", "a"],
        sizes: [16, 1],
        services: [
          [0, 0],
          [4, 0],
        ],
      }).moves,
    ).to.deep.equal([]);
  });

  it("never makes zones less even for it", () => {
    const { moves } = plan({ zones: ["a", "b", "b"], services: [[4, 2, 2]] });
    expect(moves).to.deep.equal([]);
  });
});

describe("the tasks that go after a surge", () => {
  it("are on the fullest instances, or new where ECS has placed them on such a one", () => {
    const state = withTask(stateOf({ zones: ["a", "a"], services: [[4, 2]] }), "s0", "i1");
    expect(chooseSurplus(state, new Map([["s0", 1]]))).to.deep.equal(["s0-0-0"]);
    const worse = withTask(stateOf({ zones: ["a", "a"], services: [[2, 2]] }), "s0", "i1");
    expect(chooseSurplus(worse, new Map([["s0", 1]]))).to.deep.equal([NEW]);
  });

  it("are none of a service that has none too many, or whose tasks all work", () => {
    const state = stateOf({ zones: ["a", "a"], services: [[4, 2]], changes: { staysBecause: "all work" } });
    expect(chooseSurplus(state, new Map())).to.deep.equal([]);
    expect(chooseSurplus(state, new Map([["s0", 1]]))).to.deep.equal([]);
  });
});
