import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import fc from "fast-check";
import type { ServiceScaling } from "../../../components/scaling/scalingArgs";
import { fewestTasks } from "../../../components/scaling/scalingResolved";
import { stepAdjustments, stepTables, type Direction, type Step } from "../../../components/scaling/scalingSteps";
import {
  adjustmentsOf,
  ALARM,
  BOUNDS,
  POLICY,
  problemsOf,
  recordScaling,
  SCHEDULED_ACTION,
  TARGET,
} from "./scalingFixture";

const NONE: Partial<ServiceScaling> = { scaleIn: "none" };

describe("a service's scaling", () => {
  it("registers the service's desired count between its bounds, and tags it", async () => {
    const recording = await recordScaling(NONE, { tags: { team: "shop" } });
    expect(recording.only(TARGET, "api-scaling").inputs).to.deep.equal({
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: "service/shop/api",
      minCapacity: 4,
      maxCapacity: 20,
      tags: { team: "shop" },
    });
  });

  it("comes after the service, and its policies after it, one after the other", async () => {
    const recording = await recordScaling({
      ...NONE,
      targetTracking: [],
      schedules: [{ at: "2027-01-31T18:00:00", minCount: 8 }],
    });
    const target = recording.only(TARGET);
    expect(recording.needs(target, recording.only("aws:ecs/service:Service"))).to.equal(true);
    const inOrder = [target, ...recording.ofType(POLICY), recording.only(SCHEDULED_ACTION)];
    expect(inOrder).to.have.lengthOf(5);
    inOrder.slice(1).forEach((each, index) => {
      expect(recording.needs(each, inOrder[index]!), each.name).to.equal(true);
    });
  });
});

describe("scaling by steps", () => {
  it("takes two rules of two lines each as they are", async () => {
    const scaling: ServiceScaling = {
      minCount: 4,
      maxCount: 20,
      scaleOut: [{ metric: "cpu", atLeast: 70, forMinutes: 5, add: 2 }],
      scaleIn: [{ metric: "cpu", below: 30, forMinutes: 30, remove: 2 }],
    };
    expect(problemsOf(scaling)).to.deep.equal([]);
    const recording = await recordScaling(scaling);
    const common = { namespace: "AWS/ECS", metricName: "CPUUtilization", statistic: "Average", period: 60 };
    expect(recording.only(ALARM, "api-scale-out-cpu-5m").inputs).to.deep.include({
      ...common,
      dimensions: { ClusterName: "shop", ServiceName: "api" },
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 70,
      evaluationPeriods: 5,
      datapointsToAlarm: 5,
    });
    expect(recording.only(ALARM, "api-scale-in-cpu-30m").inputs).to.deep.include({
      ...common,
      comparisonOperator: "LessThanThreshold",
      threshold: 30,
      evaluationPeriods: 30,
      datapointsToAlarm: 30,
    });
    expect(adjustmentsOf(recording.only(POLICY, "api-scale-out-cpu-5m"))).to.deep.equal([
      { metricIntervalLowerBound: "0", scalingAdjustment: 2 },
    ]);
    expect(adjustmentsOf(recording.only(POLICY, "api-scale-in-cpu-30m"))).to.deep.equal([
      { metricIntervalUpperBound: "0", scalingAdjustment: -2 },
    ]);
    expect(recording.ofType(ALARM)).to.have.lengthOf(2);
  });

  it("calls each policy by its own alarm", async () => {
    const recording = await recordScaling(NONE);
    const policies = recording.ofType(POLICY);
    expect(policies.map(({ name }) => name)).to.deep.equal([
      "api-scale-out-cpu-1m",
      "api-scale-out-memory-1m",
      "api-scale-out-requestsPerTarget-1m",
    ]);
    for (const { name } of policies) {
      expect(recording.only(ALARM, name).inputs.alarmActions, name).to.deep.equal([
        `arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:00000000-0000-4000-8000-000000000000:resource/ecs/service/shop/api:policyName/${name}`,
      ]);
    }
  });

  it("adds by default 1 task from 60 % on and 3 from 70 %, of CPU and memory, and likewise for 600 and 700 requests per target", async () => {
    const recording = await recordScaling(NONE);
    const thresholds = { cpu: 60, memory: 60, requestsPerTarget: 600 };
    const further = { cpu: "10", memory: "10", requestsPerTarget: "100" };
    for (const [metric, threshold] of Object.entries(thresholds)) {
      const upper = further[metric as keyof typeof further];
      expect(recording.only(ALARM, `api-scale-out-${metric}-1m`).inputs).to.include({
        threshold,
        evaluationPeriods: 1,
      });
      expect(adjustmentsOf(recording.only(POLICY, `api-scale-out-${metric}-1m`)), metric).to.deep.equal([
        { metricIntervalLowerBound: "0", metricIntervalUpperBound: upper, scalingAdjustment: 1 },
        { metricIntervalLowerBound: upper, scalingAdjustment: 3 },
      ]);
    }
  });

  it("counts requests by the balancer's and the target group's name in CloudWatch, and sums them", async () => {
    const alarm = (await recordScaling(NONE)).only(ALARM, "api-scale-out-requestsPerTarget-1m");
    expect(alarm.inputs).to.deep.include({
      namespace: "AWS/ApplicationELB",
      metricName: "RequestCountPerTarget",
      statistic: "Sum",
      dimensions: {
        LoadBalancer: "app/api-alb/0000000000000001",
        TargetGroup: "targetgroup/api-targets/0000000000000001",
      },
    });
  });

  it("leaves requests out of the defaults where there is no balancer", async () => {
    const recording = await recordScaling(NONE, { hasBalancer: false });
    expect(recording.ofType(POLICY).map(({ name }) => name)).to.deep.equal([
      "api-scale-out-cpu-1m",
      "api-scale-out-memory-1m",
    ]);
  });

  it("makes one policy of the steps of one metric and one time, in whatever order they are given", async () => {
    const recording = await recordScaling({
      scaleOut: [
        { metric: "cpu", atLeast: 90, add: 6 },
        { metric: "cpu", atLeast: 75, forMinutes: 10, add: 8 },
        { metric: "cpu", atLeast: 60, add: 1 },
      ],
      scaleIn: [
        { metric: "memory", below: 10, remove: 4 },
        { metric: "memory", below: 40, remove: 1 },
        { metric: "memory", below: 20, remove: 2 },
      ],
    });
    expect(adjustmentsOf(recording.only(POLICY, "api-scale-out-cpu-1m"))).to.deep.equal([
      { metricIntervalLowerBound: "0", metricIntervalUpperBound: "30", scalingAdjustment: 1 },
      { metricIntervalLowerBound: "30", scalingAdjustment: 6 },
    ]);
    expect(adjustmentsOf(recording.only(POLICY, "api-scale-out-cpu-10m"))).to.deep.equal([
      { metricIntervalLowerBound: "0", scalingAdjustment: 8 },
    ]);
    expect(adjustmentsOf(recording.only(POLICY, "api-scale-in-memory-15m"))).to.deep.equal([
      { metricIntervalUpperBound: "0", metricIntervalLowerBound: "-20", scalingAdjustment: -1 },
      { metricIntervalUpperBound: "-20", metricIntervalLowerBound: "-30", scalingAdjustment: -2 },
      { metricIntervalUpperBound: "-30", scalingAdjustment: -4 },
    ]);
  });

  it("changes the count by tasks, by the average, with the cooldown of its direction", async () => {
    const steps: Partial<ServiceScaling> = {
      scaleOut: [{ metric: "cpu", atLeast: 60, add: 1 }],
      scaleIn: [{ metric: "cpu", below: 20, remove: 1 }],
    };
    const cooldowns = async (changes: Partial<ServiceScaling>): Promise<unknown[]> => {
      const policies = (await recordScaling({ ...steps, ...changes })).ofType(POLICY);
      return policies.map(({ inputs }) => {
        const configuration = inputs.stepScalingPolicyConfiguration as Record<string, unknown>;
        expect(inputs.policyType).to.equal("StepScaling");
        expect(configuration).to.include({ adjustmentType: "ChangeInCapacity", metricAggregationType: "Average" });
        return configuration.cooldown;
      });
    };
    expect(await cooldowns({})).to.deep.equal([120, 300]);
    expect(await cooldowns({ scaleOutCooldownSeconds: 0, scaleInCooldownSeconds: 900 })).to.deep.equal([0, 900]);
  });

  it("never goes on by minutes without a value, except in where no value means no load", async () => {
    const queue = { queueName: "mail" };
    const own = { namespace: "Shop", metricName: "Baskets" };
    const metrics = ["cpu", "memory", "requestsPerTarget", queue, own] as const;
    const recording = await recordScaling({
      scaleOut: metrics.map((metric) => ({ metric, atLeast: 50, add: 1 })),
      scaleIn: metrics.map((metric) => ({ metric, below: 10, remove: 1 })),
    });
    const treated = recording.ofType(ALARM).map(({ name, inputs }) => `${name} ${String(inputs.treatMissingData)}`);
    expect(treated).to.deep.equal([
      "api-scale-out-cpu-1m notBreaching",
      "api-scale-out-memory-1m notBreaching",
      "api-scale-out-requestsPerTarget-1m notBreaching",
      "api-scale-out-mail-1m notBreaching",
      "api-scale-out-Baskets-1m notBreaching",
      "api-scale-in-cpu-15m notBreaching",
      "api-scale-in-memory-15m notBreaching",
      "api-scale-in-requestsPerTarget-15m breaching",
      "api-scale-in-mail-15m breaching",
      "api-scale-in-Baskets-15m notBreaching",
    ]);
  });

  it("looks at a queue's visible messages, and at metrics of your own", async () => {
    const recording = await recordScaling({
      ...NONE,
      scaleOut: [
        { metric: { queueName: pulumi.output("mail-1234567") }, atLeast: 100, add: 2 },
        {
          metric: {
            namespace: "Shop",
            metricName: "Baskets",
            dimensions: { Shop: "main" },
            statistic: "Maximum",
            id: "carts",
          },
          atLeast: 50,
          add: 1,
        },
      ],
    });
    expect(recording.only(ALARM, "api-scale-out-queue-1m").inputs).to.deep.include({
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: "mail-1234567" },
      statistic: "Average",
    });
    expect(recording.only(ALARM, "api-scale-out-carts-1m").inputs).to.deep.include({
      namespace: "Shop",
      metricName: "Baskets",
      dimensions: { Shop: "main" },
      statistic: "Maximum",
    });
  });

  it("says in the alarm what it is for, and tags it", async () => {
    const recording = await recordScaling(NONE, { tags: { team: "shop" } });
    expect(recording.only(ALARM, "api-scale-out-cpu-1m").inputs).to.deep.include({
      alarmDescription: "api: cpu at least 60, adds 1 task or more",
      tags: { team: "shop" },
    });
  });

  const tables = fc
    .record({
      bounds: fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 }),
      scale: fc.constantFrom(1, 0.1, 0.01),
      direction: fc.constantFrom<Direction[]>("out", "in"),
    })
    .map(({ bounds, scale, direction }) => {
      const steps = bounds.map((bound, index): Step => {
        return { property: `${index}`, metric: "cpu", bound: bound * scale, forMinutes: 1, tasks: index + 1 };
      });
      return stepTables(direction, steps)[0]!;
    });

  it("covers every value beyond the threshold by exactly one step, without gap or overlap", () => {
    fc.assert(
      fc.property(tables, (table) => {
        const adjustments = stepAdjustments(table);
        const near = table.direction === "out" ? "metricIntervalLowerBound" : "metricIntervalUpperBound";
        const far = table.direction === "out" ? "metricIntervalUpperBound" : "metricIntervalLowerBound";
        expect(adjustments[0]?.[near]).to.equal("0");
        expect(adjustments.at(-1)?.[far]).to.equal(undefined);
        adjustments.slice(1).forEach((each, index) => {
          expect(each[near]).to.equal(adjustments[index]?.[far]);
          const beyond = Math.abs(Number(each[near])) - Math.abs(Number(adjustments[index]?.[near]));
          expect(beyond).to.be.above(0);
        });
      }),
    );
  });

  it("has bounds without the digits of binary fractions", () => {
    const steps = [0.6, 0.7].map((bound): Step => ({ property: "", metric: "cpu", bound, forMinutes: 1, tasks: 1 }));
    expect(stepAdjustments(stepTables("out", steps)[0]!)[1]?.metricIntervalLowerBound).to.equal("0.1");
  });
});

describe("scaling by target tracking", () => {
  const tracked = async (scaling: Partial<ServiceScaling>, name: string): Promise<Record<string, unknown>> => {
    const { inputs } = (await recordScaling(scaling)).only(POLICY, name);
    expect(inputs.policyType).to.equal("TargetTrackingScaling");
    return inputs.targetTrackingScalingPolicyConfiguration as Record<string, unknown>;
  };

  it("keeps CPU, memory and requests per target by AWS's own metrics", async () => {
    const scaling: Partial<ServiceScaling> = {
      ...NONE,
      targetTracking: [
        { metric: "cpu", target: 60 },
        { metric: "memory", target: 70 },
        { metric: "requestsPerTarget", target: 500 },
      ],
    };
    expect(await tracked(scaling, "api-track-cpu")).to.deep.equal({
      predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageCPUUtilization" },
      targetValue: 60,
      disableScaleIn: true,
      scaleOutCooldown: 120,
      scaleInCooldown: 300,
    });
    expect(await tracked(scaling, "api-track-memory")).to.deep.include({
      predefinedMetricSpecification: { predefinedMetricType: "ECSServiceAverageMemoryUtilization" },
      targetValue: 70,
    });
    expect(await tracked(scaling, "api-track-requestsPerTarget")).to.deep.include({
      predefinedMetricSpecification: {
        predefinedMetricType: "ALBRequestCountPerTarget",
        resourceLabel: "app/api-alb/0000000000000001/targetgroup/api-targets/0000000000000001",
      },
      targetValue: 500,
    });
  });

  it("keeps a metric of your own, with cooldowns of its own", async () => {
    const scaling: Partial<ServiceScaling> = {
      ...NONE,
      targetTracking: [
        {
          metric: { namespace: "Shop", metricName: "BasketsPerTask", dimensions: { Shop: "main" }, statistic: "Sum" },
          target: 12,
          scaleOutCooldownSeconds: 30,
          scaleInCooldownSeconds: 600,
        },
      ],
    };
    expect(await tracked(scaling, "api-track-BasketsPerTask")).to.deep.equal({
      customizedMetricSpecification: {
        namespace: "Shop",
        metricName: "BasketsPerTask",
        statistic: "Sum",
        dimensions: [{ name: "Shop", value: "main" }],
      },
      targetValue: 12,
      disableScaleIn: true,
      scaleOutCooldown: 30,
      scaleInCooldown: 600,
    });
  });

  it("takes the place of the default steps", async () => {
    const recording = await recordScaling({ ...NONE, targetTracking: [{ metric: "cpu", target: 60 }] });
    expect(recording.ofType(POLICY).map(({ name }) => name)).to.deep.equal(["api-track-cpu"]);
    expect(recording.ofType(ALARM)).to.be.empty;
  });

  it("scales in only where it is said to", async () => {
    const targetTracking = [{ metric: "cpu", target: 60 }] as const;
    const disabled = async (scaleIn: ServiceScaling["scaleIn"]): Promise<unknown> =>
      (await tracked({ targetTracking, scaleIn }, "api-track-cpu")).disableScaleIn;
    expect(await disabled("targetTracking")).to.equal(false);
    expect(await disabled("none")).to.equal(true);
    expect(await disabled([{ metric: "memory", below: 20, remove: 1 }])).to.equal(true);
  });

  it("scales a worker in by itself, where nothing else is said", async () => {
    const recording = await recordScaling({ targetTracking: [{ metric: "cpu", target: 60 }] }, { hasBalancer: false });
    expect(recording.only(POLICY).inputs.targetTrackingScalingPolicyConfiguration).to.include({
      disableScaleIn: false,
    });
  });
});

describe("scaling by the clock", () => {
  const schedules: ServiceScaling["schedules"] = [
    { cron: "0 8 ? * MON-FRI *", timeZone: "Europe/Berlin", minCount: 10, maxCount: 40 },
    { cron: "0 20 ? * MON-FRI *", timeZone: "Europe/Berlin", minCount: 4, maxCount: 20 },
    { at: "2027-11-26T06:00:00", minCount: 15 },
  ];

  it("changes the bounds at the times of a cron expression in its time zone, or once", async () => {
    const recording = await recordScaling({ ...NONE, schedules });
    const target = {
      serviceNamespace: "ecs",
      scalableDimension: "ecs:service:DesiredCount",
      resourceId: "service/shop/api",
    };
    expect(recording.ofType(SCHEDULED_ACTION).map(({ name, inputs }) => ({ name, ...inputs }))).to.deep.equal([
      {
        name: "api-schedule-0-8-any-all-MONtoFRI-all-Europe-Berlin",
        ...target,
        schedule: "cron(0 8 ? * MON-FRI *)",
        timezone: "Europe/Berlin",
        scalableTargetAction: { minCapacity: 10, maxCapacity: 40 },
      },
      {
        name: "api-schedule-0-20-any-all-MONtoFRI-all-Europe-Berlin",
        ...target,
        schedule: "cron(0 20 ? * MON-FRI *)",
        timezone: "Europe/Berlin",
        scalableTargetAction: { minCapacity: 4, maxCapacity: 20 },
      },
      {
        name: "api-schedule-2027-11-26T06-00-00-UTC",
        ...target,
        schedule: "at(2027-11-26T06:00:00)",
        timezone: "UTC",
        scalableTargetAction: { minCapacity: 15 },
      },
    ]);
  });

  it("spells an expression as AWS does", async () => {
    const recording = await recordScaling({ ...NONE, schedules: [{ cron: " 0  8 ? * mon-fri * ", minCount: 8 }] });
    expect(recording.only(SCHEDULED_ACTION).inputs.schedule).to.equal("cron(0 8 ? * MON-FRI *)");
  });

  it("keeps a schedule's name when another one comes before it", async () => {
    const names = async (given: ServiceScaling["schedules"]): Promise<string[]> =>
      (await recordScaling({ ...NONE, schedules: given })).ofType(SCHEDULED_ACTION).map(({ name }) => name);
    expect(await names(schedules.slice(1))).to.deep.equal((await names(schedules)).slice(1));
  });
});

describe("the fewest tasks of a service", () => {
  it("are the lowest of all its schedules", () => {
    const at = "2027-11-26T06:00:00";
    expect(fewestTasks(BOUNDS)).to.equal(4);
    expect(
      fewestTasks({
        ...BOUNDS,
        schedules: [
          { at, minCount: 2 },
          { at, maxCount: 9 },
          { at, minCount: 8 },
        ],
      }),
    ).to.equal(2);
  });
});

describe("every part of a service's scaling", () => {
  it("can be changed before it is declared", async () => {
    const recording = await recordScaling(
      {
        ...NONE,
        scaleOut: [{ metric: "cpu", atLeast: 60, add: 1 }],
        schedules: [{ at: "2027-11-26T06:00:00", minCount: 15 }],
      },
      {
        transform: {
          scalableTarget: (args) => ({ ...args, suspendedState: { dynamicScalingInSuspended: true } }),
          scalingPolicy: (args) => ({ ...args, name: "mine" }),
          scalingAlarm: (args: aws.cloudwatch.MetricAlarmArgs) => ({ ...args, actionsEnabled: false }),
          scheduledAction: (args) => ({ ...args, endTime: "2028-01-01T00:00:00Z" }),
        },
      },
    );
    expect(recording.only(TARGET).inputs.suspendedState).to.deep.equal({ dynamicScalingInSuspended: true });
    expect(recording.only(POLICY).inputs.name).to.equal("mine");
    expect(recording.only(ALARM).inputs.actionsEnabled).to.equal(false);
    expect(recording.only(SCHEDULED_ACTION).inputs.endTime).to.equal("2028-01-01T00:00:00Z");
  });
});
