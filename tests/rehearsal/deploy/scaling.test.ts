import { expect } from "chai";
import type { Resource } from "../../../rehearsal/deploy/monitor";
import { balancerDimensions } from "../../../rehearsal/world/cloudWatch/balancer";
import { keyOf } from "../../../rehearsal/world/cloudWatch/metrics";
import type { MetricStat } from "../../../rehearsal/world/cloudWatch/observed";
import type { World } from "../../../rehearsal/world/world";
import { later, MINUTE, SECOND } from "../world/support";
import { arnOf, clusterOn, declared, deployed, DEFINITION, problemOf, service, type Inputs } from "./support";

const SCALED = {
  serviceNamespace: "ecs",
  scalableDimension: "ecs:service:DesiredCount",
  resourceId: "service/shop/web",
};

const CPU = {
  namespace: "AWS/ECS",
  metricName: "CPUUtilization",
  dimensions: { ClusterName: "shop", ServiceName: "web" },
};

const TARGET = declared("aws:appautoscaling/target:Target", "target", { ...SCALED, minCapacity: 1, maxCapacity: 10 });

const STACK = [...clusterOn(), DEFINITION, service({ desiredCount: 2 }), TARGET];

const policy = (inputs: Inputs, name = "out"): Resource =>
  declared("aws:appautoscaling/policy:Policy", name, { ...SCALED, policyType: "StepScaling", ...inputs });

const steps = (...stepAdjustments: readonly Inputs[]): Inputs => ({
  stepScalingPolicyConfiguration: { adjustmentType: "ChangeInCapacity", cooldown: 600, stepAdjustments },
});

/** Bounds are strings in this provider. */
const OUT = policy(
  steps(
    { metricIntervalLowerBound: "0", metricIntervalUpperBound: "10", scalingAdjustment: 1 },
    { metricIntervalLowerBound: "10", scalingAdjustment: 3 },
  ),
);

const alarm = (inputs: Inputs = {}): Resource =>
  declared("aws:cloudwatch/metricAlarm:MetricAlarm", "busy", {
    ...CPU,
    statistic: "Average",
    period: 60,
    evaluationPeriods: 2,
    threshold: 60,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    alarmActions: [arnOf(OUT)],
    ...inputs,
  });

const tracking = (inputs: Inputs): Resource =>
  policy({
    policyType: "TargetTrackingScaling",
    targetTrackingScalingPolicyConfiguration: { targetValue: 50, ...inputs },
  });

const countOf = (world: World): number => world.clusters.get("shop")!.services.get("web")!.desiredCount;

describe("deploy: scaling", () => {
  it("lets a declared alarm call a declared policy, which changes the service's desired count", async () => {
    const { world, notModelled, of } = await deployed([...STACK, OUT, alarm()]);
    expect(notModelled).to.deep.equal([]);
    let cpu = 40;
    world.taskUtilization = () => cpu;
    await world.run(20 * MINUTE);
    expect(countOf(world)).to.equal(2);
    cpu = 75;
    await later(world, 5 * MINUTE);
    expect([countOf(world), of("autoscaling.DesiredCount")[0]!.by]).to.deep.equal([5, "out"]);
  });

  it("keeps the count within a declared target's bounds", async () => {
    const atLeastThree = declared("aws:appautoscaling/target:Target", "target", {
      ...SCALED,
      minCapacity: 3,
      maxCapacity: 9,
    });
    const { world } = await deployed([...clusterOn(), DEFINITION, service({ desiredCount: 1 }), atLeastThree]);
    expect([countOf(world), world.scalableTargets.get("service/shop/web")!.maxCapacity]).to.deep.equal([3, 9]);
  });

  it("tracks a predefined metric of the service, by alarms that the service makes itself", async () => {
    const predefinedMetricSpecification = { predefinedMetricType: "ECSServiceAverageCPUUtilization" };
    const { world, notModelled } = await deployed([...STACK, tracking({ predefinedMetricSpecification })]);
    expect(notModelled).to.deep.equal([]);
    const [high, low] = [...world.alarms.byName.values()].map(({ spec }) => spec);
    expect([high!.threshold, high!.evaluationPeriods]).to.deep.equal([50, 3]);
    expect([low!.threshold, low!.evaluationPeriods]).to.deep.equal([45, 15]);
    world.taskUtilization = () => 100;
    await world.run(20 * MINUTE);
    expect(countOf(world)).to.equal(10);
  });

  it("tracks requests per target by the label's balancer and target group, and a metric of one's own", async () => {
    const label = { resourceLabel: "app/web/1/targetgroup/web/2" };
    const predefinedMetricSpecification = { predefinedMetricType: "ALBRequestCountPerTarget", ...label };
    const requests = await deployed([...STACK, tracking({ predefinedMetricSpecification })]);
    const [first] = [...requests.world.alarms.byName.values()];
    const observed = first!.spec.observed as MetricStat;
    expect([keyOf(observed.metric), observed.statistic]).to.deep.equal([
      "AWS/ApplicationELB|RequestCountPerTarget|LoadBalancer=app/web/1|TargetGroup=targetgroup/web/2",
      "Sum",
    ]);
    const own = {
      namespace: "Shop",
      metricName: "Carts",
      statistic: "Maximum",
      dimensions: [{ name: "Shop", value: "a" }],
    };
    const customized = await deployed([...STACK, tracking({ customizedMetricSpecification: own })]);
    const [carts] = [...customized.world.alarms.byName.values()];
    expect(keyOf((carts!.spec.observed as MetricStat).metric)).to.equal("Shop|Carts|Shop=a");
    expect(customized.notModelled).to.deep.equal(["scaling policy out: nothing here measures Shop Carts"]);
  });

  const stat = (id: string, metricName: string, name = "mail"): Inputs => ({
    id,
    metric: { namespace: "AWS/SQS", metricName, dimensions: { QueueName: name }, period: 60, stat: "Maximum" },
  });

  /** A service without tasks, and its queue. */
  async function idle(...policies: readonly Resource[]) {
    const queue = declared("aws:sqs/queue:Queue", "mail");
    const target = declared("aws:appautoscaling/target:Target", "target", {
      ...SCALED,
      minCapacity: 0,
      maxCapacity: 9,
    });
    const stack = [...clusterOn(), DEFINITION, service({ desiredCount: 0 }), target, queue, ...policies];
    const { world, notModelled } = await deployed(stack);
    expect(notModelled).to.deep.equal([]);
    await world.run(10 * MINUTE);
    const [mail] = world.queues.values();
    return { world, mail: mail! };
  }

  /** In alarm while no task runs and a message waits. */
  const wakes = (evaluationPeriods: number): Resource =>
    declared("aws:cloudwatch/metricAlarm:MetricAlarm", "wakes", {
      metricQueries: [
        { id: "start", expression: "IF(FILL(running, 0) == 0, waiting, 0)", returnData: true },
        stat("waiting", "ApproximateNumberOfMessagesVisible"),
        { id: "running", metric: { ...CPU, period: 60, stat: "SampleCount" } },
      ],
      evaluationPeriods,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      alarmActions: [arnOf(OUT)],
    });

  it("lets an alarm on metric math take a service out of zero tasks", async () => {
    const { world, mail } = await idle(OUT, wakes(2));
    expect(countOf(world)).to.equal(0);
    for (let sent = 0; sent < 5; sent++) mail.send("job");
    await later(world, 5 * MINUTE);
    expect(countOf(world)).to.equal(1);
    await later(world, 40 * MINUTE);
    expect(countOf(world), "with a task there the alarm is over").to.equal(1);
  });

  it("shows that one datapoint isn't enough where FILL stands for what isn't published yet", async () => {
    const { world, mail } = await idle(OUT, wakes(1));
    mail.send("job");
    await later(world, 40 * MINUTE);
    expect(countOf(world)).to.be.above(1);
  });

  it("tracks metric math: what waits and what is in flight, for each task", async () => {
    const metricStat = (id: string, metricName: string): Inputs => ({
      id,
      returnData: false,
      metricStat: {
        stat: "Maximum",
        metric: { namespace: "AWS/SQS", metricName, dimensions: [{ name: "QueueName", value: "mail" }] },
      },
    });
    const running = {
      id: "running",
      returnData: false,
      metricStat: {
        stat: "SampleCount",
        metric: {
          ...CPU,
          dimensions: Object.entries(CPU.dimensions).map(([name, value]) => ({ name, value })),
        },
      },
    };
    const metrics = [
      metricStat("waiting", "ApproximateNumberOfMessagesVisible"),
      metricStat("working", "ApproximateNumberOfMessagesNotVisible"),
      running,
      { id: "backlog", expression: "(waiting + working) / running" },
    ];
    const backlog = tracking({ targetValue: 10, customizedMetricSpecification: { metrics } });
    const { world, notModelled } = await deployed([...STACK, declared("aws:sqs/queue:Queue", "mail"), backlog]);
    expect(notModelled).to.deep.equal([]);
    await world.run(10 * MINUTE);
    const [mail] = world.queues.values();
    for (let sent = 0; sent < 40; sent++) mail!.send("job");
    mail!.receive(10);
    await later(world, 6 * MINUTE);
    expect(countOf(world)).to.equal(4);
  });

  it("runs scheduled actions in their time zone", async () => {
    const action = declared("aws:appautoscaling/scheduledAction:ScheduledAction", "morning", {
      ...SCALED,
      schedule: "cron(15 1 * * ? *)",
      timezone: "Europe/Berlin",
      scalableTargetAction: { minCapacity: "4" },
    });
    const { world, notModelled } = await deployed([...STACK, action]);
    expect(notModelled).to.deep.equal([]);
    await world.run(15 * MINUTE);
    expect(countOf(world)).to.equal(2);
    await later(world, 6 * SECOND);
    expect(countOf(world)).to.equal(4);
  });

  it("knows whose balancer a target group is, through listeners and their rules", async () => {
    const balancer = declared("aws:lb/loadBalancer:LoadBalancer", "front");
    const [first, second, third] = ["one", "two", "three"].map((name) =>
      declared("aws:lb/targetGroup:TargetGroup", name),
    );
    const listener = declared("aws:lb/listener:Listener", "https", {
      loadBalancerArn: arnOf(balancer),
      defaultActions: [{ type: "forward", targetGroupArn: arnOf(first!) }],
    });
    const rule = declared("aws:lb/listenerRule:ListenerRule", "rule", {
      listenerArn: arnOf(listener),
      actions: [{ type: "forward", forward: { targetGroups: [{ arn: arnOf(second!), weight: 1 }] } }],
    });
    const { world, notModelled } = await deployed([balancer, first!, second!, third!, listener, rule]);
    expect(notModelled).to.deep.equal([]);
    const LoadBalancer = balancer.outputs.arnSuffix;
    const dimensions = [first, second, third].map((each) => balancerDimensions(arnOf(each!) as string, world));
    expect(dimensions).to.deep.equal([
      { TargetGroup: first!.outputs.arnSuffix, LoadBalancer },
      { TargetGroup: second!.outputs.arnSuffix, LoadBalancer },
      { TargetGroup: third!.outputs.arnSuffix },
    ]);
  });
});

describe("deploy: scaling that isn't modelled", () => {
  const listed: readonly (readonly [string, Resource, string])[] = [
    [
      "a function of metric math",
      alarm({ metricQueries: [{ id: "e", expression: "RATE(METRICS())", returnData: true }] }),
      "alarm busy: metric math: RATE is not modelled; ABS, CEIL, FLOOR, AVG, MAX, MIN, SUM, FILL, IF, METRICS are",
    ],
    [
      "two results of metric math",
      alarm({ metricQueries: ["a", "b"].map((id) => ({ id, expression: "1", returnData: true })) }),
      "alarm busy: 2 queries of 2 that return data: exactly one is allowed",
    ],
    [
      "a metric of an expression that nobody measures",
      alarm({
        metricQueries: [
          { id: "e", expression: "m + 1", returnData: true },
          { id: "m", metric: { namespace: "Shop", metricName: "Carts", stat: "Sum", period: 60 } },
        ],
      }),
      "alarm busy: nothing here measures Shop Carts",
    ],
    ["a percentile", alarm({ statistic: undefined, extendedStatistic: "p95" }), "alarm busy: statistic p95"],
    ["a period of seconds", alarm({ period: 10 }), "alarm busy: a period of 10 s"],
    ["a metric that nobody measures", alarm({ metricName: "Mood" }), "alarm busy: nothing here measures AWS/ECS Mood"],
    [
      "other dimensions of a metric",
      alarm({ dimensions: { ClusterName: "shop" } }),
      "alarm busy: nothing here measures AWS/ECS CPUUtilization",
    ],
    [
      "the last day of a month",
      declared("aws:appautoscaling/scheduledAction:ScheduledAction", "last", {
        ...SCALED,
        schedule: "cron(0 0 L * ? *)",
      }),
      "scheduled action last: cron: day of month L is not modelled: *, ?, 1 to 31, with ranges, lists and steps, are",
    ],
    ["predictive scaling", policy({ policyType: "PredictiveScaling" }), "scaling policy out: PredictiveScaling"],
    [
      "a high-resolution metric",
      tracking({
        predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilizationHighResolution" },
      }),
      "scaling policy out: ECSServiceAverageCPUUtilizationHighResolution",
    ],
    [
      "what isn't an ECS service",
      declared("aws:appautoscaling/target:Target", "table", { scalableDimension: "dynamodb:table:ReadCapacityUnits" }),
      "aws:appautoscaling/target:Target table: scalableDimension dynamodb:table:ReadCapacityUnits",
    ],
    [
      "a service that doesn't run here",
      declared("aws:appautoscaling/target:Target", "other", { ...SCALED, resourceId: "service/shop/other" }),
      "scalable target other: service/shop/other, which doesn't run here",
    ],
  ];

  for (const [what, resource, told] of listed) {
    it(`is listed: ${what}`, async () => {
      const { notModelled } = await deployed([...STACK, resource]);
      expect(notModelled).to.deep.equal([told]);
    });
  }

  it("doesn't list a single metric that is written as a query, nor a topic that is told", async () => {
    const topic = declared("aws:sns/topic:Topic", "mail");
    const metric = { ...CPU, stat: "Average", period: 60 };
    const query = alarm({ metricQueries: [{ id: "m1", metric, returnData: true }], alarmActions: [arnOf(topic)] });
    const { notModelled, world } = await deployed([...STACK, topic, query]);
    expect([notModelled, [...world.alarms.byName.keys()]]).to.deep.equal([[], ["busy"]]);
  });

  it("is refused where AWS would refuse it", async () => {
    expect(
      await problemOf([...STACK, policy(steps({ metricIntervalLowerBound: "5", metricIntervalUpperBound: "9" }))]),
    ).to.match(/scaling policy out: the highest bound is 9: leave it out/);
    const [, ...withoutTarget] = [TARGET, ...STACK.filter((each) => each !== TARGET), OUT];
    expect(await problemOf(withoutTarget)).to.match(
      /scales service\/shop\/web, which no scalable target of the program names/,
    );
    expect(await problemOf([...STACK, alarm({ comparisonOperator: "Above" })])).to.match(
      /alarm busy: Above is given, GreaterThanOrEqualToThreshold, .* are allowed/,
    );
  });
});
