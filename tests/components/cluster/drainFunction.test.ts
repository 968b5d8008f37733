import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { actionsCalled } from "../../callback/emittedText";
import { recordCluster } from "../../support/fixtures";
import { statementsOf, type PolicyStatement } from "../../support/policies";
import type { Recording } from "../../support/recorder";

const FUNCTION = "aws:lambda/function:Function";
const QUEUE = "aws:sqs/queue:Queue";
const RULE = "aws:cloudwatch/eventRule:EventRule";

function drainStatements(recording: Recording): PolicyStatement[] {
  return statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-drain-policy"));
}

async function archive(recording: Recording): Promise<Record<string, string>> {
  const code = recording.only(FUNCTION, "shop-drain").inputs.code as pulumi.asset.AssetArchive;
  const assets = Object.entries(await code.assets);
  const texts = assets.map(async ([path, asset]) => [path, await (asset as pulumi.asset.StringAsset).text] as const);
  return Object.fromEntries(await Promise.all(texts));
}

describe("the drain function's events", () => {
  it("are Spot interruption notices, and a sweep every minute", async () => {
    const recording = await recordCluster();
    const own = recording.ofType(RULE).filter(({ name }) => !/^shop-(fallback|rebalance)-/.test(name));
    expect(own).to.have.lengthOf(2);
    const notice = recording.only(RULE, "shop-interruption").inputs;
    expect(JSON.parse(notice.eventPattern as string)).to.deep.equal({
      source: ["aws.ec2"],
      "detail-type": ["EC2 Spot Instance Interruption Warning"],
    });
    expect(recording.only(RULE, "shop-sweep").inputs).to.include({ scheduleExpression: "rate(1 minute)" });
    for (const rule of recording.ofType(RULE)) expect(rule.inputs.state, rule.name).to.equal("ENABLED");
  });

  it("go to the queue, for no longer than an interruption lasts, once the queue admits them", async () => {
    const recording = await recordCluster();
    const queue = recording.only(QUEUE, "shop-events");
    const policy = recording.only("aws:sqs/queuePolicy:QueuePolicy", "shop-events-policy");
    for (const key of ["shop-interruption", "shop-sweep"]) {
      const target = recording.only("aws:cloudwatch/eventTarget:EventTarget", key);
      expect(target.inputs).to.deep.nested.include({
        rule: key,
        arn: "arn:aws:sqs:eu-west-1:123456789012:shop-events",
        "retryPolicy.maximumEventAgeInSeconds": 120,
      });
      expect(recording.needs(target, queue)).to.equal(true);
      expect(recording.needs(target, policy)).to.equal(true);
    }
  });

  it("are taken from these two rules only, and only over TLS", async () => {
    const recording = await recordCluster();
    const [allow, deny, ...others] = statementsOf(
      recording.only("aws:sqs/queuePolicy:QueuePolicy", "shop-events-policy"),
    );
    expect(allow).to.deep.include({
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: ["sqs:SendMessage"],
      Condition: {
        ArnEquals: {
          "aws:SourceArn": [
            "arn:aws:events:eu-west-1:123456789012:rule/shop-interruption",
            "arn:aws:events:eu-west-1:123456789012:rule/shop-sweep",
          ],
        },
      },
    });
    expect(deny).to.deep.include({
      Effect: "Deny",
      Principal: "*",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
    expect(others).to.be.empty;
  });

  it("are encrypted, forgotten after five minutes, and dead letters kept for two weeks from this queue only", async () => {
    const recording = await recordCluster();
    expect(recording.only(QUEUE, "shop-events").inputs).to.include({
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 300,
      redrivePolicy: JSON.stringify({
        deadLetterTargetArn: "arn:aws:sqs:eu-west-1:123456789012:shop-events-dlq",
        maxReceiveCount: 4,
      }),
    });
    expect(recording.only(QUEUE, "shop-events-dlq").inputs).to.include({
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 14 * 86400,
    });
    const redrive = recording.only("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "shop-events-redrive").inputs;
    expect(JSON.parse(redrive.redriveAllowPolicy as string)).to.deep.equal({
      redrivePermission: "byQueue",
      sourceQueueArns: ["arn:aws:sqs:eu-west-1:123456789012:shop-events"],
    });
    const [deny] = statementsOf(recording.only("aws:sqs/queuePolicy:QueuePolicy", "shop-events-dlq-policy"));
    expect(deny?.Condition).to.deep.equal({ Bool: { "aws:SecureTransport": "false" } });
  });

  it("come in batches without waiting, with partial failures", async () => {
    const mapping = (await recordCluster()).only(
      "aws:lambda/eventSourceMapping:EventSourceMapping",
      "shop-drain-events",
    );
    expect(mapping.inputs).to.deep.include({
      batchSize: 10,
      maximumBatchingWindowInSeconds: 0,
      functionResponseTypes: ["ReportBatchItemFailures"],
    });
  });
});

describe("the drain function", () => {
  it("times out before its messages can be seen again", async () => {
    const recording = await recordCluster();
    const timeout = recording.only(FUNCTION, "shop-drain").inputs.timeout as number;
    expect(timeout).to.be.below(recording.only(QUEUE, "shop-events").inputs.visibilityTimeoutSeconds as number);
  });

  it("learns its cluster and the time budget from its environment", async () => {
    const recording = await recordCluster({ stopTimeoutSeconds: 50, checkIntervalSeconds: 7 });
    expect(recording.only(FUNCTION, "shop-drain").inputs.environment).to.deep.equal({
      variables: {
        CLUSTER_ARN: "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
        AUTO_SCALING_GROUP_NAME: "shop-group",
        QUEUE_URL: "https://sqs.eu-west-1.amazonaws.com/123456789012/shop-events",
        REPLACEMENT: "detach",
        RECOMMENDATIONS: "ignore",
        RECOMMENDATION_MINUTES: "60",
        STOP_TIMEOUT_SECONDS: "50",
        CHECK_INTERVAL_SECONDS: "7",
      },
    });
  });

  it("is one file, and what it requires ships with the Lambda runtime", async () => {
    const files = await archive(await recordCluster());
    expect(Object.keys(files)).to.deep.equal(["__index.js"]);
    const text = files["__index.js"] ?? "";
    expect(text).to.match(/exports\.handler = /);
    const required = [...text.matchAll(/require\("([^"]+)"\)/g)].map(([, path = ""]) => path);
    expect(required).not.to.be.empty;
    for (const path of required) expect(path).to.match(/^@aws-sdk\/client-[a-z0-9-]+$/);
  });

  it("may make exactly the calls in its text, read its queue and write its log", async () => {
    const recording = await recordCluster({ rebalanceRecommendations: "hint" });
    const { "__index.js": text = "" } = await archive(recording);
    const granted = drainStatements(recording).flatMap(({ Action }) => Action);
    const lambdas = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
    const logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
    expect(granted).to.have.members([...actionsCalled(text), ...lambdas, ...logs]);
  });

  it("may change only its own cluster's instances, tasks, targets and group", async () => {
    const recording = await recordCluster();
    const where = (action: string): unknown => {
      const statement = drainStatements(recording).find(({ Action }) => Action.includes(action));
      return statement && { resource: statement.Resource, condition: statement.Condition };
    };
    const ofCluster = { ArnEquals: { "ecs:cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/shop" } };
    const tagged = { StringEquals: { "aws:ResourceTag/spotproof:cluster": "shop" } };
    expect(where("ecs:UpdateContainerInstancesState")).to.deep.equal({
      resource: ["arn:aws:ecs:eu-west-1:123456789012:container-instance/shop/*"],
      condition: ofCluster,
    });
    expect(where("ecs:StopTask")).to.deep.equal({
      resource: ["arn:aws:ecs:eu-west-1:123456789012:task/shop/*"],
      condition: ofCluster,
    });
    expect(where("elasticloadbalancing:DeregisterTargets")).to.deep.equal({
      resource: ["arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/*"],
      condition: tagged,
    });
    expect(where("autoscaling:DetachInstances")).to.deep.equal({
      resource: [
        "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:00000000-0000-4000-8000-000000000000:autoScalingGroupName/shop-group",
      ],
      condition: undefined,
    });
    expect(where("ec2:TerminateInstances")).to.deep.equal({
      resource: ["arn:aws:ec2:eu-west-1:123456789012:instance/*"],
      condition: tagged,
    });
  });

  it("may not detach or terminate where the group replaces instances by itself", async () => {
    const actions = drainStatements(await recordCluster({ replacement: "capacityRebalancing" })).flatMap(
      ({ Action }) => Action,
    );
    expect(actions).not.to.include("autoscaling:DetachInstances");
    expect(actions).not.to.include("ec2:TerminateInstances");
    expect(actions).to.include("ecs:UpdateContainerInstancesState");
  });

  it("writes plain lines to a log of its own, kept for the days given", async () => {
    const recording = await recordCluster({ logRetentionDays: 7 });
    expect(recording.only(FUNCTION, "shop-drain").inputs.loggingConfig).to.deep.equal({
      logFormat: "Text",
      logGroup: "shop-drain-logs",
    });
    expect(recording.only("aws:cloudwatch/logGroup:LogGroup", "shop-drain-logs").inputs.retentionInDays).to.equal(7);
  });

  it("is made after its rights, so that its first invocation has them", async () => {
    const recording = await recordCluster();
    const policy = recording.only("aws:iam/rolePolicy:RolePolicy", "shop-drain-policy");
    expect(recording.needs(recording.only(FUNCTION, "shop-drain"), policy)).to.equal(true);
  });

  it("runs on the Node.js of this project, on Graviton", async () => {
    expect((await recordCluster()).only(FUNCTION, "shop-drain").inputs).to.deep.include({
      runtime: "nodejs24.x",
      architectures: ["arm64"],
    });
  });
});
