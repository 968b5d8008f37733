import { expect } from "chai";
import { SpotCluster } from "../../../components/spotCluster";
import type { SpotClusterArgs } from "../../../components/spotClusterArgs";
import { CLUSTER, recordCluster } from "../../support/fixtures";
import { statementsOf } from "../../support/policies";
import { recordFailure, type Recording } from "../../support/recorder";

const FUNCTION = "aws:lambda/function:Function";
const RULE = "aws:cloudwatch/eventRule:EventRule";
const GROUP = "aws:autoscaling/group:Group";

const GROUP_ARN =
  "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:00000000-0000-4000-8000-000000000000:autoScalingGroupName/shop-group";

const variables = (recording: Recording): Record<string, string> =>
  (recording.only(FUNCTION, "shop-refresh").inputs.environment as { variables: Record<string, string> }).variables;

const statements = (recording: Recording) =>
  new Map(
    statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-refresh-policy")).map((each) => [
      each.Sid,
      each,
    ]),
  );

const patternOf = (recording: Recording, rule: string): unknown =>
  JSON.parse(recording.only(RULE, rule).inputs.eventPattern as string);

describe("a cluster's refresh", () => {
  it("has no function where it is off, and one otherwise, which by default only tells", async () => {
    const off = await recordCluster();
    expect(off.ofType(FUNCTION).map(({ name }) => name)).not.to.include("shop-refresh");
    const byDefault = await recordCluster({ refresh: undefined });
    expect(variables(byDefault).REFRESH).to.equal("notify");
  });

  it("looks every five minutes, and at what becomes of its groups' refreshes", async () => {
    const recording = await recordCluster({ refresh: "auto", onDemandCapacity: { minSize: 0, maxSize: 2 } });
    expect(recording.only(RULE, "shop-refresh-sweep").inputs.scheduleExpression).to.equal("rate(5 minutes)");
    expect(patternOf(recording, "shop-refresh-refreshes")).to.deep.equal({
      source: ["aws.autoscaling"],
      "detail-type": [{ prefix: "EC2 Auto Scaling Instance Refresh " }],
      detail: { AutoScalingGroupName: ["shop-group", "shop-on-demand-group"] },
    });
    expect(JSON.parse(variables(recording).AUTO_SCALING_GROUP_NAMES!)).to.deep.equal([
      "shop-group",
      "shop-on-demand-group",
    ]);
  });

  it("looks at once when a parameter of the account's own changes; AWS's tell nobody", async () => {
    const amiId = "resolve:ssm:/golden/ami";
    const recording = await recordCluster({ refresh: "auto", amiId });
    expect(patternOf(recording, "shop-refresh-parameter")).to.deep.equal({
      source: ["aws.ssm"],
      "detail-type": ["Parameter Store Change"],
      detail: { name: ["/golden/ami"], operation: ["Create", "Update"] },
    });
    expect(statements(recording).get("ResolveAmi")?.Resource).to.deep.equal([
      "arn:aws:ssm:eu-west-1:123456789012:parameter/golden/ami",
    ]);
    const byAws = await recordCluster({ refresh: "auto" });
    expect(byAws.ofType(RULE).map(({ name }) => name)).to.not.include("shop-refresh-parameter");
    expect(statements(byAws).get("ResolveAmi")?.Resource).to.deep.equal([
      "arn:aws:ssm:eu-west-1::parameter/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    ]);
  });

  it("hands over its window and limits", async () => {
    const recording = await recordCluster({
      refresh: "auto",
      refreshDays: ["Sat", "Sun"],
      refreshStartTime: "22:30",
      refreshWindowMinutes: 90,
      refreshTimeZone: "Europe/Berlin",
      refreshMaxMinutes: 60,
      refreshCheckpointPercents: [20, 100],
      refreshAlarmNames: ["api-5xx"],
    });
    expect(variables(recording)).to.include({
      WINDOW: '{"days":[6,0],"startMinute":1350,"lengthMinutes":90,"timeZone":"Europe/Berlin"}',
      MOST_MINUTES: "60",
      MAX_HEALTHY_PERCENT: "200",
      CHECKPOINT_PERCENTS: "[20,100]",
      ALARM_NAMES: '["api-5xx"]',
    });
  });

  it("may refresh its own groups, change its own template, and launch from that alone", async () => {
    const recording = await recordCluster({ refresh: "auto" });
    const bySid = statements(recording);
    expect(bySid.get("RefreshGroups")?.Resource).to.deep.equal([GROUP_ARN]);
    expect(bySid.get("RememberRefusals")).to.deep.include({
      Resource: [GROUP_ARN],
      Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["spotproof:refused-ami"] } },
    });
    const template = "arn:aws:ec2:eu-west-1:123456789012:launch-template/shop-template";
    expect(bySid.get("MakeVersions")?.Resource).to.deep.equal([template]);
    expect(bySid.get("LaunchFromTemplate")?.Condition).to.deep.equal({ ArnEquals: { "ec2:LaunchTemplate": template } });
    expect(bySid.get("PassInstanceRole")).to.deep.include({
      Resource: [recording.only("aws:iam/role:Role", "shop-instance-role").outputs.arn],
      Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    });
  });

  it("grants no role `*` as a resource but where AWS has nothing narrower", async () => {
    const bySid = [...statements(await recordCluster({ refresh: "auto" })).values()];
    const wide = bySid.filter(({ Resource }) => Resource.includes("*")).flatMap(({ Action }) => Action);
    expect(wide).to.have.members([
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeInstanceRefreshes",
      "ec2:DescribeInstances",
      "ec2:DescribeLaunchTemplateVersions",
      "ecs:ListServices",
    ]);
  });

  it("goes for an update by Pulumi as well: as large a group, protected instances too, the default version", async () => {
    const recording = await recordCluster({ refreshMaxHealthyPercent: 150 });
    expect(recording.only(GROUP).inputs.instanceRefresh).to.deep.include({
      preferences: {
        minHealthyPercentage: 100,
        maxHealthyPercentage: 150,
        scaleInProtectedInstances: "Refresh",
        skipMatching: true,
      },
    });
  });

  it("tells of what needs a person, and of older AMIs sooner where nobody else replaces them", async () => {
    const alarmsOf = async (refresh: SpotClusterArgs["refresh"]) => {
      const recording = await recordCluster({ refresh });
      const named = recording.ofType("aws:cloudwatch/metricAlarm:MetricAlarm");
      return new Map(named.map(({ name, inputs }) => [name, inputs]));
    };
    const [notify, auto] = [await alarmsOf("notify"), await alarmsOf("auto")];
    expect(notify.get("shop-older-ami")).to.include({ period: 3600, evaluationPeriods: 24, statistic: "Minimum" });
    expect(auto.get("shop-older-ami")).to.include({ evaluationPeriods: 168 });
    expect(auto.get("shop-refresh-too-long")).to.include({ threshold: 10_800 });
    const refreshing = [...auto.keys()].filter((name) => name.startsWith("shop-refresh-"));
    expect(refreshing).to.have.members(
      ["failed", "too-long", "failed-actions", "errors", "dead-letters"].map((part) => `shop-refresh-${part}`),
    );
  });

  it("says everything that is wrong with it at once", async () => {
    const wrong = {
      refresh: "always",
      refreshDays: ["Sunday"],
      refreshStartTime: "2:00",
      refreshWindowMinutes: 5,
      refreshTimeZone: "Berlin",
      refreshMaxMinutes: 0,
      refreshMaxHealthyPercent: 100,
      refreshCheckpointPercents: [50, 20],
      refreshAlarmNames: Array.from({ length: 11 }, (_, n) => `alarm-${n}`),
    } as unknown as Partial<SpotClusterArgs>;
    const { message } = await recordFailure(() => new SpotCluster("shop", { ...CLUSTER, ...wrong }));
    expect(message).to.include("9 problems");
    for (const property of Object.keys(wrong)) expect(message).to.match(new RegExp(`- ${property}[:[]`));
    expect(message).to.include(
      "refreshCheckpointPercents: given [50,20]; allowed: rising percentages, the last one 100",
    );
  });
});
