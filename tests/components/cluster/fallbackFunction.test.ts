import type * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { recordCluster } from "../../support/fixtures";
import { statementsOf } from "../../support/policies";
import type { Recording } from "../../support/recorder";
import { CLUSTER } from "../../support/fixtures";
import { recordFailure } from "../../support/recorder";
import { SpotCluster } from "../../../components/spotCluster";

const FUNCTION = "aws:lambda/function:Function";
const GROUP_ARN =
  "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:00000000-0000-4000-8000-000000000000:autoScalingGroupName/shop-group";

const variablesOf = (recording: Recording): unknown =>
  (recording.only(FUNCTION, "shop-fallback").inputs.environment as { variables: unknown }).variables;

describe("the fallback function of a cluster", () => {
  it("hears of its group's launches that fail, and looks every minute", async () => {
    const recording = await recordCluster();
    const rule = "aws:cloudwatch/eventRule:EventRule";
    expect(JSON.parse(recording.only(rule, "shop-fallback-launch-failed").inputs.eventPattern as string)).to.deep.equal(
      {
        source: ["aws.autoscaling"],
        "detail-type": ["EC2 Instance Launch Unsuccessful"],
        detail: { AutoScalingGroupName: ["shop-group"] },
      },
    );
    expect(recording.only(rule, "shop-fallback-sweep").inputs.scheduleExpression).to.equal("rate(1 minute)");
    const mapping = recording.only("aws:lambda/eventSourceMapping:EventSourceMapping", "shop-fallback-events");
    expect(mapping.inputs.eventSourceArn).to.equal("arn:aws:sqs:eu-west-1:123456789012:shop-fallback-events");
  });

  it("is there without being asked for, for as many instances as the group may have and a day", async () => {
    expect(variablesOf(await recordCluster({ onDemandBaseCapacity: 2 }))).to.deep.equal({
      CLUSTER_ARN: "arn:aws:ecs:eu-west-1:123456789012:cluster/shop",
      AUTO_SCALING_GROUP_NAME: "shop-group",
      DECLARED_BASE_CAPACITY: "2",
      MAX_INSTANCES: "20",
      MAX_HOURS: "24",
    });
  });

  it("takes its limits, one or both", async () => {
    expect(variablesOf(await recordCluster({ onDemandFallback: { maxInstances: 4 } }))).to.include({
      MAX_INSTANCES: "4",
      MAX_HOURS: "24",
    });
    expect(variablesOf(await recordCluster({ onDemandFallback: { maxHours: 2 } }))).to.include({
      MAX_INSTANCES: "20",
      MAX_HOURS: "2",
    });
  });

  it("takes back what stands in where none is wanted any more", async () => {
    expect(variablesOf(await recordCluster({ onDemandFallback: false }))).to.include({ MAX_INSTANCES: "0" });
  });

  it("knows the base that a transform declares", async () => {
    const recording = await recordCluster({
      transform: {
        autoScalingGroup: (args) => {
          const policy = args.mixedInstancesPolicy as { instancesDistribution: object };
          const instancesDistribution = { ...policy.instancesDistribution, onDemandBaseCapacity: 3 };
          return {
            ...args,
            mixedInstancesPolicy: { ...policy, instancesDistribution } as typeof args.mixedInstancesPolicy,
          };
        },
      },
    });
    expect(variablesOf(recording)).to.include({ DECLARED_BASE_CAPACITY: "3" });
  });

  it("may change its own group's share, tag and members only, and no group's size", async () => {
    const statements = statementsOf(
      (await recordCluster()).only("aws:iam/rolePolicy:RolePolicy", "shop-fallback-policy"),
    );
    const where = (action: string): unknown => {
      const { Resource, Condition } = statements.find(({ Action }) => Action.includes(action))!;
      return { resource: Resource, condition: Condition };
    };
    expect(where("autoscaling:UpdateAutoScalingGroup")).to.deep.equal({
      resource: [GROUP_ARN],
      condition: { Null: { "autoscaling:MinSize": "true", "autoscaling:MaxSize": "true" } },
    });
    expect(where("autoscaling:DetachInstances")).to.deep.equal({ resource: [GROUP_ARN], condition: undefined });
    for (const action of ["autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"]) {
      expect(where(action)).to.deep.equal({
        resource: [GROUP_ARN],
        condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["spotproof:fallback"] } },
      });
    }
    expect(where("ec2:TerminateInstances")).to.deep.equal({
      resource: ["arn:aws:ec2:eu-west-1:123456789012:instance/*"],
      condition: { StringEquals: { "aws:ResourceTag/spotproof:cluster": "shop" } },
    });
    expect(where("ecs:UpdateContainerInstancesState")).to.deep.equal({
      resource: ["arn:aws:ecs:eu-west-1:123456789012:container-instance/shop/*"],
      condition: { ArnEquals: { "ecs:cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/shop" } },
    });
  });

  it("is one file", async () => {
    const code = (await recordCluster()).only(FUNCTION, "shop-fallback").inputs.code as pulumi.asset.AssetArchive;
    expect(Object.keys(await code.assets)).to.deep.equal(["__index.js"]);
  });

  it("says what is wrong with its limits, all at once", async () => {
    const onDemandFallback = { maxInstances: -1, maxHours: 0.5 };
    const { message } = await recordFailure(() => new SpotCluster("shop", { ...CLUSTER, onDemandFallback }));
    expect(message).to.include("onDemandFallback.maxInstances: given -1; allowed: a whole number from 0 to 5000");
    expect(message).to.include("onDemandFallback.maxHours: given 0.5; allowed: a whole number from 1 to 8760");
  });
});
