import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { ServiceScaling } from "../../../components/scaling/scalingArgs";
import { readSettings } from "../../../functions/scaleIn/settings";
import { actionsCalled } from "../../callback/emittedText";
import { statementsOf, type PolicyStatement } from "../../support/policies";
import type { Recording } from "../../support/recorder";
import { ALARM, POLICY, recordScaling } from "./scalingFixture";

const FUNCTION = "aws:lambda/function:Function";
const QUEUE = "aws:sqs/queue:Queue";
const RULE = "aws:cloudwatch/eventRule:EventRule";
const LOW_ALARM = "api-few-requests";
const TARGET_GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/api-targets/0000000000000001";
const CLUSTER = "arn:aws:ecs:eu-west-1:123456789012:cluster/shop";
const TASKS = "arn:aws:ecs:eu-west-1:123456789012:task/shop/*";
const SERVICE = "arn:aws:ecs:eu-west-1:123456789012:service/shop/api";

function environmentOf(recording: Recording): Record<string, string> {
  return (recording.only(FUNCTION).inputs.environment as { variables: Record<string, string> }).variables;
}

function statements(recording: Recording): PolicyStatement[] {
  return statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "api-scale-in-policy"));
}

async function textOf(recording: Recording): Promise<string> {
  const code = recording.only(FUNCTION).inputs.code as pulumi.asset.AssetArchive;
  const assets = (await code.assets) as Record<string, pulumi.asset.StringAsset>;
  expect(Object.keys(assets)).to.deep.equal(["__index.js"]);
  return assets["__index.js"]!.text;
}

const IAM_PREFIX: Readonly<Record<string, string>> = {
  applicationAutoScaling: "application-autoscaling",
  cloudWatch: "cloudwatch",
};

/** The IAM actions of the calls in the text, of those of which it keeps the method's name in a variable, too. */
function actionsIn(text: string): string[] {
  const capital = (method: string): string => `${method[0]!.toUpperCase()}${method.slice(1)}`;
  const more = [...text.matchAll(/\b(applicationAutoScaling|cloudWatch)\.([a-z]\w+)\(/g)];
  const byName = [...text.matchAll(/"((?:de)?registerTargets)"/g)];
  return [
    ...new Set([
      ...actionsCalled(text),
      ...more.map(([, port = "", method = ""]) => `${IAM_PREFIX[port]}:${capital(method)}`),
      ...byName.map(([, method = ""]) => `elasticloadbalancing:${capital(method)}`),
    ]),
  ];
}

describe("the alarm of few requests", () => {
  it("comes when three minutes in a row have fewer requests than the highest tier, or none at all", async () => {
    expect((await recordScaling()).only(ALARM, LOW_ALARM).inputs).to.deep.equal({
      alarmDescription: "api: fewer than 100 requests per minute; while it lasts, the scale-in function removes tasks",
      namespace: "AWS/ApplicationELB",
      metricName: "RequestCount",
      dimensions: {
        LoadBalancer: "app/api-alb/0000000000000001",
        TargetGroup: "targetgroup/api-targets/0000000000000001",
      },
      statistic: "Sum",
      period: 60,
      evaluationPeriods: 3,
      datapointsToAlarm: 3,
      comparisonOperator: "LessThanThreshold",
      threshold: 100,
      treatMissingData: "breaching",
      tags: {},
    });
  });

  it("counts the requests of each task where tiers are per target", async () => {
    const scaleIn = {
      tiersPer: "target",
      tiers: [
        { below: 5, remove: 4 },
        { below: 20, remove: 1 },
      ],
    } as const;
    expect((await recordScaling({ scaleIn })).only(ALARM, LOW_ALARM).inputs).to.deep.include({
      alarmDescription:
        "api: fewer than 20 requests per minute and task; while it lasts, the scale-in function removes tasks",
      metricName: "RequestCountPerTarget",
      statistic: "Sum",
      threshold: 20,
    });
  });

  it("does nothing by itself: no policy scales in", async () => {
    const recording = await recordScaling();
    expect(recording.only(ALARM, LOW_ALARM).inputs).not.to.have.property("alarmActions");
    expect(
      recording
        .ofType(POLICY)
        .map(({ name }) => name)
        .filter((name) => name.includes("scale-in")),
    ).to.be.empty;
  });
});

describe("the scale-in function's events", () => {
  it("are that alarm's going off, and the schedule that goes on while it lasts", async () => {
    const recording = await recordScaling();
    expect(recording.ofType(RULE)).to.have.lengthOf(2);
    expect(JSON.parse(recording.only(RULE, "api-scale-in-alarm").inputs.eventPattern as string)).to.deep.equal({
      source: ["aws.cloudwatch"],
      "detail-type": ["CloudWatch Alarm State Change"],
      resources: ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:api-few-requests"],
      detail: { state: { value: ["ALARM"] } },
    });
    expect(recording.only(RULE, "api-scale-in-schedule").inputs).to.include({ scheduleExpression: "rate(1 minute)" });
  });

  it("come through a queue of its own, in batches with partial failures", async () => {
    const recording = await recordScaling();
    expect(recording.only("aws:lambda/eventSourceMapping:EventSourceMapping").inputs).to.deep.include({
      eventSourceArn: "arn:aws:sqs:eu-west-1:123456789012:api-scale-in-events",
      batchSize: 10,
      maximumBatchingWindowInSeconds: 0,
      functionResponseTypes: ["ReportBatchItemFailures"],
    });
    const visibility = recording.only(QUEUE, "api-scale-in-events").inputs.visibilityTimeoutSeconds as number;
    expect(recording.only(FUNCTION).inputs.timeout).to.be.below(visibility);
  });
});

describe("the scale-in function", () => {
  it("is the default, and made for nobody else who scales in", async () => {
    expect((await recordScaling()).ofType(FUNCTION).map(({ name }) => name)).to.deep.equal(["api-scale-in"]);
    const others: ServiceScaling["scaleIn"][] = ["none", [{ metric: "cpu", below: 20, remove: 1 }]];
    for (const scaleIn of others) {
      const recording = await recordScaling({ scaleIn });
      expect(recording.ofType(FUNCTION)).to.be.empty;
      expect(recording.ofType(QUEUE)).to.be.empty;
    }
  });

  it("learns its service, its alarms and its tiers from its environment", async () => {
    const environment = environmentOf(await recordScaling());
    expect(environment).to.deep.equal({
      CLUSTER_ARN: CLUSTER,
      SERVICE_NAME: "api",
      QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/api-scale-in-events",
      TARGET_GROUP_ARNS: JSON.stringify([TARGET_GROUP]),
      LOW_ALARM_NAME: LOW_ALARM,
      SCALE_OUT_ALARM_NAMES: JSON.stringify([
        "api-scale-out-cpu-1m",
        "api-scale-out-memory-1m",
        "api-scale-out-requestsPerTarget-1m",
      ]),
      LOAD_METRICS: JSON.stringify([
        {
          namespace: "AWS/ApplicationELB",
          metricName: "RequestCount",
          dimensions: {
            LoadBalancer: "app/api-alb/0000000000000001",
            TargetGroup: "targetgroup/api-targets/0000000000000001",
          },
          stat: "Sum",
        },
      ]),
      TIERS: JSON.stringify([
        { below: 100, remove: 2 },
        { below: 50, remove: 4 },
        { below: 30, remove: 8 },
        { below: 10, remove: 16 },
      ]),
      TIERS_PER: "service",
      MOST_SHARE_PERCENT: "25",
      CHECK_INTERVAL_SECONDS: "5",
      HEALTH_CHECK_SECONDS: "10",
      SETTLE_SECONDS: "10",
      WORK_PATIENCE_SECONDS: "35",
    });
  });

  it("understands every setting that it is given", async () => {
    const scaleIn = {
      tiers: [{ below: 12.5, remove: 3 }],
      tiersPer: "target",
      mostSharePercent: 50,
      workPatienceSeconds: 0,
    } as const;
    const recording = await recordScaling({ scaleIn }, { checkIntervalSeconds: 7, healthCheckIntervalSeconds: 20 });
    expect(readSettings(environmentOf(recording))).to.deep.include({
      serviceName: "api",
      targetGroupArns: [TARGET_GROUP],
      tiers: [{ below: 12.5, remove: 3 }],
      tiersPer: "target",
      mostSharePercent: 50,
      checkIntervalSeconds: 7,
      healthCheckSeconds: 20,
      settleSeconds: 14,
      workPatienceSeconds: 0,
    });
  });

  it("gives way to target tracking's own alarms too, and switches its scaling in off", async () => {
    const recording = await recordScaling({ targetTracking: [{ metric: "cpu", target: 60 }] });
    expect(JSON.parse(environmentOf(recording).SCALE_OUT_ALARM_NAMES!)).to.deep.equal([
      "TargetTracking-service/shop/api-AlarmHigh-api-track-cpu",
    ]);
    expect(recording.only(POLICY).inputs.targetTrackingScalingPolicyConfiguration).to.include({ disableScaleIn: true });
  });

  it("lets a task go before the balancer cuts what is still open on it", async () => {
    const patience = async (deregistrationDelaySeconds: number, checkIntervalSeconds: number): Promise<number> => {
      const recording = await recordScaling({}, { deregistrationDelaySeconds, checkIntervalSeconds });
      return Number(environmentOf(recording).WORK_PATIENCE_SECONDS);
    };
    expect(await patience(30, 5)).to.equal(20);
    expect(await patience(8, 5)).to.equal(0);
  });

  it("looks at least twice in a health check interval, and gives the balancer its time to let go all the same", async () => {
    const settings = async (checkIntervalSeconds: number, healthCheckIntervalSeconds: number) =>
      readSettings(environmentOf(await recordScaling({}, { checkIntervalSeconds, healthCheckIntervalSeconds })));
    expect(await settings(5, 5)).to.include({ checkIntervalSeconds: 2, settleSeconds: 10 });
    expect(await settings(1, 30)).to.include({ checkIntervalSeconds: 1, settleSeconds: 10 });
  });

  it("stops a task that doesn't protect its work only after the balancer has ended its requests", async () => {
    const settled = async (protectsWork: boolean, deregistrationDelaySeconds: number): Promise<number> => {
      const recording = await recordScaling({}, { protectsWork, deregistrationDelaySeconds });
      return readSettings(environmentOf(recording)).settleSeconds;
    };
    expect(await settled(true, 300)).to.equal(10);
    expect(await settled(false, 300)).to.equal(300);
    expect(await settled(false, 3)).to.equal(10);
  });

  it("is one file, and what it requires ships with the Lambda runtime", async () => {
    const text = await textOf(await recordScaling());
    const required = [...text.matchAll(/require\("([^"]+)"\)/g)].map(([, path = ""]) => path);
    expect(required).not.to.be.empty;
    for (const path of required) expect(path).to.match(/^@aws-sdk\/client-[a-z0-9-]+$/);
  });

  it("may make exactly the calls in its text, read its queue and write its log", async () => {
    const recording = await recordScaling();
    const granted = statements(recording).flatMap(({ Action }) => Action);
    const lambdas = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
    const logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
    expect(granted).to.have.members([...actionsIn(await textOf(recording)), ...lambdas, ...logs]);
  });

  it("may change only its own service, its target group and its cluster's tasks", async () => {
    const recording = await recordScaling();
    const where = (action: string): unknown => {
      const statement = statements(recording).find(({ Action }) => Action.includes(action));
      return statement && { resource: statement.Resource, condition: statement.Condition };
    };
    const ofTasks = { resource: [TASKS], condition: undefined };
    const condition = { ArnEquals: { "ecs:cluster": CLUSTER } };
    expect(where("ecs:UpdateService")).to.deep.equal({ resource: [SERVICE], condition: undefined });
    expect(where("ecs:StopTask")).to.deep.equal({ ...ofTasks, condition });
    expect(where("ecs:TagResource")).to.deep.equal(ofTasks);
    expect(where("ecs:UntagResource")).to.deep.equal(ofTasks);
    for (const action of ["DeregisterTargets", "RegisterTargets"]) {
      const resource = [TARGET_GROUP];
      expect(where(`elasticloadbalancing:${action}`)).to.deep.equal({ resource, condition: undefined });
    }
    expect(where("sqs:SendMessage")).to.deep.include({
      resource: ["arn:aws:sqs:eu-west-1:123456789012:api-scale-in-events"],
    });
  });

  it("may read any resource only where AWS knows no narrower one, or on its cluster", async () => {
    const recording = await recordScaling();
    const anywhere = statements(recording).filter(({ Resource }) => Resource.includes("*"));
    expect(anywhere.flatMap(({ Action }) => Action)).to.have.members([
      "ecs:ListTasks",
      "application-autoscaling:DescribeScalableTargets",
      "cloudwatch:GetMetricData",
      "elasticloadbalancing:DescribeTargetHealth",
    ]);
    expect(anywhere.find(({ Action }) => Action.includes("ecs:ListTasks"))?.Condition).to.deep.equal({
      ArnEquals: { "ecs:cluster": CLUSTER },
    });
  });

  it("writes to a log of its own, kept for the days given, and is made after its rights", async () => {
    const recording = await recordScaling({}, { logRetentionDays: 7 });
    expect(recording.only("aws:cloudwatch/logGroup:LogGroup", "api-scale-in-logs").inputs.retentionInDays).to.equal(7);
    const policy = recording.only("aws:iam/rolePolicy:RolePolicy", "api-scale-in-policy");
    expect(recording.needs(recording.only(FUNCTION), policy)).to.equal(true);
  });

  it("carries the service's tags, and can be changed before it is declared", async () => {
    const recording = await recordScaling(
      {},
      { tags: { team: "shop" }, transform: { scaleInFunction: (args) => ({ ...args, memorySize: 1024 }) } },
    );
    expect(recording.only(FUNCTION).inputs).to.deep.include({ memorySize: 1024, tags: { team: "shop" } });
    expect(recording.only(QUEUE, "api-scale-in-events").inputs.tags).to.deep.equal({ team: "shop" });
  });
});
