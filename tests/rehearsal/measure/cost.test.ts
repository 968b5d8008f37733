import { expect } from "chai";
import type { PriceTable } from "../../../rehearsal/inputs/prices";
import { CostMeter } from "../../../rehearsal/measure/cost";
import type { Instance, Lifecycle } from "../../../rehearsal/world/ec2/instance";
import { DEFAULT_FLAGS } from "../../../rehearsal/world/flags";
import { World } from "../../../rehearsal/world/world";
import { PLACE } from "../../support/stage";

const HOUR = 3_600_000;

/** A Spot price that doubles after an hour. */
const PRICES: PriceTable = {
  source: "test",
  onDemandUsdPerHour: (type) => (type === "m5.large" ? 10 : 20),
  spotUsdPerHour: (_, atMs) => (atMs < HOUR ? 1 : 2),
  lowestSpotUsdPerHour: (_, fromMs) => (fromMs < HOUR ? 1 : 2),
  interruptionBucket: () => 0,
  estimated: () => null,
};

function account(since?: number) {
  const world = new World({ seed: 1, flags: DEFAULT_FLAGS, ...PLACE, sink: undefined });
  const cost = new CostMeter(world, PRICES, since);
  const launch = (lifecycle: Lifecycle, instanceType = "m5.large"): Instance => {
    const rest = { availabilityZone: "eu-west-1a", userData: "", tags: {}, autoScalingGroupName: "shop" };
    const launched = world.ec2.launch({ instanceType, lifecycle, ...rest });
    if (typeof launched === "string") throw new Error(launched);
    return launched;
  };
  return { world, cost, launch, at: (hours: number) => world.run(hours * HOUR) };
}

describe("cost", () => {
  it("is billed by the second from launch to end, On-Demand at its price", async () => {
    const { world, cost, launch, at } = account();
    const { id } = launch("on-demand");
    await at(0.5);
    world.ec2.terminate(id, "test");
    await at(5);
    const shutdownHours = 10 / 3600;
    expect(cost.result().usd).to.be.closeTo(10 * (0.5 + shutdownHours), 1e-9);
  });

  it("follows a Spot price that changes, and compares it with the same instance on demand", async () => {
    const { cost, launch, at } = account();
    launch("spot");
    await at(2.5);
    expect(cost.result()).to.deep.equal({ usd: 1 + 3, onDemandUsd: 25, ratio: 0.16 });
  });

  it("adds up the instances, those that are gone and those that run", async () => {
    const { world, cost, launch, at } = account();
    const spot = launch("spot");
    launch("on-demand", "m5.xlarge");
    world.ec2.interrupt(spot, HOUR, true);
    await at(3);
    expect(cost.result()).to.deep.equal({ usd: 1 + 60, onDemandUsd: 10 + 60, ratio: 61 / 70 });
  });

  it("leaves out what ran before the measuring, where the prices' time begins too", async () => {
    const { cost, launch, at } = account(HOUR);
    launch("spot");
    await at(2.5);
    expect(cost.result().usd).to.equal(1 + 1);
  });

  it("is nothing, and no ratio, where nothing runs", () => {
    expect(account().cost.result()).to.deep.equal({ usd: 0, onDemandUsd: 0, ratio: 0 });
  });
});
