import { expect } from "chai";
import {
  ALARM_DEFAULTS,
  makeClusterAlarms,
  makeServiceAlarms,
  type ClusterAlarmsSettings,
  type ServiceAlarmsSettings,
} from "../../../components/watch/alarms";
import { makeAlarmTopic } from "../../../components/watch/alarmTopic";
import { statementsOf } from "../../support/policies";
import { record, type Recording } from "../../support/recorder";
import { declareWatched } from "./watchedFixture";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:pager";

function recordClusterAlarms(changes: Partial<ClusterAlarmsSettings> = {}): Promise<Recording> {
  return record(() => {
    const { parent, ...watched } = declareWatched();
    makeClusterAlarms("shop", { ...watched, topicArn: TOPIC_ARN, tags: {}, ...changes }, parent);
  });
}

interface Changes extends Partial<Omit<ServiceAlarmsSettings, "balancer">> {
  readonly balancer?: "own" | "shared" | "none";
}

function recordServiceAlarms({ balancer = "own", ...changes }: Changes = {}): Promise<Recording> {
  return record(() => {
    const { parent, ...watched } = declareWatched();
    const given = balancer === "none" ? undefined : { ...watched.balancer, isShared: balancer === "shared" };
    const settings = { ...watched, ...ALARM_DEFAULTS, topicArn: TOPIC_ARN, tags: {}, fewestTasks: 4 };
    makeServiceAlarms("api", { ...settings, balancer: given, ...changes }, parent);
  });
}

const names = (recording: Recording): string[] => recording.ofType(ALARM).map(({ name }) => name);

describe("the alarms of a cluster", () => {
  it("are for capacity, for deadlines, for what stands in, and for its functions", async () => {
    expect(names(await recordClusterAlarms())).to.have.members([
      "shop-no-spot-capacity",
      "shop-stopped-at-deadline",
      "shop-drain-failed-actions",
      "shop-drain-errors",
      "shop-drain-dead-letters",
      "shop-fallback-lasts",
      "shop-fallback-refused",
      "shop-fallback-overdue",
      "shop-spot-quota",
      "shop-on-demand-quota",
      "shop-fallback-failed-actions",
      "shop-fallback-errors",
      "shop-fallback-dead-letters",
    ]);
  });

  it("go to the topic when they begin and when they end, and say what happened", async () => {
    for (const { name, inputs } of (await recordClusterAlarms({ tags: { team: "shop" } })).ofType(ALARM)) {
      expect(inputs, name).to.deep.include({
        alarmActions: [TOPIC_ARN],
        okActions: [TOPIC_ARN],
        tags: { team: "shop" },
      });
      expect(inputs.alarmDescription, name).to.match(/^shop('s (drain|fallback) function|:) .{15,}/);
    }
  });

  it("tell of instances that the group has wanted for ten minutes and not got", async () => {
    const { inputs } = (await recordClusterAlarms()).only(ALARM, "shop-no-spot-capacity");
    const ofGroup = (metricName: string): unknown => ({
      namespace: "AWS/AutoScaling",
      metricName,
      dimensions: { AutoScalingGroupName: "shop-group" },
      stat: "Average",
      period: 60,
    });
    expect(inputs).to.deep.include({
      metricQueries: [
        { id: "desired", metric: ofGroup("GroupDesiredCapacity") },
        { id: "inService", metric: ofGroup("GroupInServiceInstances") },
        { id: "missing", expression: "desired - inService", label: "instances missing", returnData: true },
      ],
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      evaluationPeriods: 10,
      treatMissingData: "notBreaching",
    });
  });

  it("go off with the first task at its deadline, failed action, error or dead letter", async () => {
    const recording = await recordClusterAlarms();
    const of = { ClusterName: "shop" };
    const expected = {
      "stopped-at-deadline": ["Spotproof", "TasksStoppedAtDeadline", of, "Sum"],
      "drain-failed-actions": ["Spotproof", "FailedActions", of, "Sum"],
      "drain-errors": ["AWS/Lambda", "Errors", { FunctionName: "shop-drain" }, "Sum"],
      "drain-dead-letters": [
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        { QueueName: "shop-events-dlq" },
        "Maximum",
      ],
      "fallback-refused": ["Spotproof", "StandInsRefused", of, "Sum"],
      "fallback-overdue": ["Spotproof", "FallbackOverdue", of, "Sum"],
      "spot-quota": ["Spotproof", "SpotQuotaReached", of, "Sum"],
      "on-demand-quota": ["Spotproof", "OnDemandQuotaReached", of, "Sum"],
      "fallback-failed-actions": ["Spotproof", "FallbackFailedActions", of, "Sum"],
      "fallback-errors": ["AWS/Lambda", "Errors", { FunctionName: "shop-fallback" }, "Sum"],
    } as const;
    for (const [part, [namespace, metricName, dimensions, statistic]] of Object.entries(expected)) {
      expect(recording.only(ALARM, `shop-${part}`).inputs, part).to.deep.include({
        namespace,
        metricName,
        dimensions,
        statistic,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
        period: 60,
        evaluationPeriods: 1,
        treatMissingData: "notBreaching",
      });
    }
  });

  it("tell of On-Demand Instances that have stood in for six hours", async () => {
    expect((await recordClusterAlarms()).only(ALARM, "shop-fallback-lasts").inputs).to.deep.include({
      metricName: "StandIns",
      statistic: "Maximum",
      period: 3600,
      evaluationPeriods: 6,
      threshold: 0,
      comparisonOperator: "GreaterThanThreshold",
    });
  });

  it("can be changed before they are declared", async () => {
    const recording = await recordClusterAlarms({ transform: (args) => ({ ...args, actionsEnabled: false }) });
    for (const { inputs } of recording.ofType(ALARM)) expect(inputs.actionsEnabled).to.equal(false);
  });
});

describe("the alarms of a service", () => {
  it("are for its errors, for its tasks, and for its function", async () => {
    expect(names(await recordServiceAlarms())).to.have.members([
      "api-target-5xx",
      "api-elb-5xx",
      "api-too-few-tasks",
      "api-scale-in-failed-actions",
      "api-scale-in-errors",
      "api-scale-in-dead-letters",
    ]);
  });

  it("tell of a burst of 5xx, by the application or by the load balancer in its place", async () => {
    const burst = { statistic: "Sum", period: 60, evaluationPeriods: 1, comparisonOperator: "GreaterThanThreshold" };
    const LoadBalancer = "app/api-alb/0000000000000001";
    const recording = await recordServiceAlarms({ most5xxPerMinute: 25 });
    expect(recording.only(ALARM, "api-target-5xx").inputs).to.deep.include({
      ...burst,
      namespace: "AWS/ApplicationELB",
      metricName: "HTTPCode_Target_5XX_Count",
      dimensions: { LoadBalancer, TargetGroup: "targetgroup/api-targets/0000000000000001" },
      threshold: 25,
      alarmDescription: "api: more than 25 answers of 5xx a minute by the application",
    });
    expect(recording.only(ALARM, "api-elb-5xx").inputs).to.deep.include({
      ...burst,
      metricName: "HTTPCode_ELB_5XX_Count",
      dimensions: { LoadBalancer },
      threshold: 25,
    });
    const usual = await recordServiceAlarms();
    expect(usual.only(ALARM, "api-elb-5xx").inputs.threshold).to.equal(10);
  });

  it("leave a shared load balancer's own errors to it", async () => {
    expect(names(await recordServiceAlarms({ balancer: "shared" })))
      .to.include("api-target-5xx")
      .and.not.include("api-elb-5xx");
  });

  it("tell of too few healthy tasks for ten minutes, none at all included", async () => {
    expect((await recordServiceAlarms()).only(ALARM, "api-too-few-tasks").inputs).to.deep.include({
      namespace: "AWS/ApplicationELB",
      metricName: "HealthyHostCount",
      dimensions: {
        LoadBalancer: "app/api-alb/0000000000000001",
        TargetGroup: "targetgroup/api-targets/0000000000000001",
      },
      statistic: "Minimum",
      period: 60,
      evaluationPeriods: 10,
      comparisonOperator: "LessThanThreshold",
      threshold: 4,
      treatMissingData: "breaching",
      alarmDescription: "api: fewer than 4 tasks were healthy for 10 minutes",
    });
  });

  it("count a worker's tasks by those that tell their CPU, and have no requests to tell of", async () => {
    const recording = await recordServiceAlarms({ balancer: "none", scaleIn: undefined });
    expect(names(recording)).to.deep.equal(["api-too-few-tasks"]);
    expect(recording.only(ALARM).inputs).to.deep.include({
      namespace: "AWS/ECS",
      metricName: "CPUUtilization",
      dimensions: { ClusterName: "shop", ServiceName: "api" },
      statistic: "SampleCount",
      alarmDescription: "api: fewer than 4 tasks ran for 10 minutes",
    });
  });

  it("find no number of tasks too small where none are right", async () => {
    expect(names(await recordServiceAlarms({ fewestTasks: 0 }))).not.to.include("api-too-few-tasks");
  });

  it("tell of what its scale-in function failed at, by cluster and service", async () => {
    const recording = await recordServiceAlarms();
    expect(recording.only(ALARM, "api-scale-in-failed-actions").inputs.dimensions).to.deep.equal({
      ClusterName: "shop",
      ServiceName: "api",
    });
    expect(recording.only(ALARM, "api-scale-in-errors").inputs.dimensions).to.deep.equal({
      FunctionName: "api-scale-in",
    });
    expect(recording.only(ALARM, "api-scale-in-dead-letters").inputs.dimensions).to.deep.equal({
      QueueName: "api-scale-in-events-dlq",
    });
  });
});

describe("the topic of alarms", () => {
  const recorded = (): Promise<Recording> =>
    record(() => {
      const { parent, cluster } = declareWatched();
      const transform = { alarmTopic: (args: object) => ({ ...args, displayName: "shop" }) };
      makeAlarmTopic("shop", { cluster, tags: { team: "shop" }, transform }, parent);
    });
  const onlyOurAlarms = {
    ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:*" },
    StringEquals: { "aws:SourceAccount": "123456789012" },
  };

  it("is encrypted with a key that this account's alarms may use, and that is rotated", async () => {
    const recording = await recorded();
    const key = recording.only("aws:kms/key:Key", "shop-alarms-key");
    expect(recording.only("aws:sns/topic:Topic", "shop-alarms").inputs).to.deep.equal({
      kmsMasterKeyId: key.outputs.arn,
      tags: { team: "shop" },
      displayName: "shop",
    });
    expect(key.inputs).to.deep.include({ enableKeyRotation: true, tags: { team: "shop" } });
    expect(statementsOf(key)).to.deep.equal([
      {
        Sid: "AllowAccount",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::123456789012:root" },
        Action: ["kms:*"],
        Resource: ["*"],
      },
      {
        Sid: "AllowAlarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: ["kms:Decrypt", "kms:GenerateDataKey*"],
        Resource: ["*"],
        Condition: onlyOurAlarms,
      },
    ]);
  });

  it("takes messages from this account's alarms, and over TLS only", async () => {
    const policy = (await recorded()).only("aws:sns/topicPolicy:TopicPolicy", "shop-alarms-policy");
    const Resource = ["arn:aws:sns:eu-west-1:123456789012:shop-alarms"];
    expect(policy.inputs.arn).to.equal(Resource[0]);
    expect(statementsOf(policy)).to.deep.equal([
      {
        Sid: "AllowAlarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: ["sns:Publish"],
        Resource,
        Condition: onlyOurAlarms,
      },
      {
        Sid: "DenyPlainText",
        Effect: "Deny",
        Principal: "*",
        Action: ["sns:Publish"],
        Resource,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });
});
