import { expect } from "chai";
import { playMarket } from "../../../rehearsal/world/ec2/marketDriver";
import type { Market, MarketEvent } from "../../../rehearsal/inputs/market";
import { noFaults } from "../../../rehearsal/world/faults";
import { addGroup, makeWorld, MINUTE, SECOND } from "./support";

const market = (...events: MarketEvent[]): Market => ({ source: "by hand", durationMs: null, events });

describe("EC2", () => {
  it("takes an instance back two minutes after its notice", async () => {
    const { world, of } = makeWorld();
    addGroup(world, { desiredCapacity: 1 });
    playMarket(
      market({ atMs: 10 * MINUTE, kind: "reclaim", pool: {}, share: 1, spreadMs: 0 }),
      world.ec2,
      world.context,
    );
    await world.run(15 * MINUTE);
    const [decided] = of("ec2.InterruptionDecided");
    const [ended] = of("ec2.Terminated");
    expect(ended!.t - decided!.t).to.equal(120 * SECOND);
    expect(ended!.t).to.equal(10 * MINUTE);
  });

  it("sends the warning for the instance that it takes, and none for one that it takes silently", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { desiredCapacity: 2 });
    const warned: string[] = [];
    world.bus.addRule({
      name: "warnings",
      arn: "warnings",
      pattern: { "detail-type": ["EC2 Spot Instance Interruption Warning"] },
      rateMs: undefined,
      deliver: [(text) => warned.push((JSON.parse(text) as { detail: Record<string, string> }).detail["instance-id"]!)],
    });
    await world.run(MINUTE);
    const [told, silent] = [...group.members.values()].map((member) => member.instance);
    world.ec2.interrupt(told!, 3 * MINUTE, false);
    world.ec2.interrupt(silent!, 3 * MINUTE, true);
    await world.run(4 * MINUTE);
    expect(warned).to.deep.equal([told!.id]);
    expect([told!.state, silent!.state]).to.deep.equal(["terminated", "terminated"]);
  });

  it("knows of an interruption whether the event of its notice got lost, and shows the notice on the instance all the same", async () => {
    for (const isLost of [true, false]) {
      const { world } = makeWorld();
      const group = addGroup(world, { desiredCapacity: 2 });
      await world.run(MINUTE);
      world.bus.faults = { ...noFaults, loses: (delivery) => isLost && delivery === "bestEffort" };
      const noticed: string[] = [];
      world.ec2.noticed.subscribe(({ id }) => noticed.push(id));
      const [told, silent] = [...group.members.values()].map((member) => member.instance);
      world.ec2.interrupt(told!, 3 * MINUTE, false);
      world.ec2.interrupt(silent!, 3 * MINUTE, true);
      expect(told!.interruption).to.deep.equal({ endsAt: 3 * MINUTE, noticedAt: MINUTE, eventLost: isLost });
      expect(silent!.interruption).to.deep.equal({ endsAt: 3 * MINUTE, noticedAt: undefined, eventLost: false });
      expect(noticed).to.deep.equal([told!.id]);
    }
  });

  it("logs how long an interrupted instance has left, whatever the log's zero is", async () => {
    const { world, of } = makeWorld();
    const group = addGroup(world, { desiredCapacity: 1 });
    await world.run(MINUTE);
    const [member] = group.members.values();
    world.ec2.interrupt(member!.instance, 3 * MINUTE, false);
    expect(of("ec2.InterruptionDecided")).to.deep.equal([
      { t: MINUTE, event: "ec2.InterruptionDecided", instanceId: member!.instance.id, inMs: 2 * MINUTE, notice: true },
    ]);
  });

  it("gives no Spot instance above the capacity of its pools, and one again when another has ended", async () => {
    const { world } = makeWorld();
    world.ec2.market.limit({ availabilityZone: "a" }, 2);
    const spec = {
      availabilityZone: "a",
      instanceType: "m5.large",
      lifecycle: "spot" as const,
      userData: "",
      tags: {},
      autoScalingGroupName: "group",
    };
    const first = world.ec2.launch(spec);
    world.ec2.launch({ ...spec, instanceType: "m6i.large" });
    expect(world.ec2.launch(spec)).to.equal("InsufficientInstanceCapacity");
    expect(world.ec2.canLaunchSpot({ availabilityZone: "b", instanceType: "m5.large" })).to.equal(true);
    expect(world.ec2.launch({ ...spec, lifecycle: "on-demand" })).to.be.an("object");
    if (typeof first !== "string") world.ec2.terminate(first.id, "test");
    await world.run(MINUTE);
    expect(world.ec2.launch(spec)).to.be.an("object");
  });

  it("refuses every launch in a zone whose capacity is 0, until the limit is lifted", () => {
    const { world } = makeWorld();
    const pool = { availabilityZone: "a", instanceType: "m5.large" };
    world.ec2.market.limit({ availabilityZone: "a" }, 0);
    expect(world.ec2.canLaunchSpot(pool)).to.equal(false);
    world.ec2.market.limit({ availabilityZone: "a" }, null);
    expect(world.ec2.canLaunchSpot(pool)).to.equal(true);
  });

  it("knows which pools give instances at all, and how many all of them hold together", () => {
    const { market } = makeWorld().world.ec2;
    const isOpen = (availabilityZone: string) => market.isOpen({ instanceType: "m5.large", availabilityZone });
    market.limit({ availabilityZone: "a" }, 0);
    expect([isOpen("a"), isOpen("b"), market.mostTogether]).to.deep.equal([false, true, Infinity]);
    market.limit({}, 3);
    expect([isOpen("a"), isOpen("b"), market.mostTogether]).to.deep.equal([false, true, 3]);
  });

  it("keeps a terminated instance visible for an hour", async () => {
    const { world } = makeWorld();
    const group = addGroup(world, { desiredCapacity: 1 });
    await world.run(MINUTE);
    const [id] = [...group.members.keys()];
    world.ec2.terminate(id!, "test");
    await world.run(2 * MINUTE);
    expect(world.ec2.living.has(id!)).to.equal(false);
    expect(world.ec2.visible(id!)?.state).to.equal("terminated");
    await world.run(70 * MINUTE);
    expect(world.ec2.visible(id!)).to.equal(undefined);
  });

  it("precedes every notice with a recommendation only where the flag says that AWS does", async () => {
    for (const rebalanceGuaranteed of [true, false]) {
      const { world, of } = makeWorld({ rebalanceGuaranteed }, 5);
      addGroup(world, { desiredCapacity: 12 });
      const reclaims = [20, 40, 60].map((minutes): MarketEvent => ({
        atMs: minutes * MINUTE,
        kind: "reclaim",
        pool: {},
        share: 0.3,
        spreadMs: 0,
      }));
      playMarket(market(...reclaims), world.ec2, world.context);
      await world.run(70 * MINUTE);
      const recommended = new Set(of("ec2.RebalanceRecommendation").map((line) => line.instanceId));
      const taken = of("ec2.InterruptionDecided").map((line) => line.instanceId);
      expect(taken.every((id) => recommended.has(id))).to.equal(rebalanceGuaranteed);
    }
  });
});
