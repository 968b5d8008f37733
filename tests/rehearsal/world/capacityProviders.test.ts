import { expect } from "chai";
import * as fc from "fast-check";
import { fullestProvider, nextProvider } from "../../../rehearsal/world/ecs/capacityStrategy";
import { ManagedScaling } from "../../../rehearsal/world/ecs/managedScaling";
import type { StrategyItem } from "../../../rehearsal/world/ecs/spec";
import type { Flags } from "../../../rehearsal/world/flags";
import {
  addCluster,
  addGroup,
  addService,
  arn,
  HOUR,
  later,
  makeWorld,
  MINUTE,
  PROVIDER,
  SECOND,
  tasksOf,
} from "./support";

const item = (capacityProvider: string, weight: number, base = 0): StrategyItem => ({ capacityProvider, base, weight });

/** Where as many tasks go, one after the other. */
function shares(strategy: readonly StrategyItem[], count: number): Record<string, number> {
  const on: Record<string, number> = {};
  for (let task = 0; task < count; task++) {
    const provider = nextProvider(strategy, (each) => on[each] ?? 0)!;
    on[provider] = (on[provider] ?? 0) + 1;
  }
  return on;
}

const LARGE = { cpu: 2048, memoryMiB: 7700 };

/** Two groups, each with its own provider; nothing runs at first. */
function twoProviders(strategy: readonly StrategyItem[], desiredCount: number, flags: Partial<Flags> = {}) {
  const logged = makeWorld(flags);
  const { world } = logged;
  const cluster = addCluster(world);
  const groups = ["steady", "spot"].map((name) => {
    const groupArn = arn("autoscaling", `autoScalingGroup:0:autoScalingGroupName/${name}`);
    const spec = { ...PROVIDER, name, autoScalingGroupArn: groupArn };
    cluster.capacityProviders.push(spec);
    const group = addGroup(world, { name, arn: groupArn, desiredCapacity: 0 });
    new ManagedScaling(spec, cluster, group, [LARGE], world.context);
    return group;
  });
  const service = addService(world, { capacityProviderStrategy: strategy, desiredCount });
  const countOn = (name: string): number =>
    tasksOf(service, "RUNNING").filter(({ instance }) => instance!.capacityProvider === name).length;
  return { ...logged, cluster, service, steady: groups[0]!, spot: groups[1]!, countOn };
}

describe("a capacity provider strategy", () => {
  it("fills the base first and shares the rest by weight", () => {
    expect(shares([item("steady", 1, 2), item("spot", 3)], 2)).to.deep.equal({ steady: 2 });
    expect(shares([item("steady", 1, 2), item("spot", 3)], 10)).to.deep.equal({ steady: 4, spot: 6 });
    expect(shares([item("steady", 0, 1), item("spot", 1)], 5)).to.deep.equal({ steady: 1, spot: 4 });
    expect(shares([item("steady", 1), item("spot", 4)], 5)).to.deep.equal({ steady: 1, spot: 4 });
  });

  it("is never further from its shares than one task", () =>
    fc.assert(
      fc.property(
        fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.nat(5), fc.nat(60)),
        ([one, other, base, count]) => {
          const { a = 0 } = shares([item("a", one, base), item("b", other)], count);
          const rest = Math.max(0, count - base);
          expect(a - Math.min(base, count)).to.be.closeTo((rest * one) / (one + other), 1);
        },
      ),
    ));

  it("gives a task up where there are most beyond the share, the base last", () => {
    const on = (counts: Record<string, number>) => (each: string) => counts[each] ?? 0;
    const strategy = [item("steady", 1, 2), item("spot", 3)];
    expect(fullestProvider(strategy, on({ steady: 3, spot: 6 }))).to.equal("spot");
    expect(fullestProvider(strategy, on({ steady: 4, spot: 3 }))).to.equal("steady");
    expect(fullestProvider(strategy, on({ steady: 2, spot: 1 }))).to.equal("spot");
  });
});

describe("a service on several capacity providers", () => {
  it("gets instances from each group for its own tasks, and runs its shares there", async () => {
    const { world, steady, spot, countOn } = twoProviders([item("steady", 1, 2), item("spot", 3)], 10);
    await world.run(30 * MINUTE);
    expect([countOn("steady"), countOn("spot")]).to.deep.equal([4, 6]);
    expect([steady.desiredCapacity, spot.desiredCapacity]).to.deep.equal([2, 2]);
  });

  it("isn't held up on one provider by another that has no room", async () => {
    const { world, steady, countOn } = twoProviders([item("steady", 1), item("spot", 1)], 4);
    steady.setDesiredCapacity = () => undefined;
    await world.run(30 * MINUTE);
    expect([countOn("steady"), countOn("spot")]).to.deep.equal([0, 2]);
  });

  it("replaces a lost task where its share is missing", async () => {
    const { world, spot, countOn } = twoProviders([item("steady", 1, 2), item("spot", 3)], 10);
    await world.run(30 * MINUTE);
    const [member] = spot.members.values();
    world.ec2.interrupt(member!.instance, world.clock.now + SECOND, true);
    await later(world, HOUR);
    expect([countOn("steady"), countOn("spot")]).to.deep.equal([4, 6]);
  });

  it("keeps its shares on scale-in only where the flag says so", async () => {
    for (const scaleInKeepsProviderRatio of [true, false]) {
      const strategy = [item("steady", 1, 2), item("spot", 3)];
      const made = twoProviders(strategy, 10, { scaleInKeepsProviderRatio });
      await made.world.run(30 * MINUTE);
      made.cluster.setDesiredCount(made.service, 6);
      await later(made.world, 5 * MINUTE);
      const counts = [made.countOn("steady"), made.countOn("spot")];
      expect(counts[0]! + counts[1]!).to.equal(6);
      if (scaleInKeepsProviderRatio) expect(counts).to.deep.equal([3, 3]);
      else expect(counts).to.not.deep.equal([3, 3]);
    }
  });
});
