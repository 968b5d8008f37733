import { expect } from "chai";
import { CLUSTER, recordCluster, recordService } from "../../support/fixtures";
import { statementsOf } from "../../support/policies";
import { recordFailure } from "../../support/recorder";
import { SpotCluster } from "../../../components/spotCluster";

const RULE = "aws:cloudwatch/eventRule:EventRule";
const FUNCTION = "aws:lambda/function:Function";
const SERVICE = "aws:ecs/service:Service";

describe("the rebalance function", () => {
  it("is told of instances that its group has launched, and of every fifth minute", async () => {
    const recording = await recordCluster();
    expect(JSON.parse(recording.only(RULE, "shop-rebalance-launch").inputs.eventPattern as string)).to.deep.equal({
      source: ["aws.autoscaling"],
      "detail-type": ["EC2 Instance Launch Successful"],
      detail: { AutoScalingGroupName: ["shop-group"] },
    });
    expect(recording.only(RULE, "shop-rebalance-schedule").inputs.scheduleExpression).to.equal("rate(5 minutes)");
  });

  it("learns its cluster, its group and its limits from its environment", async () => {
    const recording = await recordCluster({ rebalanceMostApartPercent: 50, rebalanceMostMoves: 3 });
    expect(recording.only(FUNCTION, "shop-rebalance").inputs).to.nested.include({
      "environment.variables.AUTO_SCALING_GROUP_NAME": "shop-group",
      "environment.variables.MOST_APART_PERCENT": "50",
      "environment.variables.INTERVAL_MINUTES": "15",
      "environment.variables.MOST_MOVES": "3",
      "environment.variables.TARGET_CAPACITY_PERCENT": "90",
    });
  });

  it("is not there where it is switched off", async () => {
    const recording = await recordCluster({ rebalance: false });
    expect(recording.ofType(FUNCTION).map(({ name }) => name)).not.to.include("shop-rebalance");
  });

  it("may change only services that say how their tasks are moved, its cluster's tasks and targets, and its own tags", async () => {
    const recording = await recordCluster();
    const statements = statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-rebalance-policy"));
    const where = (action: string): unknown => {
      const statement = statements.find(({ Action }) => Action.includes(action));
      return statement && [statement.Resource, statement.Condition];
    };
    const arn = (service: string, resource: string): string => `arn:aws:${service}:eu-west-1:123456789012:${resource}`;
    expect(where("ecs:UpdateService")).to.deep.equal([
      [arn("ecs", "service/shop/*")],
      { Null: { "aws:ResourceTag/spotproof:moves": "false" } },
    ]);
    expect(where("ecs:StopTask")).to.deep.equal([
      [arn("ecs", "task/shop/*")],
      { ArnEquals: { "ecs:cluster": arn("ecs", "cluster/shop") } },
    ]);
    expect(where("elasticloadbalancing:RegisterTargets")).to.deep.equal([
      [arn("elasticloadbalancing", "targetgroup/*")],
      { StringEquals: { "aws:ResourceTag/spotproof:cluster": "shop" } },
    ]);
    expect((where("autoscaling:DeleteTags") as unknown[])[1]).to.deep.equal({
      "ForAllValues:StringLike": { "aws:TagKeys": "spotproof:rebalance:*" },
    });
  });

  it("is told by a service how its tasks are taken out, and whether they may be", async () => {
    const tagOf = async (changes: Parameters<typeof recordService>[0]): Promise<unknown> =>
      ((await recordService(changes)).only(SERVICE).inputs.tags as Record<string, string>)["spotproof:moves"];
    expect(await tagOf({ protectsWork: true })).to.equal("on settle=10 patience=35 health=10 check=5");
    expect(await tagOf({ rebalance: false })).to.equal("off settle=45 patience=35 health=10 check=5");
    const scaling = { minCount: 1, maxCount: 4, scaleIn: { workPatienceSeconds: 20 } };
    expect(await tagOf({ scaling })).to.equal("on settle=45 patience=20 health=10 check=5");
  });

  it("refuses limits that can't be held, all at once", async () => {
    const wrong = { rebalanceMostApartPercent: 0, rebalanceIntervalMinutes: 1, rebalanceMostMoves: 1000 };
    const { message } = await recordFailure(() => new SpotCluster("shop", { ...CLUSTER, ...wrong }));
    for (const property of Object.keys(wrong)) expect(message).to.include(property);
  });
});
