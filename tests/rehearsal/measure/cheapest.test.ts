import { expect } from "chai";
import fc from "fast-check";
import type { PriceTable } from "../../../rehearsal/inputs/prices";
import { CheapestMeter } from "../../../rehearsal/measure/cheapest";
import { comparedCost, CostMeter } from "../../../rehearsal/measure/cost";
import type { Instance } from "../../../rehearsal/world/ec2/instance";
import { HOUR, MINUTE, SECOND, Stage } from "../../support/stage";

const ON_DEMAND = 10;

/** A Spot price that changes at these instants, from 4 on. */
function pricesOf(steps: readonly { readonly atMs: number; readonly usd: number }[] = []): PriceTable {
  const at = (ms: number): number => steps.findLast(({ atMs }) => atMs <= ms)?.usd ?? 4;
  return {
    source: "test",
    onDemandUsdPerHour: () => ON_DEMAND,
    spotUsdPerHour: (_, ms) => at(ms),
    lowestSpotUsdPerHour: (_, fromMs, toMs) =>
      Math.min(at(fromMs), ...steps.filter(({ atMs }) => atMs > fromMs && atMs <= toMs).map(({ usd }) => usd)),
    interruptionBucket: () => 0,
    estimated: () => null,
  };
}

/** Two tasks, each as large as an instance, and one instance to spare. */
async function measured(prices = pricesOf(), requestsPerSecond: number | undefined = undefined) {
  const stage = await Stage.set();
  const { world, profile } = stage;
  const bill = new CostMeter(world, prices);
  const cheapest = new CheapestMeter({ world, prices, profile, requestsPerSecond: () => requestsPerSecond });
  return { stage, cost: () => comparedCost(bill.result(), cheapest.result()) };
}

type Happening = (stage: Stage, which: number) => void;

const toMarket =
  (capacityOf: (which: number) => number | null): Happening =>
  ({ world: { ec2 } }, which) => {
    ec2.market.limit(which % 2 === 0 ? {} : { availabilityZone: "eu-west-1a" }, capacityOf(which));
    ec2.marketMoved.publish(undefined);
  };

const toInstance =
  (change: (stage: Stage, instance: Instance) => void): Happening =>
  (stage, which) => {
    const living = [...stage.world.ec2.living.values()];
    if (living.length > 0) change(stage, living[which % living.length]!);
  };

const interrupt = (isSilent: boolean): Happening =>
  toInstance(({ world }, instance) => world.ec2.interrupt(instance, world.clock.now + 2 * MINUTE, isSilent));

const HAPPENINGS: Readonly<Record<string, Happening>> = {
  notice: interrupt(false),
  interruption: interrupt(true),
  termination: toInstance(({ world }, { id }) => world.ec2.terminate(id, "test")),
  draining: toInstance(({ cluster }, { id }) => {
    const container = cluster.instanceOf(id);
    if (container !== undefined) cluster.setStatus(container, "DRAINING", "test");
  }),
  desired: ({ cluster, service }, which) => cluster.setDesiredCount(service, which),
  deployment: ({ cluster, service }) => cluster.forceNewDeployment(service),
  limit: toMarket((which) => which % 3),
  free: toMarket(() => null),
};

describe("the cheapest that a variant could have cost", () => {
  it("is the instances that its tasks fill; the spare one is headroom", async () => {
    const { stage, cost } = await measured();
    await stage.run(2 * HOUR);
    const { usd, clairvoyantUsd, ofClairvoyant, overClairvoyantUsd } = cost();
    expect({ usd, clairvoyantUsd, ofClairvoyant }).to.deep.equal({ usd: 24, clairvoyantUsd: 16, ofClairvoyant: 1.5 });
    expect(overClairvoyantUsd).to.deep.equal({ tasks: 0, headroom: 8, comingAndGoing: 0, pools: 0 });
  });

  it("has no task that nobody wanted, and no instance that boots or leaves", async () => {
    const { stage, cost } = await measured();
    const { cluster, service, instances } = stage;
    // ECS takes what is too many off at once, but its container has until the stop timeout, and the balancer its delay.
    cluster.setDesiredCount(service, 1);
    cluster.setStatus(cluster.instanceOf(instances[0]!.id)!, "DRAINING", "test");
    await stage.run(HOUR);
    const { clairvoyantUsd, overClairvoyantUsd } = cost();
    expect(clairvoyantUsd).to.be.closeTo(4, 0.1);
    expect(overClairvoyantUsd.tasks).to.be.within(0.01, 0.2);
    expect(overClairvoyantUsd.comingAndGoing).to.be.closeTo(4, 0.2);
  });

  it("is of a scaled service what its load needs, at least its minimum", async () => {
    const scaled = async (requestsPerSecond: number) => {
      const { stage, cost } = await measured(pricesOf(), requestsPerSecond);
      const target = { service: stage.service, minCapacity: 1 };
      stage.world.scalableTargets.set("service/shop/web", target as never);
      await stage.run(MINUTE);
      const before = cost().clairvoyantUsd;
      await stage.run(HOUR);
      return cost().clairvoyantUsd - before;
    };
    // A hundred at a time, each of 0.2 s: 500 a second.
    expect(await scaled(1)).to.be.closeTo(4, 1e-9);
    expect(await scaled(501)).to.be.closeTo(8, 1e-9);
    expect(await scaled(5000), "no more than what ran").to.be.closeTo(8, 1e-9);
  });

  it("stays on Spot as long as the variant itself does, also where no pool has an instance to give", async () => {
    const { stage, cost } = await measured();
    const { world } = stage;
    world.ec2.market.limit({}, 0);
    world.ec2.marketMoved.publish(undefined);
    await stage.run(HOUR);
    expect(cost().clairvoyantUsd).to.equal(8);
  });

  it("pays no more for an instance than what was the price of the last hour", async () => {
    const { stage, cost } = await measured(pricesOf([{ atMs: 30 * MINUTE, usd: 8 }]));
    await stage.run(2 * HOUR);
    const { usd, clairvoyantUsd } = cost();
    expect(usd).to.equal(3 * (4 + 8));
    expect(clairvoyantUsd).to.be.closeTo(2 * (1.5 * 4 + 0.5 * 8), 0.2);
  });

  const anyStep = fc.record({
    what: fc.constantFrom(...Object.keys(HAPPENINGS)),
    which: fc.nat(4),
    thenMs: fc.integer({ min: 1, max: 40 * MINUTE }),
  });
  const anyPrices = fc.array(fc.record({ atMs: fc.nat(6 * HOUR), usd: fc.integer({ min: 1, max: 12 }) }), {
    maxLength: 4,
  });

  it("is never more than what the variant did cost, whatever happens, and the shares add up to the difference", () =>
    fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 12 }), anyPrices, async (steps, changes) => {
        const { stage, cost } = await measured(pricesOf([...changes].sort((a, b) => a.atMs - b.atMs)));
        for (const { what, which, thenMs } of steps) {
          HAPPENINGS[what]!(stage, which);
          await stage.run(thenMs);
        }
        const { usd, clairvoyantUsd, overClairvoyantUsd } = cost();
        expect(clairvoyantUsd).to.be.within(0, usd + 1e-9);
        const shares = Object.values(overClairvoyantUsd).reduce((sum, share) => sum + share, 0);
        expect(clairvoyantUsd + shares).to.be.closeTo(usd, 1e-9);
      }),
      { numRuns: 40 },
    )).timeout(60 * SECOND);
});
