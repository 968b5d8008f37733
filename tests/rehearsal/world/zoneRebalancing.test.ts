import { expect } from "chai";
import * as fc from "fast-check";
import type { ServiceSpec } from "../../../rehearsal/world/ecs/spec";
import type { Task } from "../../../rehearsal/world/ecs/task";
import type { Workload } from "../../../rehearsal/world/ecs/taskLife";
import type { Flags } from "../../../rehearsal/world/flags";
import { addService, later, makeStage, MINUTE, SECOND, tasksOf, type Stage } from "./support";

interface Uneven {
  readonly service?: Partial<ServiceSpec>;
  readonly flags?: Partial<Flags>;
  /** In which the group has two instances each. */
  readonly zones?: readonly string[];
  readonly desiredCount?: number;
  readonly deregistrationDelayMs?: number;
  readonly workload?: Partial<Workload>;
}

/** All tasks of a service in the first zone, and the others open again since now. */
async function uneven({ service, flags, zones = ["a", "b"], desiredCount = 4, ...rest }: Uneven = {}): Promise<Stage> {
  const stage = await makeStage({
    flags,
    workload: rest.workload,
    group: { desiredCapacity: 2 * zones.length, availabilityZones: zones },
    service: { name: "none", desiredCount: 0 },
    targetGroup: { deregistrationDelayMs: rest.deregistrationDelayMs ?? 30 * SECOND },
  });
  const [first, ...others] = zones;
  setZones(stage, others, "DRAINING");
  const made = addService(stage.world, { desiredCount, availabilityZoneRebalancing: true, ...service });
  await later(stage.world, 2 * MINUTE);
  if (tasksOf(made, "RUNNING").length < desiredCount) throw new Error(`not all fit into zone ${first}`);
  setZones(stage, others, "ACTIVE");
  return { ...stage, service: made };
}

function setZones({ cluster }: Stage, zones: readonly string[], status: "ACTIVE" | "DRAINING"): void {
  for (const instance of cluster.instances.values())
    if (zones.includes(instance.ec2.availabilityZone)) cluster.setStatus(instance, status, "test");
}

/** Tasks that should run, by zone. */
function byZone({ service }: Stage): Record<string, number> {
  const zones: Record<string, number> = {};
  for (const { instance, desiredStatus } of service.tasks) {
    const zone = instance?.ec2.availabilityZone;
    if (zone !== undefined && desiredStatus === "RUNNING") zones[zone] = (zones[zone] ?? 0) + 1;
  }
  return zones;
}

const moves = ({ of }: Stage): number => of("ecs.ZoneRebalancing").length;

describe("ECS Availability Zone rebalancing", () => {
  it("moves one task after another until no zone has two more than another, and then nothing", async () => {
    const stage = await uneven();
    await later(stage.world, 30 * MINUTE);
    expect(byZone(stage)).to.deep.equal({ a: 2, b: 2 });
    expect(moves(stage)).to.equal(2);
  });

  it("leaves zones alone that differ by one task, which a move would only swap", async () => {
    const stage = await uneven({ desiredCount: 3 });
    await later(stage.world, 60 * MINUTE);
    expect(byZone(stage)).to.deep.equal({ a: 2, b: 1 });
    expect(moves(stage)).to.equal(1);
  });

  it("stops a task only once its replacement is healthy, and one in the fullest zone", async () => {
    const stage = await uneven({ desiredCount: 3 });
    const old = tasksOf(stage.service);
    while (moves(stage) === 0) await later(stage.world, SECOND);
    const [replacement] = tasksOf(stage.service).filter((task) => !old.includes(task));
    expect(replacement!.instance!.ec2.availabilityZone).to.equal("b");
    while (!stage.service.isHealthy(replacement!)) {
      expect(old.every((task) => task.desiredStatus === "RUNNING")).to.equal(true);
      await later(stage.world, SECOND);
    }
    await later(stage.world, 2 * SECOND);
    expect(old.filter((task) => task.desiredStatus === "STOPPED")).to.have.lengthOf(1);
    expect(replacement!.desiredStatus).to.equal("RUNNING");
  });

  it("takes the emptiest zone that has room", async () => {
    const stage = await uneven({ zones: ["a", "b", "c"], desiredCount: 6 });
    await later(stage.world, 60 * MINUTE);
    expect(byZone(stage)).to.deep.equal({ a: 2, b: 2, c: 2 });
    expect(moves(stage)).to.equal(4);
  });

  it("never launches an instance, nor lets a task wait for one", async () => {
    const stage = await uneven();
    const launched = stage.of("ec2.Launched").length;
    const blocking = addService(stage.world, {
      name: "other",
      desiredCount: 2,
      taskDefinition: { ...stage.service.spec.taskDefinition, cpu: 2048 },
    });
    await later(stage.world, 30 * MINUTE);
    expect(tasksOf(blocking, "RUNNING")).to.have.lengthOf(2);
    expect(byZone(stage)).to.deep.equal({ a: 4 });
    expect(moves(stage)).to.equal(0);
    expect(stage.of("ec2.Launched")).to.have.lengthOf(launched);
    stage.cluster.setDesiredCount(blocking, 0);
    await later(stage.world, 30 * MINUTE);
    expect(byZone(stage)).to.deep.equal({ a: 2, b: 2 });
  });

  const EXCLUDED: readonly (readonly [string, Partial<ServiceSpec>])[] = [
    ["it is off", { availabilityZoneRebalancing: false }],
    ["the maximum is 100 percent", { maximumPercent: 100, minimumHealthyPercent: 50 }],
    ["the maximum leaves room for no more", { maximumPercent: 120 }],
    ["the strategies don't begin with zones", { placementStrategies: [{ type: "binpack", field: "cpu" }] }],
  ];
  for (const [where, service] of EXCLUDED) {
    it(`moves nothing where ${where}`, async () => {
      const stage = await uneven({ service });
      await later(stage.world, 30 * MINUTE);
      expect(byZone(stage)).to.deep.equal({ a: 4 });
    });
  }

  /** Whether some task was being stopped when a move began. */
  const movedMeanwhile = ({ of }: Stage): boolean => {
    const endOf = new Map(of("ecs.TaskStopped").map(({ task, t }) => [task, t]));
    const stops = of("ecs.TaskStopping").map(({ task, t }) => ({ from: t, to: endOf.get(task) ?? Infinity }));
    return of("ecs.ZoneRebalancing").some(({ t }) => stops.some(({ from, to }) => from <= t && t < to));
  };

  it("begins no move while tasks drain, and goes on afterwards", async () => {
    const stage = await uneven({ zones: ["a", "b", "c"], desiredCount: 6, deregistrationDelayMs: 5 * MINUTE });
    stage.cluster.setStatus([...tasksOf(stage.service)][0]!.instance!, "DRAINING", "test");
    await later(stage.world, 60 * MINUTE);
    expect(movedMeanwhile(stage)).to.equal(false);
    expect(moves(stage)).to.be.greaterThan(0);
    expect(byZone(stage)).to.deep.equal({ a: 2, b: 2, c: 2 });
  });

  it("begins no move during a deployment, and goes on afterwards", async () => {
    const stage = await uneven({ deregistrationDelayMs: 5 * MINUTE });
    stage.cluster.forceNewDeployment(stage.service);
    await later(stage.world, 60 * MINUTE);
    expect(movedMeanwhile(stage)).to.equal(false);
    expect(moves(stage)).to.be.greaterThan(0);
    expect(byZone(stage)).to.deep.equal({ a: 2, b: 2 });
  });

  it("begins no move before every task is healthy", async () => {
    const stage = await uneven({
      workload: { startMs: () => 5 * MINUTE },
      service: { healthCheckGracePeriodSeconds: 1200 },
    });
    await later(stage.world, 3 * MINUTE);
    expect(moves(stage)).to.equal(0);
    await later(stage.world, 4 * MINUTE);
    expect(moves(stage)).to.equal(1);
  });

  it("gives a move up where its instance drains, and the replacement stands in", async () => {
    const stage = await uneven({ desiredCount: 3 });
    while (moves(stage) === 0) await later(stage.world, SECOND);
    const inA = [...stage.cluster.instances.values()].filter(({ ec2 }) => ec2.availabilityZone === "a");
    const [drained] = inA.filter(({ tasks }) => tasks.size === 1);
    stage.cluster.setStatus(drained!, "DRAINING", "test");
    await later(stage.world, 5 * MINUTE);
    expect(tasksOf(stage.service, "RUNNING")).to.have.lengthOf(3);
    expect(tasksOf(stage.service).every((task) => task.instance !== drained)).to.equal(true);
    expect(stage.of("ecs.TaskStopping").map(({ reason }) => reason)).not.to.include("zone rebalancing");
  });

  it("gives a move up where the desired count changes", async () => {
    const stage = await uneven();
    while (moves(stage) === 0) await later(stage.world, SECOND);
    stage.cluster.setDesiredCount(stage.service, 6);
    await later(stage.world, 30 * MINUTE);
    expect(byZone(stage)).to.deep.equal({ a: 3, b: 3 });
  });

  it("leaves protected tasks where they are, also those that get protection during a move", async () => {
    const stage = await uneven();
    const protectAll = (): void => {
      for (const task of tasksOf(stage.service))
        if (task.instance!.ec2.availabilityZone === "a")
          stage.cluster.protect(task, stage.world.clock.now + 60 * MINUTE);
    };
    while (moves(stage) === 0) await later(stage.world, SECOND);
    protectAll();
    await later(stage.world, 30 * MINUTE);
    expect(byZone(stage)).to.deep.equal({ a: 4 });
    expect(moves(stage)).to.equal(1);
  });

  it("stops the replacement, and none that was in its zone before, where all others got protected", async () => {
    // The name is the seed of what the scheduler draws.
    for (const name of ["one", "two", "three", "four", "five"]) {
      const stage = await uneven({ desiredCount: 5, service: { name } });
      const inZone = (zone: string): Task[] =>
        tasksOf(stage.service).filter(({ instance }) => instance!.ec2.availabilityZone === zone);
      while (moves(stage) < 2) await later(stage.world, SECOND);
      const here = inZone("b");
      for (const task of inZone("a")) stage.cluster.protect(task, stage.world.clock.now + 60 * MINUTE);
      await later(stage.world, 10 * MINUTE);
      expect(here.map(({ lastStatus }) => lastStatus)).to.deep.equal(["RUNNING", "STOPPED"]);
    }
  });

  it("ends for every number of tasks and zones: each move makes the zones more even", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 8 }),
        fc.constantFrom(["a"], ["a", "b"], ["a", "b", "c"]),
        fc.boolean(),
        async (desiredCount, zones, maximumPercentCountsStopping) => {
          const stage = await uneven({ desiredCount, zones, flags: { maximumPercentCountsStopping } });
          await later(stage.world, 60 * MINUTE);
          const counts = zones.map((zone) => byZone(stage)[zone] ?? 0);
          expect(counts.reduce((sum, count) => sum + count)).to.equal(desiredCount);
          const canMove = desiredCount > 1;
          if (canMove) expect(Math.max(...counts) - Math.min(...counts)).to.be.at.most(1);
          expect(moves(stage)).to.be.at.most(desiredCount);
          const before = moves(stage);
          await later(stage.world, 60 * MINUTE);
          expect(moves(stage)).to.equal(before);
        },
      ),
      { numRuns: 24 },
    );
  });
});
