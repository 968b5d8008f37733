/** What a rebalance recommendation is to a cluster: which rule, which rights, and what can be wrong with the settings. */
import type * as aws from "@pulumi/aws";
import { RECOMMENDATION_TAG } from "../../functions/tags";
import type { RuleArgs } from "../eventsQueue";
import { clusterResourcesArn } from "../names";
import { choiceProblems, rangeProblems, type Problem } from "../problems";
import type { Statement } from "../roles";
import type { Replacement } from "./replacement";

export const REBALANCE_RECOMMENDATIONS = ["ignore", "hint", "drain"] as const;

/** `hint`: within a budget, after the replacement has come, and reversibly; `drain`: at once, as an interruption notice. */
export type RebalanceRecommendations = (typeof REBALANCE_RECOMMENDATIONS)[number];

/** The drain function's rule. @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html */
export const RECOMMENDATION_RULE: RuleArgs = {
  description: "Rebalance recommendations, for the drain function",
  eventPattern: { source: ["aws.ec2"], "detail-type": ["EC2 Instance Rebalance Recommendation"] },
};

/** What hints need beyond draining and detaching. Tagging has no condition on the cluster; the instances' ARNs name it. */
export function hintStatements(cluster: aws.ecs.Cluster, group: aws.autoscaling.Group): Statement[] {
  return [
    {
      Sid: "MarkInstances",
      Action: ["ecs:TagResource", "ecs:UntagResource"],
      Resource: [clusterResourcesArn(cluster.arn, "container-instance")],
      Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": [RECOMMENDATION_TAG] } },
    },
    {
      Sid: "PutBack",
      Action: ["autoscaling:AttachInstances", "autoscaling:SetDesiredCapacity"],
      Resource: [group.arn],
    },
    { Sid: "ReadRefreshes", Action: ["autoscaling:DescribeInstanceRefreshes"], Resource: ["*"] },
  ];
}

const MOST_MINUTES = 1440;

interface RecommendationArgs {
  readonly replacement?: Replacement;
  readonly rebalanceRecommendations?: RebalanceRecommendations;
  readonly recommendationMinutes?: number;
}

export function recommendationProblems(args: RecommendationArgs): Problem[] {
  const { replacement, rebalanceRecommendations, recommendationMinutes } = args;
  const problems = [
    ...choiceProblems("rebalanceRecommendations", rebalanceRecommendations, REBALANCE_RECOMMENDATIONS),
    ...rangeProblems("recommendationMinutes", recommendationMinutes, 10, MOST_MINUTES),
  ];
  const isOurs = rebalanceRecommendations === "hint" || rebalanceRecommendations === "drain";
  if (!isOurs || replacement !== "capacityRebalancing") return problems;
  return [
    ...problems,
    {
      property: "rebalanceRecommendations",
      given: rebalanceRecommendations,
      allowed:
        'with replacement "capacityRebalancing" only "ignore": the group itself launches for every recommendation',
      change: 'remove it, or the replacement, which is "detach" then',
    },
  ];
}
