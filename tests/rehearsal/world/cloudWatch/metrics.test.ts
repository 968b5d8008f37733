import { expect } from "chai";
import * as fc from "fast-check";
import { evaluate, type AlarmState, type Point } from "../../../../rehearsal/world/cloudWatch/evaluation";
import { keyOf, STATISTICS } from "../../../../rehearsal/world/cloudWatch/metric";
import { Metrics } from "../../../../rehearsal/world/cloudWatch/metrics";
import type { World } from "../../../../rehearsal/world/world";
import { HOUR, later, makeWorld, MINUTE, SECOND } from "../support";
import { LOAD, feed } from "./support";

const KEY = keyOf(LOAD);
/** When everything of the first minutes is long published. */
const PUBLISHED = 10 * MINUTE;

describe("CloudWatch: metrics", () => {
  it("gives every statistic of a minute, samples counted", async () => {
    const { world } = makeWorld();
    for (const value of [1, 4]) world.metrics.put({ ...LOAD, value });
    world.metrics.put({ ...LOAD, value: 3, samples: 2 });
    await world.run(PUBLISHED);
    const read = STATISTICS.map((statistic) => world.metrics.read(KEY, statistic, 0, MINUTE, PUBLISHED));
    expect(read).to.deep.equal([11 / 4, 11, 1, 4, 4]);
  });

  it("puts several minutes together, and has nothing where nothing was observed", async () => {
    const { world } = makeWorld();
    feed(world, [10, undefined, 40]);
    await world.run(PUBLISHED);
    const sum = (from: number, to: number) => world.metrics.read(KEY, "Sum", from * MINUTE, to * MINUTE, PUBLISHED);
    expect([sum(0, 3), sum(1, 2), sum(2, 5), sum(3, 5)]).to.deep.equal([50, undefined, 40, undefined]);
  });

  it("takes what a source tells at a full minute as observed in the minute before", async () => {
    const { world } = makeWorld();
    feed(world, [7]);
    await world.run(PUBLISHED);
    expect(world.metrics.read(KEY, "Average", 0, MINUTE, PUBLISHED)).to.equal(7);
  });

  it("tells metrics apart by every dimension, in whatever order they are named", () => {
    const key = (dimensions: Record<string, string>): string => keyOf({ ...LOAD, dimensions });
    expect(key({ A: "1", B: "2" })).to.equal(key({ B: "2", A: "1" }));
    expect(new Set([key({ A: "1" }), key({ A: "2" }), key({ A: "1", B: "2" }), key({})]).size).to.equal(4);
  });

  it("publishes a minute some time after its end: AWS's own up to two minutes, a program's within seconds", async () => {
    const { world } = makeWorld();
    const own = { ...LOAD, value: 1 };
    const aws = { namespace: "AWS/ECS", name: "CPUUtilization", dimensions: {}, value: 1 };
    for (const datum of [own, aws]) world.metrics.put(datum);
    await world.run(PUBLISHED);
    const isThere = (datum: typeof own, asOf: number): boolean =>
      world.metrics.read(keyOf(datum), "Sum", 0, MINUTE, asOf) !== undefined;
    expect([MINUTE, MINUTE + 15 * SECOND].map((asOf) => isThere(own, asOf))).to.deep.equal([false, true]);
    expect([MINUTE + 29 * SECOND, 3 * MINUTE].map((asOf) => isThere(aws, asOf))).to.deep.equal([false, true]);
  });

  it("publishes together what a namespace tells of one minute", async () => {
    const { world } = makeWorld();
    const metrics = ["CPUUtilization", "MemoryUtilization"].map((name) => ({ ...LOAD, namespace: "AWS/ECS", name }));
    for (const metric of metrics) feed(world, [1, 1, 1, 1, 1], metric);
    await world.run(PUBLISHED);
    for (let asOf = 0; asOf < PUBLISHED; asOf += SECOND) {
      const seen = metrics.map((metric) => world.metrics.read(keyOf(metric), "SampleCount", 0, PUBLISHED, asOf));
      expect(seen[0]).to.equal(seen[1]);
    }
  });

  it("forgets what nobody can read any more", async () => {
    const { world } = makeWorld();
    world.metrics.put({ ...LOAD, value: 1 });
    const first = () => world.metrics.read(KEY, "Sum", 0, MINUTE, world.clock.now);
    await world.run(world.metrics.keptMs + MINUTE);
    expect(first()).to.equal(1);
    await later(world, MINUTE);
    expect(first()).to.equal(undefined);
  });

  it("lets alarms see the same whether or not the store was pruned", async () => {
    const value = fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined });
    const values = fc.array(value, { minLength: 30, maxLength: 60 });
    const law = fc.asyncProperty(values, fc.integer({ min: 1, max: 15 }), async (given, datapoints) => {
      const { world } = makeWorld();
      // As tight as an alarm of so many datapoints allows.
      const stores = [24 * HOUR, datapoints * MINUTE].map((keptMs) => new Metrics(world.context, keptMs));
      const seen = stores.map((metrics) => watched(metrics, world, given, datapoints));
      await world.run((given.length + 1) * MINUTE);
      expect(seen[1]).to.deep.equal(seen[0]);
      expect(seen[0]).to.have.length(given.length);
    });
    await fc.assert(law, { numRuns: 30 });
  });
});

/** The states of an alarm on this store, minute by minute. */
function watched(metrics: Metrics, world: World, given: readonly (number | undefined)[], n: number): AlarmState[] {
  const states: AlarmState[] = [];
  const how = { evaluationPeriods: n, datapointsToAlarm: n, treatMissingData: "missing" } as const;
  feed({ clock: world.clock, metrics }, given);
  metrics.minuteEnded.subscribe((now) => {
    const range = Array.from({ length: n }, (_, index): Point => {
      const from = now - (n - index) * MINUTE;
      const value = metrics.read(KEY, "Average", from, from + MINUTE, Infinity);
      return value === undefined ? undefined : value > 50;
    });
    states.push(evaluate(range, how, states.at(-1) ?? "INSUFFICIENT_DATA"));
  });
  return states;
}
