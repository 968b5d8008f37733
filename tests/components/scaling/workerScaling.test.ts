import { expect } from "chai";
import fc from "fast-check";
import { readSettings } from "../../../functions/scaleIn/settings";
import { statementsOf } from "../../support/policies";
import type { Recorded, Recording } from "../../support/recorder";
import { ALARM, POLICY, recordScaling, SCHEDULED_ACTION, TARGET } from "./scalingFixture";
import { recordWorkers } from "./workerScalingFixture";

const FUNCTION = "aws:lambda/function:Function";

const namesOf = (recording: Recording, type: string): string[] => recording.ofType(type).map(({ name }) => name);

/** What an alarm or a tracked metric comes to. */
function expressionOf({ inputs }: Recorded): string {
  const queries = inputs.metricQueries as { expression?: string; returnData?: boolean }[];
  const results = queries.filter(({ returnData }) => returnData === true);
  expect(results).to.have.lengthOf(1);
  return results[0]!.expression!;
}

interface TrackingInputs {
  readonly customizedMetricSpecification: { readonly metrics: readonly Record<string, unknown>[] };
  readonly targetValue: number;
  readonly disableScaleIn: boolean;
  readonly scaleOutCooldown: number;
}

const trackingOf = (recording: Recording): TrackingInputs =>
  recording.only(POLICY, "mail-track-backlog").inputs.targetTrackingScalingPolicyConfiguration as TrackingInputs;

const BACKLOG = "(SUM([waiting0, waiting1]) + FILL(inFlight0, 0) + FILL(inFlight1, 0)) / tasks";

describe("workers, where nothing is said", () => {
  it("are from none to ten", async () => {
    expect((await recordWorkers()).only(TARGET).inputs).to.deep.include({
      resourceId: "service/shop/mail",
      minCapacity: 0,
      maxCapacity: 10,
    });
  });

  it("follow their backlog, out of zero by a policy of their own, and are scaled in by the function", async () => {
    const recording = await recordWorkers();
    expect(namesOf(recording, POLICY)).to.deep.equal(["mail-from-zero", "mail-track-backlog"]);
    expect(namesOf(recording, ALARM)).to.have.members(["mail-from-zero", "mail-few-messages"]);
    expect(namesOf(recording, FUNCTION)).to.deep.equal(["mail-scale-in"]);
  });

  it("change one thing after the other, since AWS refuses two changes of one target at once", async () => {
    const recording = await recordWorkers({ schedules: [{ cron: "0 8 ? * MON-FRI *", minCount: 2 }] });
    const [first, second] = recording.ofType(POLICY);
    expect(recording.needs(second!, first!)).to.equal(true);
    expect(recording.needs(recording.only(SCHEDULED_ACTION), second!)).to.equal(true);
  });
});

describe("the backlog of workers", () => {
  it("is tracked as messages per running task, at what is worked off in time beside what is in their hands", async () => {
    const tracking = trackingOf(await recordWorkers());
    expect(tracking).to.include({ targetValue: 31, disableScaleIn: true, scaleOutCooldown: 300 });
    const { metrics } = tracking.customizedMetricSpecification;
    expect(metrics.at(-1)).to.deep.equal({
      id: "backlog",
      expression: BACKLOG,
      label: "messages per task",
      returnData: true,
    });
    expect(metrics.map(({ id }) => id)).to.deep.equal([
      "waiting0",
      "waiting1",
      "inFlight0",
      "inFlight1",
      "tasks",
      "backlog",
    ]);
    expect(metrics.slice(0, -1).every(({ returnData }) => returnData === false)).to.equal(true);
    expect(metrics[4]).to.deep.include({
      metricStat: {
        metric: {
          namespace: "AWS/ECS",
          metricName: "CPUUtilization",
          dimensions: [
            { name: "ClusterName", value: "shop" },
            { name: "ServiceName", value: "mail" },
          ],
        },
        stat: "SampleCount",
      },
    });
  });

  it("is as much larger as a task works on more at once, and never less than that", async () => {
    const target = async (msgProcessingSeconds: number, concurrency: number): Promise<number> =>
      trackingOf(await recordWorkers({}, { msgProcessingSeconds, concurrency })).targetValue;
    expect(await target(2, 4)).to.equal(124);
    expect(await target(3600, 1))
      .to.be.above(1)
      .and.below(1.02);
    expect(await target(3600, 8))
      .to.be.above(8)
      .and.below(8.2);
  });

  it("scales in as well where AWS's target tracking is to, and only there", async () => {
    const tracked = await recordWorkers({ scaleIn: "targetTracking" });
    expect(trackingOf(tracked).disableScaleIn).to.equal(false);
    expect(namesOf(tracked, FUNCTION)).to.be.empty;
    const none = await recordWorkers({ scaleIn: "none" });
    expect(trackingOf(none).disableScaleIn).to.equal(true);
    expect(namesOf(none, FUNCTION)).to.be.empty;
  });
});

interface ExactStep {
  readonly metricIntervalLowerBound: string;
  readonly metricIntervalUpperBound?: string;
  readonly scalingAdjustment: number;
}

interface StepInputs {
  readonly adjustmentType: string;
  readonly cooldown: number;
  readonly stepAdjustments: readonly ExactStep[];
}

const stepsOf = (recording: Recording, name: string): StepInputs =>
  recording.only(POLICY, name).inputs.stepScalingPolicyConfiguration as StepInputs;

/** Of a policy whose alarm goes off at one message. */
function startedBy({ stepAdjustments }: StepInputs, messages: number): number[] {
  const within = ({ metricIntervalLowerBound: lower, metricIntervalUpperBound: upper = "Infinity" }: ExactStep) =>
    messages - 1 >= Number(lower) && messages - 1 < Number(upper);
  return stepAdjustments.filter(within).map(({ scalingAdjustment }) => scalingAdjustment);
}

describe("workers out of zero", () => {
  it("are started when messages wait for two minutes and nobody works", async () => {
    const recording = await recordWorkers();
    const alarm = recording.only(ALARM, "mail-from-zero");
    expect(expressionOf(alarm)).to.equal(
      "IF(FILL(tasks, 0) + FILL(inFlight0, 0) + FILL(inFlight1, 0) < 1, SUM([waiting0, waiting1]), 0)",
    );
    expect(alarm.inputs).to.deep.include({
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      treatMissingData: "notBreaching",
      alarmActions: [recording.only(POLICY, "mail-from-zero").outputs.arn],
    });
  });

  it("are exactly as many as the messages are for, so that an alarm that lasts adds no more", async () => {
    const policy = stepsOf(await recordWorkers(), "mail-from-zero");
    expect(policy).to.include({ adjustmentType: "ExactCapacity", cooldown: 0 });
    for (const [messages, tasks] of [
      [1, 1],
      [31, 1],
      [32, 2],
      [310, 10],
      [100_000, 10],
    ] as const)
      expect(startedBy(policy, messages), `${messages} messages`).to.deep.equal([tasks]);
  });

  it("are enough, and no more than maxCount, whatever a task may have, in as many steps as AWS takes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          maxCount: fc.integer({ min: 1, max: 500 }),
          acceptableLatencySeconds: fc.integer({ min: 1, max: 3600 }),
          msgProcessingSeconds: fc.integer({ min: 1, max: 7200 }),
          concurrency: fc.integer({ min: 1, max: 20 }),
        }),
        fc.integer({ min: 1, max: 100_000 }),
        async ({ maxCount, ...facts }, messages) => {
          const recording = await recordWorkers({ maxCount, scaleIn: "none" }, facts);
          const policy = stepsOf(recording, "mail-from-zero");
          expect(policy.stepAdjustments.length).to.be.at.most(20);
          const needed = Math.min(maxCount, Math.ceil(messages / trackingOf(recording).targetValue));
          const [tasks, ...others] = startedBy(policy, messages);
          expect(others).to.be.empty;
          expect(tasks).to.be.at.least(needed).and.at.most(maxCount);
          if (maxCount <= 20) expect(tasks).to.equal(needed);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("need no policy where there is always one, and need it where a schedule takes the last away", async () => {
    expect(namesOf(await recordWorkers({ minCount: 1 }), POLICY)).to.deep.equal(["mail-track-backlog"]);
    const nightly = await recordWorkers({ minCount: 1, schedules: [{ cron: "0 20 * * ? *", minCount: 0 }] });
    expect(namesOf(nightly, POLICY)).to.include("mail-from-zero");
  });
});

describe("workers by steps", () => {
  const scaleOut = [
    { atLeast: 100, add: 5 },
    { atLeast: 1, add: 1 },
    { atLeast: 100, add: 8, forMinutes: 10 },
  ];
  const scaleIn = [{ below: 1, remove: 1 }];

  it("need not say how long a job takes", async () => {
    const recording = await recordWorkers({ scaleOut, scaleIn }, { msgProcessingSeconds: undefined });
    expect(namesOf(recording, POLICY)).to.deep.equal(["mail-sqs-up", "mail-sqs-up-10m", "mail-sqs-down"]);
    expect(namesOf(recording, ALARM)).to.have.members(["mail-sqs-up", "mail-sqs-up-10m", "mail-sqs-down"]);
    expect(namesOf(recording, FUNCTION)).to.be.empty;
  });

  it("are added by what waits", async () => {
    const recording = await recordWorkers({ scaleOut, scaleIn });
    const up = recording.only(ALARM, "mail-sqs-up");
    expect(expressionOf(up)).to.equal("SUM([waiting0, waiting1])");
    expect(up.inputs).to.deep.include({
      alarmDescription: "mail: messages that wait: at least 1, adds 1 task or more",
      evaluationPeriods: 1,
      threshold: 1,
      treatMissingData: "notBreaching",
    });
    expect(stepsOf(recording, "mail-sqs-up")).to.deep.equal({
      adjustmentType: "ChangeInCapacity",
      metricAggregationType: "Average",
      cooldown: 300,
      stepAdjustments: [
        { metricIntervalLowerBound: "0", metricIntervalUpperBound: "99", scalingAdjustment: 1 },
        { metricIntervalLowerBound: "99", scalingAdjustment: 5 },
      ],
    });
  });

  it("are removed by what waits or is worked on, so that a busy tier keeps its tasks", async () => {
    const down = (await recordWorkers({ scaleOut, scaleIn })).only(ALARM, "mail-sqs-down");
    expect(expressionOf(down)).to.equal("SUM([waiting0, waiting1]) + FILL(inFlight0, 0) + FILL(inFlight1, 0)");
    expect(down.inputs).to.include({
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      evaluationPeriods: 15,
      treatMissingData: "breaching",
    });
  });
});

describe("the scale-in function of workers", () => {
  const settingsOf = (recording: Recording) =>
    readSettings((recording.only(FUNCTION).inputs.environment as { variables: Record<string, string> }).variables);

  it("begins when a fifth of what tasks may work on is left undone for five minutes", async () => {
    const low = (await recordWorkers({}, { concurrency: 4 })).only(ALARM, "mail-few-messages");
    expect(expressionOf(low)).to.equal(BACKLOG);
    expect(low.inputs).to.deep.include({
      alarmDescription: "mail: fewer than 3.2 messages per task; while it lasts, the scale-in function removes tasks",
      comparisonOperator: "LessThanThreshold",
      threshold: 3.2,
      evaluationPeriods: 5,
      datapointsToAlarm: 5,
      treatMissingData: "notBreaching",
    });
    expect(low.inputs).not.to.have.property("alarmActions");
  });

  it("leaves a task for every job, and has no target to wait for", async () => {
    expect(settingsOf(await recordWorkers({}, { concurrency: 4, checkIntervalSeconds: 7 }))).to.deep.include({
      targetGroupArns: [],
      lowAlarmName: "mail-few-messages",
      tiers: [{ below: 3.2, remove: 16 }],
      tiersPer: "task",
      mostSharePercent: 100,
      mostPerTask: 4,
      checkIntervalSeconds: 7,
      settleSeconds: 2,
      workPatienceSeconds: 0,
    });
  });

  it("adds up what waits and what is in flight in every queue", async () => {
    const { loadMetrics } = settingsOf(await recordWorkers());
    expect(loadMetrics.map(({ metricName, dimensions }) => `${metricName} ${dimensions.QueueName}`)).to.deep.equal([
      "ApproximateNumberOfMessagesVisible mail-high",
      "ApproximateNumberOfMessagesVisible mail-low",
      "ApproximateNumberOfMessagesNotVisible mail-high",
      "ApproximateNumberOfMessagesNotVisible mail-low",
    ]);
  });

  it("gives way to whatever scales out", async () => {
    expect(settingsOf(await recordWorkers()).scaleOutAlarmNames).to.deep.equal([
      "mail-from-zero",
      "TargetTracking-service/shop/mail-AlarmHigh-mail-track-backlog",
    ]);
    const bySteps = await recordWorkers({ scaleOut: [{ atLeast: 1, add: 1 }] });
    expect(settingsOf(bySteps).scaleOutAlarmNames).to.deep.equal(["mail-sqs-up"]);
  });

  it("takes tiers of all messages, a share and a time of one's own", async () => {
    const tiers = [{ below: 12.5, remove: 3 }];
    const recording = await recordWorkers({
      scaleIn: { tiers, tiersPer: "service", mostSharePercent: 50, forMinutes: 20 },
    });
    expect(settingsOf(recording)).to.deep.include({ tiers, tiersPer: "service", mostSharePercent: 50, mostPerTask: 1 });
    const low = recording.only(ALARM, "mail-few-messages");
    expect(expressionOf(low)).to.equal("SUM([waiting0, waiting1]) + FILL(inFlight0, 0) + FILL(inFlight1, 0)");
    expect(low.inputs).to.include({ threshold: 12.5, evaluationPeriods: 20 });
  });

  it("may do what that of a service behind a load balancer may, but nothing to the balancer", async () => {
    const actionsOf = (recording: Recording, name: string): string[] =>
      statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", name)).flatMap(({ Action }) => Action);
    const behindBalancer = actionsOf(await recordScaling(), "api-scale-in-policy");
    const ofBalancer = behindBalancer.filter((action) => action.startsWith("elasticloadbalancing:"));
    expect(ofBalancer).to.have.lengthOf(3);
    const others = behindBalancer.filter((action) => !ofBalancer.includes(action));
    expect(actionsOf(await recordWorkers(), "mail-scale-in-policy")).to.have.members(others);
  });
});
