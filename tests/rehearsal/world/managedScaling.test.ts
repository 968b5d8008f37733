import { expect } from "chai";
import { isEnding } from "../../../rehearsal/world/autoScaling/member";
import { manageDraining } from "../../../rehearsal/world/ecs/managedDraining";
import {
  instancesFor,
  ManagedScaling,
  reservation,
  scaledIn,
  scaledOut,
} from "../../../rehearsal/world/ecs/managedScaling";
import type { CapacityProviderSpec, TaskDefinitionSpec } from "../../../rehearsal/world/ecs/spec";
import {
  addCluster,
  addGroup,
  addService,
  ALL_ON,
  HOUR,
  later,
  makeWorld,
  MINUTE,
  PROVIDER,
  SECOND,
  SERVICE,
  tasksOf,
  type StageOptions,
} from "./support";

const LARGE = { cpu: 2048, memoryMiB: 7700 };
const XLARGE = { cpu: 4096, memoryMiB: 15_400 };

const task = (cpu: number, memoryMiB = 512): TaskDefinitionSpec => ({ ...SERVICE.taskDefinition, cpu, memoryMiB });
const tasks = (count: number, cpu: number): TaskDefinitionSpec[] => Array.from({ length: count }, () => task(cpu));

/** A group of the provider, with managed scaling. */
function providedWorld(provider: Partial<CapacityProviderSpec>, { group: groupSpec, service }: StageOptions = {}) {
  const logged = makeWorld();
  const { world } = logged;
  const spec = { ...PROVIDER, ...provider };
  const cluster = addCluster(world);
  cluster.capacityProviders.push(spec);
  const group = addGroup(world, { desiredCapacity: 0, ...groupSpec });
  new ManagedScaling(spec, cluster, group, [LARGE], world.context);
  if (spec.managedDraining) manageDraining(group, cluster, world.bus);
  const made = addService(world, { capacityProviderStrategy: ALL_ON("provider"), ...service });
  return { ...logged, cluster, group, service: made };
}

const living = (group: ReturnType<typeof addGroup>) => [...group.members.values()].filter((each) => !isEnding(each));

describe("managed scaling: the metric", () => {
  it("is M/N × 100", () => {
    expect([reservation(3, 4), reservation(4, 4), reservation(6, 4)]).to.deep.equal([75, 100, 150]);
  });

  it("is 100 where there is neither task nor instance, and 200 where tasks wait and there is no instance", () => {
    expect([reservation(0, 0), reservation(5, 0)]).to.deep.equal([100, 200]);
  });

  it("packs waiting tasks of the same requirements together", () => {
    expect(instancesFor(tasks(5, 512), [LARGE])).to.equal(2);
    expect(instancesFor([...tasks(4, 512), ...tasks(2, 1024)], [LARGE])).to.equal(2);
    expect(instancesFor([task(256, 4000), task(256, 4000)], [LARGE])).to.equal(2);
  });

  it("packs onto the largest type, and never counts a task larger than the smallest", () => {
    expect(instancesFor(tasks(8, 512), [LARGE, XLARGE])).to.equal(1);
    expect(instancesFor(tasks(3, 4096), [LARGE, XLARGE])).to.equal(0);
  });
});

describe("managed scaling: steps", () => {
  const scaling = { targetCapacity: 100, minimumStep: 1, maximumStep: 10_000 };

  it("goes to what the target capacity asks for", () => {
    expect(scaledOut(4, 6, 4, scaling)).to.equal(6);
    expect(scaledOut(4, 6, 4, { ...scaling, targetCapacity: 80 })).to.equal(8);
  });

  it("makes the first scale-out from nothing two instances", () => {
    expect(scaledOut(0, 7, 0, scaling)).to.equal(2);
  });

  it("keeps a step between the smallest and the largest", () => {
    expect(scaledOut(4, 5, 4, { ...scaling, minimumStep: 3 })).to.equal(7);
    expect(scaledOut(4, 40, 4, { ...scaling, maximumStep: 5 })).to.equal(9);
  });

  it("scales in by half of the excess, at least by one", () => {
    expect([scaledIn(12, 2, scaling), scaledIn(3, 2, scaling), scaledIn(2, 2, scaling)]).to.deep.equal([7, 2, 2]);
  });
});

describe("managed scaling", () => {
  it("brings instances for waiting tasks, and waits with the next step until the last is warm", async () => {
    const { world, group, service, of } = providedWorld({}, { service: { desiredCount: 20 } });
    await world.run(20 * MINUTE);
    expect(tasksOf(service, "RUNNING")).to.have.length(20);
    const [first, second] = of("autoScaling.DesiredCapacity");
    expect(first!.desiredCapacity).to.equal(2);
    expect(second!.t - first!.t).to.be.at.least(5 * MINUTE);
    expect(group.desiredCapacity).to.equal(5);
  });

  it("scales in only after 15 datapoints below the target", async () => {
    const { world, cluster, group, service, of } = providedWorld(
      {},
      { service: { desiredCount: 8, placementStrategies: [{ type: "binpack", field: "cpu" }] } },
    );
    await world.run(HOUR);
    cluster.setDesiredCount(service, 4);
    const from = world.clock.now;
    await later(world, 2 * HOUR);
    const first = of("autoScaling.DesiredCapacity").find((line) => line.t > from);
    expect((first!.t - from) / MINUTE).to.be.within(14, 17);
    expect(group.desiredCapacity).to.equal(1);
  });

  it("never scales for a task that fits no instance", async () => {
    const { world, group } = providedWorld({}, { service: { taskDefinition: task(4096) } });
    await world.run(HOUR);
    expect(group.desiredCapacity).to.equal(0);
  });

  it("does nothing where it isn't enabled", async () => {
    const { world, group } = providedWorld({ managedScaling: false });
    await world.run(HOUR);
    expect(group.desiredCapacity).to.equal(0);
  });

  it("protects instances with tasks, and lifts the protection from empty ones", async () => {
    const { world, group, cluster, service } = providedWorld(
      { managedTerminationProtection: true },
      { group: { protectFromScaleIn: true }, service: { desiredCount: 8 } },
    );
    await world.run(20 * MINUTE);
    expect(living(group).map((member) => member.protectedFromScaleIn)).to.deep.equal([true, true]);
    cluster.setDesiredCount(service, 0);
    await later(world, 3 * MINUTE);
    expect([...group.members.values()].some((member) => member.protectedFromScaleIn)).to.equal(false);
  });
});

describe("managed draining", () => {
  it("empties an instance that the group ends, and lets it go then", async () => {
    const { world, group, cluster } = providedWorld({ managedDraining: true }, { service: { desiredCount: 8 } });
    await world.run(20 * MINUTE);
    const member = living(group)[0]!;
    group.terminateMember(member, "test");
    await later(world, SECOND);
    expect(cluster.instanceOf(member.instance.id)?.status).to.equal("DRAINING");
    expect(member.lifecycleState).to.equal("Terminating:Wait");
    await later(world, 20 * MINUTE);
    expect(member.instance.state).to.equal("terminated");
    expect(cluster.services.get("web")!.tasks.size).to.equal(8);
  });

  it("waits at most 48 hours for tasks that don't stop", async () => {
    const { world, group } = providedWorld(
      { managedDraining: true, managedScaling: false },
      { group: { desiredCapacity: 1, maxSize: 1 }, service: { minimumHealthyPercent: 100, maximumPercent: 100 } },
    );
    await world.run(20 * MINUTE);
    const member = living(group)[0]!;
    group.terminateMember(member, "test");
    await later(world, 47 * HOUR);
    expect(member.instance.state).to.equal("running");
    await later(world, 2 * HOUR);
    expect(member.instance.state).to.equal("terminated");
  });

  it("drains an instance of its group at a Spot notice, without holding up the end", async () => {
    const { world, group, cluster } = providedWorld({ managedDraining: true });
    await world.run(20 * MINUTE);
    const { instance } = living(group)[0]!;
    world.ec2.interrupt(instance, world.clock.now + 120 * SECOND, false);
    await later(world, 2 * SECOND);
    expect(cluster.instanceOf(instance.id)?.status).to.equal("DRAINING");
    await later(world, 120 * SECOND);
    expect(instance.state).to.equal("terminated");
  });

  it("lets an instance go at once that never joined the cluster", async () => {
    const { world, group } = providedWorld(
      { managedDraining: true, managedScaling: false },
      { group: { desiredCapacity: 1, userData: "" } },
    );
    await world.run(5 * MINUTE);
    const member = living(group)[0]!;
    group.terminateMember(member, "test");
    await later(world, 30 * SECOND);
    expect(member.instance.state).to.equal("terminated");
  });
});
