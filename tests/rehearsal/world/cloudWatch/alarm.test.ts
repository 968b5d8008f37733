import { expect } from "chai";
import type { AlarmSpec } from "../../../../rehearsal/world/cloudWatch/alarm";
import { makeWorld, MINUTE, type Logged } from "../support";
import { alarmSpec, feed, LOAD } from "./support";

const POLICY = "arn:policy";
const WATCHED = { OK: [], ALARM: [POLICY], INSUFFICIENT_DATA: [] };

/** A world in which the load takes these values, minute by minute, until it is over. */
async function ran(
  values: readonly (number | undefined)[],
  spec: Partial<AlarmSpec> = {},
  minutes = values.length + 2,
) {
  const logged = makeWorld();
  const { world } = logged;
  const told: { readonly minute: number; readonly values: readonly number[] }[] = [];
  world.scalingPolicies.set(POLICY, {
    onAlarm: (_, values) => void told.push({ minute: world.clock.now / MINUTE, values }),
  });
  const events: Record<string, unknown>[] = [];
  world.bus.addRule({
    name: "rule",
    arn: "rule",
    pattern: { source: ["aws.cloudwatch"] },
    rateMs: undefined,
    deliver: [(text) => events.push(JSON.parse(text) as Record<string, unknown>)],
  });
  const alarm = world.alarms.add(alarmSpec(spec));
  feed(world, values);
  await world.run(minutes * MINUTE + 1);
  return { ...logged, alarm, told, events };
}

const statesOf = ({ of }: Logged): unknown[] => of("cloudwatch.AlarmState").map(({ state }) => state);

describe("CloudWatch: alarms", () => {
  it("start without data, and go to ALARM and back as the metric does", async () => {
    const run = await ran([10, 10, 90, 90, 10]);
    expect(run.of("cloudwatch.AlarmState").map(({ was, state }) => [was, state])).to.deep.equal([
      ["INSUFFICIENT_DATA", "OK"],
      ["OK", "ALARM"],
      ["ALARM", "OK"],
    ]);
  });

  it("wait for M of N", async () => {
    const twoOfThree = { evaluationPeriods: 3, datapointsToAlarm: 2 };
    expect(statesOf(await ran([10, 90, 10, 10, 90, 10, 10], twoOfThree))).to.deep.equal(["OK"]);
    expect(statesOf(await ran([10, 90, 10, 90, 10], twoOfThree))).to.deep.equal(["OK", "ALARM", "OK"]);
  });

  it("slide by the minute, also with a longer period", async () => {
    const run = await ran([10, 10, 10, 10, 10, 100, 100, 100, 100, 10], { periodMs: 5 * MINUTE });
    const [ok, alarm] = run.of("cloudwatch.AlarmState");
    // 10, 10, 100, 100, 100 in the five minutes before the eighth, the last of which is not published yet.
    expect([ok!.state, alarm!.state, alarm!.t / MINUTE]).to.deep.equal(["OK", "ALARM", 8]);
  });

  it("call scaling policies every minute as long as the state lasts, with the datapoints that count", async () => {
    const actions = { OK: [], ALARM: [POLICY, "arn:aws:sns:eu-west-1:123456789012:mail"], INSUFFICIENT_DATA: [] };
    const { told } = await ran([90, 80, 70, 10], { actions });
    expect(told.map(({ values }) => values)).to.deep.equal([[90], [80], [70]]);
    expect(told.map(({ minute }) => minute - told[0]!.minute)).to.deep.equal([0, 1, 2]);
  });

  it("call nobody where their actions are switched off", async () => {
    const actions = { OK: [POLICY], ALARM: [POLICY], INSUFFICIENT_DATA: [POLICY] };
    expect((await ran([90, 10], { actions, actionsEnabled: false })).told).to.deep.equal([]);
    expect((await ran([90, 10], { actions })).told).not.to.deep.equal([]);
  });

  it("tell the event bus of every change, and of nothing else", async () => {
    const { events, alarm } = await ran([10, 90, 90, 90]);
    expect(events).to.have.length(2);
    const event = events[1] as { detail: Record<string, Record<string, string>>; resources: string[] };
    expect(event).to.include({ "detail-type": "CloudWatch Alarm State Change", source: "aws.cloudwatch" });
    expect(event.resources).to.deep.equal([alarm.spec.arn]);
    expect(event.detail).to.include({ alarmName: "load" });
    expect([event.detail.previousState!.value, event.detail.state!.value]).to.deep.equal(["OK", "ALARM"]);
    expect(event.detail.state!.timestamp).to.match(/^2026-01-01T00:0\d:00\.000\+0000$/);
    expect(JSON.parse(event.detail.state!.reasonData!)).to.include({ threshold: 50, period: 60 });
    expect(event.detail.configuration).to.deep.equal({
      description: "",
      metrics: [
        {
          id: "m1",
          metricStat: {
            metric: { namespace: "Shop", name: "Load", dimensions: { Service: "web" } },
            period: 60,
            stat: "Average",
          },
          returnData: true,
        },
      ],
    });
  });

  it("look at metric math, and say so in their events", async () => {
    const queries = [
      { id: "twice", is: "load * 2" },
      { id: "load", is: { metric: LOAD, statistic: "Sum" } },
    ] as const;
    const run = await ran([20, 30, 10, 10], { observed: { queries, result: "twice" }, actions: WATCHED });
    expect(statesOf(run)).to.deep.equal(["OK", "ALARM", "OK"]);
    expect(run.told.map(({ values }) => values)).to.deep.equal([[60]]);
    const { configuration } = run.events[1]!.detail as { configuration: { metrics: object[] } };
    const metric = { namespace: "Shop", name: "Load", dimensions: { Service: "web" } };
    expect(configuration.metrics).to.deep.equal([
      { id: "twice", expression: "load * 2", returnData: true },
      { id: "load", metricStat: { metric, period: 60, stat: "Sum" }, returnData: false },
    ]);
  });

  it("take for the latest minute what FILL fills in, while it isn't published", async () => {
    const queries = [
      { id: "filled", is: "FILL(load, 0)" },
      { id: "load", is: { metric: LOAD, statistic: "Sum" } },
    ] as const;
    const observed = { queries, result: "filled" };
    const alarming = { comparison: "LessThanThreshold" } as const;
    const busy = Array.from({ length: 10 }, () => 90);
    expect(statesOf(await ran(busy, { observed, ...alarming }, 10))).to.deep.equal(["ALARM"]);
    expect(statesOf(await ran(busy, { ...alarming }, 10))).to.deep.equal(["OK"]);
  });

  it("lose no event where others are lost", async () => {
    const logged = makeWorld();
    const events: string[] = [];
    const { world } = logged;
    const lossy = { ...world.faults, loses: (delivery: string) => delivery === "bestEffort" };
    world.setFaults(lossy);
    world.bus.addRule({
      name: "rule",
      arn: "rule",
      pattern: { source: ["aws.cloudwatch"] },
      rateMs: undefined,
      deliver: [(text) => events.push(text)],
    });
    world.alarms.add(alarmSpec());
    feed(world, [10]);
    await world.run(3 * MINUTE);
    expect(events).to.have.length(1);
  });

  it("keep what they were for a read that lags", async () => {
    const { alarm, of } = await ran([10, 90]);
    const [, change] = of("cloudwatch.AlarmState");
    expect([change!.t - 1, change!.t].map((asOf) => alarm.standingAt(asOf).state)).to.deep.equal(["OK", "ALARM"]);
  });

  it("stay as they were made where nobody measures their metric, whatever missing data means", async () => {
    const run = await ran([], { isFed: false, treatMissingData: "breaching" }, 30);
    expect([run.alarm.state, statesOf(run)]).to.deep.equal(["INSUFFICIENT_DATA", []]);
  });

  it("look as far back as they need, however long ago that is", async () => {
    const day = 24 * 60;
    const spec = { periodMs: 6 * 60 * MINUTE, evaluationPeriods: 3, threshold: 0.5 };
    const { alarm } = await ran([...Array<number>(day - 120).fill(1)], spec, day);
    expect(alarm.state).to.equal("ALARM");
  });
});
