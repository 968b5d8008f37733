/** What the rebalance function may do: its calls, on its own cluster, on the services that say how their tasks are moved. */
import type * as aws from "@pulumi/aws";
import { MOVES_TAG, REBALANCE_TAG_PREFIX } from "../../functions/tags";
import { useQueue } from "../eventSource";
import { arnBeside, clusterResourcesArn } from "../names";
import { ofCluster, type Statement } from "../roles";
import { CLUSTER_TAG } from "../tags";

export interface RebalancePolicySettings {
  readonly cluster: aws.ecs.Cluster;
  readonly autoScalingGroup: aws.autoscaling.Group;
  readonly queue: aws.sqs.Queue;
}

/** A resource is `*` only where AWS has no narrower one for the action; where a condition narrows it, there is one.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html */
export function rebalanceStatements({ cluster, autoScalingGroup, queue }: RebalancePolicySettings): Statement[] {
  const services = clusterResourcesArn(cluster.arn, "service");
  const tasks = clusterResourcesArn(cluster.arn, "task");
  return [
    ...readStatements(cluster),
    { Sid: "ReadServices", Action: ["ecs:DescribeServices"], Resource: [services] },
    {
      // Only services that declare the tag.
      Sid: "ChangeDesiredCounts",
      Action: ["ecs:UpdateService"],
      Resource: [services],
      Condition: { Null: { [`aws:ResourceTag/${MOVES_TAG}`]: "false" } },
    },
    {
      // These three have no condition on the cluster; the tasks' ARNs name it.
      Sid: "MarkTasks",
      Action: ["ecs:GetTaskProtection", "ecs:TagResource", "ecs:UntagResource"],
      Resource: [tasks],
    },
    { Sid: "StopTasks", Action: ["ecs:StopTask"], Resource: [tasks], Condition: ofCluster(cluster) },
    moveTargets(cluster),
    tagGroup(autoScalingGroup),
    useQueue(queue),
  ];
}

function readStatements(cluster: aws.ecs.Cluster): Statement[] {
  return [
    { Sid: "ListInstances", Action: ["ecs:ListContainerInstances"], Resource: [cluster.arn] },
    {
      Sid: "ListServicesAndTasks",
      Action: ["ecs:ListServices", "ecs:ListTasks"],
      Resource: ["*"],
      Condition: ofCluster(cluster),
    },
    {
      Sid: "ReadTasks",
      Action: ["ecs:DescribeTasks", "ecs:DescribeContainerInstances"],
      Resource: [clusterResourcesArn(cluster.arn, "task"), clusterResourcesArn(cluster.arn, "container-instance")],
      Condition: ofCluster(cluster),
    },
    {
      Sid: "ReadOthers",
      Action: [
        "application-autoscaling:DescribeScalableTargets",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:DescribeTags",
        "ecs:DescribeTaskDefinition",
        "elasticloadbalancing:DescribeTargetHealth",
      ],
      Resource: ["*"],
    },
  ];
}

function moveTargets(cluster: aws.ecs.Cluster): Statement {
  return {
    Sid: "MoveTargets",
    Action: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
    Resource: [arnBeside(cluster.arn, "elasticloadbalancing", "targetgroup/*")],
    Condition: { StringEquals: { [`aws:ResourceTag/${CLUSTER_TAG}`]: cluster.name } },
  };
}

/** Of the group's tags, only those that say what moves. */
function tagGroup(group: aws.autoscaling.Group): Statement {
  return {
    Sid: "TagGroup",
    Action: ["autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"],
    Resource: [group.arn],
    Condition: { "ForAllValues:StringLike": { "aws:TagKeys": `${REBALANCE_TAG_PREFIX}*` } },
  };
}
