import { expect } from "chai";
import { metricRecord } from "../../../../functions/log";
import { embeddedMetrics } from "../../../../rehearsal/world/cloudWatch/embeddedMetrics";
import { keyOf } from "../../../../rehearsal/world/cloudWatch/metric";
import { LambdaFunction } from "../../../../rehearsal/world/lambda/function";
import { arn, later, makeWorld, MINUTE, SECOND } from "../support";

describe("CloudWatch: what Lambda tells", () => {
  it("is how often a function was invoked and failed in a minute, and nothing of a minute without", async () => {
    const { world } = makeWorld();
    const spec = {
      name: "fn",
      arn: arn("lambda", "function:fn"),
      text: "exports.handler = async (fails) => { if (fails) throw new Error('no'); };",
      environment: {},
      timeoutMs: SECOND,
      memoryMiB: 128,
      reservedConcurrency: undefined,
      statements: [],
    };
    const fn = new LambdaFunction(spec, world.context, () => () => Promise.resolve({}));
    world.functions.push(fn);
    for (const fails of [true, false, true]) fn.invoke(fails, () => undefined);
    await world.run(3 * MINUTE + SECOND);
    fn.invoke(false, () => undefined);
    await later(world, 10 * MINUTE);
    const sums = (name: string) =>
      [0, 1, 2, 3].map((minute) => {
        const key = keyOf({ namespace: "AWS/Lambda", name, dimensions: { FunctionName: "fn" } });
        return world.metrics.read(key, "Sum", minute * MINUTE, (minute + 1) * MINUTE, Infinity);
      });
    expect(sums("Invocations")).to.deep.equal([3, undefined, undefined, 1]);
    expect(sums("Errors")).to.deep.equal([2, undefined, undefined, 0]);
    expect(sums("Throttles")).to.deep.equal([0, undefined, undefined, 0]);
  });
});

describe("CloudWatch: metrics in a printed line", () => {
  it("are those that Spotproof's functions print, each of several values for itself", () => {
    const metrics = {
      Stopped: { value: 2, unit: "Count" },
      Waited: { value: [1, 5], unit: "Seconds" },
    } as const;
    const of = { namespace: "Spotproof", dimensions: { ClusterName: "shop" } };
    expect(embeddedMetrics(JSON.stringify(metricRecord(of.dimensions, metrics, 0)))).to.deep.equal([
      { ...of, name: "Stopped", value: 2 },
      { ...of, name: "Waited", value: 1 },
      { ...of, name: "Waited", value: 5 },
    ]);
  });

  it("are told for every set of dimensions, and left out where the record lacks them", () => {
    const CloudWatchMetrics = [
      { Namespace: "Shop", Dimensions: [["A"], ["A", "B"], []], Metrics: [{ Name: "Carts" }, { Name: "Missing" }] },
    ];
    const line = JSON.stringify({ _aws: { Timestamp: 0, CloudWatchMetrics }, A: "1", B: "2", Carts: 3 });
    expect(embeddedMetrics(line).map(({ dimensions, value }) => [dimensions, value])).to.deep.equal([
      [{ A: "1" }, 3],
      [{ A: "1", B: "2" }, 3],
      [{}, 3],
    ]);
  });

  it("are none in any other line", () => {
    const lines = [
      "",
      "hello",
      '{"level":"info"}',
      '{"_aws":1}',
      '{"_aws"',
      '["_aws"]',
      '{"_aws":{"CloudWatchMetrics":[{}]}}',
    ];
    expect(lines.map(embeddedMetrics)).to.deep.equal(lines.map(() => []));
  });
});
