import { expect } from "chai";
import { checkPattern, matches, type EventPattern } from "../../../rehearsal/world/eventPattern";
import { EventBus, type AwsEvent } from "../../../rehearsal/world/eventBridge";
import { drawFaults, noFaults, ORDINARY } from "../../../rehearsal/world/faults";
import { ACCOUNT, HOUR, makeWorld, MINUTE, REGION, SECOND } from "./support";

const EVENT: AwsEvent = {
  "detail-type": "EC2 Instance Rebalance Recommendation",
  source: "aws.ec2",
  time: "2026-01-01T00:00:00Z",
  resources: ["arn:aws:ec2:eu-west-1:123456789012:instance/i-1"],
  detail: { "instance-id": "i-1", count: 5, state: { name: "running" } },
};

const fits = (pattern: EventPattern): boolean => matches(pattern, EVENT as unknown as EventPattern);

describe("EventBridge patterns", () => {
  const cases: readonly (readonly [what: string, fitting: EventPattern, other: EventPattern])[] = [
    ["one of several values", { source: ["aws.ecs", "aws.ec2"] }, { source: ["aws.ecs"] }],
    ["every key", { source: ["aws.ec2"], detail: { count: [5] } }, { source: ["aws.ec2"], detail: { count: [6] } }],
    ["nested objects", { detail: { state: { name: ["running"] } } }, { detail: { state: { name: ["stopped"] } } }],
    ["an item of a list", { resources: [EVENT.resources[0]] }, { resources: ["i-2"] }],
    ["prefix", { "detail-type": [{ prefix: "EC2 " }] }, { "detail-type": [{ prefix: "ECS " }] }],
    ["suffix", { "detail-type": [{ suffix: "tion" }] }, { "detail-type": [{ suffix: "ing" }] }],
    [
      "equals-ignore-case",
      { source: [{ "equals-ignore-case": "AWS.EC2" }] },
      { source: [{ "equals-ignore-case": "x" }] },
    ],
    ["wildcard", { source: [{ wildcard: "aws.*2" }] }, { source: [{ wildcard: "aws.*3" }] }],
    ["exists", { detail: { count: [{ exists: true }] } }, { detail: { count: [{ exists: false }] } }],
    ["what doesn't exist", { detail: { other: [{ exists: false }] } }, { detail: { other: [{ exists: true }] } }],
    ["anything-but", { source: [{ "anything-but": ["aws.ecs"] }] }, { source: [{ "anything-but": "aws.ec2" }] }],
    [
      "anything but a prefix",
      { source: [{ "anything-but": { prefix: "x" } }] },
      { source: [{ "anything-but": { prefix: "aws" } }] },
    ],
    [
      "numeric",
      { detail: { count: [{ numeric: [">", 4, "<=", 5] }] } },
      { detail: { count: [{ numeric: ["<", 5] }] } },
    ],
    ["$or", { $or: [{ source: ["x"] }, { detail: { count: [5] } }] }, { $or: [{ source: ["x"] }, { source: ["y"] }] }],
  ];
  for (const [what, fitting, other] of cases) {
    it(`match by ${what}`, () => {
      checkPattern(fitting, "rule");
      expect(fits(fitting)).to.equal(true);
      expect(fits(other)).to.equal(false);
    });
  }

  it("are refused with the filter's name where it isn't modelled", () => {
    expect(() => checkPattern({ detail: { ip: [{ cidr: "10.0.0.0/8" }] } }, "event rule net")).to.throw(
      /event rule net.*cidr is not modelled: prefix, suffix/,
    );
  });
});

describe("EventBridge", () => {
  function listening(pattern: EventPattern | undefined, rateMs?: number) {
    const logged = makeWorld();
    const received: { at: number; text: string }[] = [];
    const deliver = (text: string): void => void received.push({ at: logged.world.clock.now, text });
    logged.world.bus.addRule({ name: "rule", arn: "rule-arn", pattern, rateMs, deliver: [deliver] });
    return { ...logged, received };
  }

  it("delivers a whole event, within a tenth of a second for the most part", async () => {
    const { world, received } = listening({ source: ["aws.ec2"] });
    for (let count = 0; count < 100; count++) world.bus.publish(EVENT, "bestEffort");
    await world.run(MINUTE);
    expect(received.filter(({ at }) => at <= 80).length).to.be.within(80, 98);
    expect(JSON.parse(received[0]!.text)).to.include({
      version: "0",
      account: ACCOUNT,
      region: REGION,
      source: "aws.ec2",
    });
  });

  it("fires a rate once per period, up to 8 s late", async () => {
    const { world, received } = listening(undefined, MINUTE);
    await world.run(HOUR);
    expect(received.length).to.be.within(58, 60);
    received.forEach(({ at }, index) => expect(at - (index + 1) * MINUTE).to.be.within(0, 8 * SECOND));
    expect(JSON.parse(received[0]!.text)).to.include({ "detail-type": "Scheduled Event" });
  });

  it("says of an event how many deliveries there will be over all rules, and whether it got lost before any rule saw it", async () => {
    const { world, received } = listening({ source: ["aws.ec2"] });
    const other = { name: "other", arn: "other", pattern: { source: ["aws.ec2"] }, rateMs: undefined, deliver: [] };
    world.bus.addRule(other);
    expect(world.bus.publish(EVENT, "bestEffort")).to.deep.equal({ deliveries: 2, isLost: false });
    world.bus.faults = { ...noFaults, deliveries: () => [0, 0] };
    expect(world.bus.publish(EVENT, "bestEffort")).to.deep.equal({ deliveries: 4, isLost: false });
    expect(world.bus.publish({ ...EVENT, source: "aws.ecs" }, "bestEffort")).to.deep.equal({
      deliveries: 0,
      isLost: false,
    });
    world.bus.faults = { ...noFaults, loses: () => true };
    expect(world.bus.publish(EVENT, "bestEffort")).to.deep.equal({ deliveries: 0, isLost: true });
    await world.run(MINUTE);
    expect(received).to.have.lengthOf(3);
  });

  it("loses best-effort events, never durable ones, and delivers some twice or late, as the faults say", async () => {
    const { world } = makeWorld();
    const rates = { ...ORDINARY, eventLost: 0.5, eventDuplicated: 0.5, eventDelayed: 0.5 };
    const count = async (delivery: "bestEffort" | "durable") => {
      const bus = new EventBus(world.context, REGION, ACCOUNT);
      bus.faults = drawFaults(rates, world.context.random(`faults/${delivery}`));
      let received = 0;
      let late = 0;
      const from = world.clock.now;
      const deliver = (): void => {
        received++;
        if (world.clock.now - from > SECOND / 2) late++;
      };
      bus.addRule({ name: "r", arn: "r", pattern: { source: ["aws.ec2"] }, rateMs: undefined, deliver: [deliver] });
      for (let index = 0; index < 400; index++) bus.publish(EVENT, delivery);
      await world.run(from + MINUTE);
      return { received, late };
    };
    expect((await count("durable")).received).to.be.within(540, 660);
    const { received, late } = await count("bestEffort");
    expect(received).to.be.within(240, 360);
    expect(late / received).to.be.within(0.4, 0.6);
  });
});
