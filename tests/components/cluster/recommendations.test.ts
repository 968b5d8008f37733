import { expect } from "chai";
import {
  REBALANCE_RECOMMENDATIONS,
  recommendationProblems,
  type RebalanceRecommendations,
} from "../../../components/cluster/recommendations";
import { recordCluster } from "../../support/fixtures";
import { statementsOf, type PolicyStatement } from "../../support/policies";
import type { Recording } from "../../support/recorder";

const RULE = "aws:cloudwatch/eventRule:EventRule";
const ACCOUNT = "eu-west-1:123456789012";

const named = (recording: Recording, sid: string): PolicyStatement | undefined =>
  statementsOf(recording.only("aws:iam/rolePolicy:RolePolicy", "shop-drain-policy")).find(({ Sid }) => Sid === sid);

describe("rebalance recommendations", () => {
  for (const rebalanceRecommendations of REBALANCE_RECOMMENDATIONS) {
    const isHeard = rebalanceRecommendations !== "ignore";
    it(`${isHeard ? "reach" : "don't reach"} the drain function with "${rebalanceRecommendations}"`, async () => {
      const recording = await recordCluster({ rebalanceRecommendations, recommendationMinutes: 30 });
      const rules = recording.ofType(RULE).map(({ name }) => name);
      expect(rules.includes("shop-recommendation")).to.equal(isHeard);
      if (isHeard) {
        const { eventPattern } = recording.only(RULE, "shop-recommendation").inputs;
        expect(JSON.parse(eventPattern as string)).to.deep.equal({
          source: ["aws.ec2"],
          "detail-type": ["EC2 Instance Rebalance Recommendation"],
        });
      }
      const { environment } = recording.only("aws:lambda/function:Function", "shop-drain").inputs;
      expect((environment as { variables: object }).variables).to.include({
        RECOMMENDATIONS: rebalanceRecommendations,
        RECOMMENDATION_MINUTES: "30",
      });
    });
  }

  it("give the drain function no right that their setting doesn't need", async () => {
    const sids = ["MarkInstances", "PutBack", "ReadRefreshes"];
    const granted = async (rebalanceRecommendations: RebalanceRecommendations) => {
      const recording = await recordCluster({ rebalanceRecommendations });
      return sids.filter((sid) => named(recording, sid) !== undefined);
    };
    expect(await granted("ignore")).to.be.empty;
    expect(await granted("drain")).to.be.empty;
    expect(await granted("hint")).to.deep.equal(sids);
  });

  it("as hints may tag the cluster's instances with one key, and put them back into its group alone", async () => {
    const recording = await recordCluster({ rebalanceRecommendations: "hint" });
    expect(named(recording, "MarkInstances")).to.deep.include({
      Resource: [`arn:aws:ecs:${ACCOUNT}:container-instance/shop/*`],
      Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["spotproof:recommendation"] } },
    });
    const group = `autoScalingGroup:00000000-0000-4000-8000-000000000000:autoScalingGroupName/shop-group`;
    expect(named(recording, "PutBack")).to.deep.include({ Resource: [`arn:aws:autoscaling:${ACCOUNT}:${group}`] });
  });

  it("are the group's own business where it replaces what is at risk", () => {
    const replacement = "capacityRebalancing";
    for (const rebalanceRecommendations of ["hint", "drain"] as const) {
      const [problem, ...others] = recommendationProblems({ replacement, rebalanceRecommendations });
      expect(problem).to.include({ property: "rebalanceRecommendations", given: rebalanceRecommendations });
      expect(others).to.be.empty;
    }
    expect(recommendationProblems({ replacement, rebalanceRecommendations: "ignore" })).to.be.empty;
    expect(recommendationProblems({ replacement })).to.be.empty;
  });

  it("have one of three settings, and a time between ten minutes and a day", () => {
    const given = { rebalanceRecommendations: "hints" as "hint", recommendationMinutes: 9 };
    const properties = recommendationProblems(given).map(({ property }) => property);
    expect(properties).to.deep.equal(["rebalanceRecommendations", "recommendationMinutes"]);
    for (const recommendationMinutes of [10, 1440]) {
      expect(recommendationProblems({ recommendationMinutes })).to.be.empty;
    }
  });
});
