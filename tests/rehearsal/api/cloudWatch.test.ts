import { expect } from "chai";
import { connectTo } from "../../../rehearsal/api/dispatch";
import type { AlarmSpec } from "../../../rehearsal/world/cloudWatch/alarm";
import { EPOCH_MS } from "../../../rehearsal/world/constants";
import { noFaults } from "../../../rehearsal/world/faults";
import {
  LambdaFunction,
  type ExecutionEnvironment,
  type FunctionSpec,
  type Result,
} from "../../../rehearsal/world/lambda/function";
import { alarmSpec, feed, LOAD } from "../world/cloudWatch/support";
import { scaledStage } from "../world/applicationAutoScaling/support";
import { arn, HOUR, later, makeWorld, MINUTE, SECOND } from "../world/support";
import { caller, errorOf, EVERYTHING } from "./caller";

const time = (ms: number): Date => new Date(EPOCH_MS + ms);

const QUERY = {
  Id: "load",
  MetricStat: {
    Metric: { Namespace: LOAD.namespace, MetricName: LOAD.name, Dimensions: [{ Name: "Service", Value: "web" }] },
    Period: 60,
    Stat: "Sum",
  },
};

const range = (from: number, to: number) => ({ StartTime: time(from), EndTime: time(to) });

/** A world whose load was measured for some minutes. */
async function measured(values: readonly (number | undefined)[], ...alarms: Partial<AlarmSpec>[]) {
  const logged = makeWorld();
  for (const spec of alarms) logged.world.alarms.add(alarmSpec(spec));
  feed(logged.world, values);
  await logged.world.run((values.length + 1) * MINUTE + SECOND);
  return logged;
}

interface Data {
  readonly Id: string;
  readonly Timestamps: readonly Date[];
  readonly Values: readonly number[];
}

describe("API: GetMetricData", () => {
  const get = async (input: object, values: readonly (number | undefined)[] = [1, undefined, 4, 8]) => {
    const call = caller(await measured(values));
    const { output } = await call("cloudwatch", "GetMetricData", { MetricDataQueries: [QUERY], ...input });
    return (output!.MetricDataResults as Data[])[0]!;
  };

  it("gives each minute by the time of its beginning, the latest first, and leaves out what is missing", async () => {
    const { Timestamps, Values } = await get(range(0, 10 * MINUTE));
    expect(Values).to.deep.equal([8, 4, 1]);
    expect(Timestamps).to.deep.equal([time(3 * MINUTE), time(2 * MINUTE), time(0)]);
  });

  it("gives the earliest first where that is asked for", async () => {
    expect((await get({ ...range(0, 10 * MINUTE), ScanBy: "TimestampAscending" })).Values).to.deep.equal([1, 4, 8]);
  });

  it("begins at the time asked for and ends before the other, by whole periods", async () => {
    expect((await get(range(2 * MINUTE, 3 * MINUTE))).Values).to.deep.equal([4]);
    expect((await get(range(2 * MINUTE + 59 * SECOND, 3 * MINUTE + SECOND))).Values).to.deep.equal([8, 4]);
    const MetricDataQueries = [{ ...QUERY, MetricStat: { ...QUERY.MetricStat, Period: 120 } }];
    expect((await get({ MetricDataQueries, ...range(0, 10 * MINUTE) })).Values).to.deep.equal([12, 1]);
  });

  it("doesn't know yet what isn't published", async () => {
    const { world } = makeWorld();
    feed(world, [5]);
    const call = caller({ world });
    const get = async () => {
      const { output } = await call("cloudwatch", "GetMetricData", { MetricDataQueries: [QUERY], ...range(0, HOUR) });
      return (output!.MetricDataResults as Data[])[0]!.Values;
    };
    await world.run(MINUTE);
    expect(await get()).to.deep.equal([]);
    await later(world, 20 * SECOND);
    expect(await get()).to.deep.equal([5]);
  });

  it("leaves out what the caller doesn't want returned", async () => {
    const call = caller(await measured([1]));
    const MetricDataQueries = [{ ...QUERY, ReturnData: false }];
    const { output } = await call("cloudwatch", "GetMetricData", { MetricDataQueries, ...range(0, HOUR) });
    expect(output!.MetricDataResults).to.deep.equal([]);
  });

  it("answers several queries, metric math among them, and leaves out what isn't asked for", async () => {
    const call = caller(await measured([1, undefined, 4]));
    const MetricDataQueries = [
      { Id: "twice", Expression: "FILL(load, 10) * 2", Label: "doubled" },
      { Id: "most", Expression: "MAX([twice, 15])" },
      { ...QUERY, ReturnData: false },
    ];
    const input = { MetricDataQueries, ...range(0, 3 * MINUTE), ScanBy: "TimestampAscending" };
    const { output } = await call("cloudwatch", "GetMetricData", input);
    expect((output!.MetricDataResults as Data[]).map(({ Id, Values }) => [Id, Values])).to.deep.equal([
      ["twice", [2, 20, 8]],
      ["most", [15, 20, 15]],
    ]);
  });

  it("takes at most 500 queries, and a range that isn't empty", async () => {
    const call = caller(await measured([1]));
    const MetricDataQueries = Array.from({ length: 501 }, (_, index) => ({ ...QUERY, Id: `q${index}` }));
    expect(await errorOf(call("cloudwatch", "GetMetricData", { MetricDataQueries, ...range(0, HOUR) }))).to.equal(
      "InvalidParameterException",
    );
    expect(
      await errorOf(call("cloudwatch", "GetMetricData", { MetricDataQueries: [QUERY], ...range(HOUR, HOUR) })),
    ).to.equal("InvalidParameterException");
  });

  const stopping: readonly (readonly [what: string, query: object, problem: RegExp])[] = [
    ["a function", { Id: "e", Expression: "RATE(m1)" }, /query e: metric math: RATE is not modelled; ABS, .* are/],
    ["an unknown id", { Id: "e", Expression: "m1 / m2" }, /query e: metric math: no query has the id m1/],
    ["a percentile", { ...QUERY, MetricStat: { ...QUERY.MetricStat, Stat: "p95" } }, /statistic p95 is not modelled/],
    ["a period of seconds", { ...QUERY, MetricStat: { ...QUERY.MetricStat, Period: 10 } }, /period of 10 s is not/],
  ];
  for (const [what, query, problem] of stopping) {
    it(`stops the rehearsal at ${what}, which it doesn't model`, async () => {
      const call = caller(await measured([1]));
      const asked = call("cloudwatch", "GetMetricData", { MetricDataQueries: [query], ...range(0, HOUR) });
      expect(await asked.then(() => "none", String)).to.match(problem);
    });
  }

  it("stops the rehearsal at what is no longer kept, instead of giving none", async () => {
    const { world } = await measured([1]);
    await later(world, world.metrics.keptMs);
    const asked = caller({ world })("cloudwatch", "GetMetricData", { MetricDataQueries: [QUERY], ...range(0, MINUTE) });
    expect(await asked.then(() => "none", String)).to.match(/asks for 18\d.* minutes: the rehearsal keeps 180/);
  });
});

describe("API: PutMetricData", () => {
  it("adds to a metric of one's own, values and their counts", async () => {
    const { world } = makeWorld();
    const call = caller({ world });
    const named = { MetricName: LOAD.name, Dimensions: QUERY.MetricStat.Metric.Dimensions };
    const MetricData = [
      { ...named, Value: 3 },
      { ...named, Values: [1, 2], Counts: [4, 1] },
    ];
    await call("cloudwatch", "PutMetricData", { Namespace: LOAD.namespace, MetricData });
    await world.run(5 * MINUTE);
    const { output } = await call("cloudwatch", "GetMetricData", { MetricDataQueries: [QUERY], ...range(0, HOUR) });
    expect((output!.MetricDataResults as Data[])[0]!.Values).to.deep.equal([9]);
  });

  it("is allowed by namespace, and never into AWS's own", async () => {
    const logged = makeWorld();
    const Condition = { StringEquals: { "cloudwatch:namespace": "Shop" } };
    const call = caller(logged, [{ ...EVERYTHING[0]!, Condition }]);
    const put = (Namespace: string) =>
      errorOf(call("cloudwatch", "PutMetricData", { Namespace, MetricData: [{ MetricName: "Load", Value: 1 }] }));
    expect([await put("Shop"), await put("Other"), await put("AWS/ECS")]).to.deep.equal([
      undefined,
      "AccessDeniedException",
      "InvalidParameterException",
    ]);
  });
});

describe("API: DescribeAlarms", () => {
  const names = (output: Record<string, unknown> | undefined) =>
    (output!.MetricAlarms as { AlarmName: string }[]).map(({ AlarmName }) => AlarmName);

  it("gives the alarms that are named, with their state and what they look at", async () => {
    const call = caller(await measured([10, 90], { name: "low", comparison: "LessThanThreshold" }, { name: "high" }));
    const { output } = await call("cloudwatch", "DescribeAlarms", { AlarmNames: ["high", "unknown"] });
    expect(names(output)).to.deep.equal(["high"]);
    expect((output!.MetricAlarms as object[])[0]).to.deep.include({
      StateValue: "ALARM",
      MetricName: "Load",
      Dimensions: [{ Name: "Service", Value: "web" }],
      Period: 60,
      Threshold: 50,
      ComparisonOperator: "GreaterThanThreshold",
      TreatMissingData: "missing",
    });
  });

  it("gives the queries of an alarm on metric math", async () => {
    const queries = [
      { id: "twice", is: "load * 2" },
      { id: "load", is: { metric: LOAD, statistic: "Sum" } },
    ] as const;
    const call = caller(await measured([10], { observed: { queries, result: "twice" } }));
    const { output } = await call("cloudwatch", "DescribeAlarms");
    const [described] = output!.MetricAlarms as { readonly Metrics: object[] }[];
    expect(described).not.to.have.property("MetricName");
    expect(described!.Metrics).to.deep.equal([
      { Id: "twice", Expression: "load * 2", ReturnData: true },
      { ...QUERY, MetricStat: { ...QUERY.MetricStat, Period: 60 }, ReturnData: false },
    ]);
  });

  it("chooses by prefix and by state, page by page", async () => {
    const specs = ["web-a", "web-b", "mail"].map((name) => ({ name }));
    const call = caller(await measured([10], ...specs, { name: "web-high", comparison: "LessThanThreshold" }));
    const of = async (input: object) => names((await call("cloudwatch", "DescribeAlarms", input)).output);
    expect(await of({ AlarmNamePrefix: "web" })).to.deep.equal(["web-a", "web-b", "web-high"]);
    expect(await of({ StateValue: "ALARM" })).to.deep.equal(["web-high"]);
    const { output } = await call("cloudwatch", "DescribeAlarms", { MaxRecords: 3 });
    expect([...names(output), ...(await of({ NextToken: output!.NextToken }))]).to.have.length(4);
    const tooMany = Array.from({ length: 101 }, String);
    expect(await errorOf(call("cloudwatch", "DescribeAlarms", { AlarmNames: tooMany }))).to.equal(
      "InvalidParameterException",
    );
  });

  it("answers with the state of a moment ago where reads lag", async () => {
    const { world } = await measured([10, 90], {});
    const state = async (): Promise<unknown> => {
      const { output } = await caller({ world })("cloudwatch", "DescribeAlarms");
      return (output!.MetricAlarms as { StateValue: string }[])[0]!.StateValue;
    };
    expect(await state()).to.equal("ALARM");
    world.setFaults({ ...noFaults, staleness: () => 2 * SECOND });
    expect(await state()).to.equal("OK");
  });

  it("needs the permission on all alarms, and is throttled beyond nine a second", async () => {
    const logged = await measured([10], {});
    const one = [{ ...EVERYTHING[0]!, Resource: arn("cloudwatch", "alarm:load") }];
    expect(await errorOf(caller(logged, one)("cloudwatch", "DescribeAlarms"))).to.equal("AccessDeniedException");
    const all = [{ ...EVERYTHING[0]!, Resource: arn("cloudwatch", "alarm:*") }];
    const environment = { alive: true } as ExecutionEnvironment;
    const dispatch = connectTo(logged.world)({ name: "fn", statements: all } as unknown as FunctionSpec, environment);
    const calls = Array.from({ length: 12 }, () => dispatch("cloudwatch", "DescribeAlarms", {}));
    const settled = Promise.allSettled(calls);
    await later(logged.world, SECOND);
    expect((await settled).filter(({ status }) => status === "fulfilled")).to.have.length(9);
  });
});

describe("API: DescribeScalableTargets", () => {
  const SCALED = { ServiceNamespace: "ecs", ResourceIds: ["service/cluster/web"] };

  it("gives the bounds as they are now", async () => {
    const stage = await scaledStage();
    stage.target.setBounds({ minCapacity: 5 }, "morning");
    const { output } = await caller(stage)("application-auto-scaling", "DescribeScalableTargets", SCALED);
    expect(output!.ScalableTargets).to.deep.equal([
      {
        ServiceNamespace: "ecs",
        ResourceId: "service/cluster/web",
        ScalableDimension: "ecs:service:DesiredCount",
        ScalableTargetARN: arn("application-autoscaling", "scalable-target/web"),
        MinCapacity: 5,
        MaxCapacity: 20,
        SuspendedState: {
          DynamicScalingInSuspended: false,
          DynamicScalingOutSuspended: false,
          ScheduledScalingSuspended: false,
        },
      },
    ]);
  });

  it("gives none for what isn't scaled, and wants resources with a dimension", async () => {
    const call = caller(await scaledStage());
    const targets = async (input: object) =>
      (await call("application-auto-scaling", "DescribeScalableTargets", { ...SCALED, ...input })).output!
        .ScalableTargets;
    expect(await targets({ ResourceIds: ["service/cluster/other"] })).to.deep.equal([]);
    expect(await targets({ ServiceNamespace: "dynamodb" })).to.deep.equal([]);
    const dimension = { ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount" };
    expect(await errorOf(call("application-auto-scaling", "DescribeScalableTargets", dimension))).to.equal(
      "ValidationException",
    );
  });

  it("is allowed by Application Auto Scaling's own prefix", async () => {
    const stage = await scaledStage();
    const named = (Action: string) => caller(stage, [{ ...EVERYTHING[0]!, Action }]);
    const ask = (Action: string) =>
      errorOf(named(Action)("application-auto-scaling", "DescribeScalableTargets", SCALED));
    expect([await ask("application-autoscaling:Describe*"), await ask("autoscaling:*")]).to.deep.equal([
      undefined,
      "AccessDeniedException",
    ]);
  });
});

describe("API: the SDK's own clients", () => {
  it("reach CloudWatch and Application Auto Scaling from a function", async () => {
    const stage = await scaledStage();
    stage.world.alarms.add(alarmSpec());
    const text = `exports.handler = async () => {
      const { CloudWatch } = require("@aws-sdk/client-cloudwatch");
      const { ApplicationAutoScaling } = require("@aws-sdk/client-application-auto-scaling");
      const cloudWatch = new CloudWatch({});
      const { MetricAlarms } = await cloudWatch.describeAlarms({ AlarmNames: ["load"] });
      const range = { StartTime: new Date(Date.now() - 60000), EndTime: new Date() };
      const { MetricDataResults } = await cloudWatch.getMetricData({ MetricDataQueries: [${JSON.stringify(QUERY)}], ...range });
      const { ScalableTargets } = await new ApplicationAutoScaling({}).describeScalableTargets({ ServiceNamespace: "ecs" });
      return [MetricAlarms[0].StateValue, MetricDataResults[0].Values, ScalableTargets[0].MinCapacity];
    };`;
    const spec = {
      name: "fn",
      arn: arn("lambda", "function:fn"),
      text,
      environment: {},
      timeoutMs: 25 * SECOND,
      memoryMiB: 128,
      reservedConcurrency: undefined,
      statements: EVERYTHING,
    };
    let result: Result | undefined;
    new LambdaFunction(spec, stage.world.context, connectTo(stage.world)).invoke({}, (ended) => (result = ended));
    await later(stage.world, MINUTE);
    expect(result).to.deep.equal({ ok: true, value: ["INSUFFICIENT_DATA", [], 2] });
  });
});
