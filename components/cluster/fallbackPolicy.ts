/** What the fallback function may do: its calls, on its own cluster's resources. */
import type * as aws from "@pulumi/aws";
import { FALLBACK_TAG } from "../../functions/tags";
import { useQueueWithoutSending } from "../eventSource";
import { arnBeside, clusterResourcesArn } from "../names";
import { ofCluster, type Statement } from "../roles";
import { CLUSTER_TAG } from "../tags";

export interface FallbackPolicySettings {
  readonly cluster: aws.ecs.Cluster;
  readonly autoScalingGroup: aws.autoscaling.Group;
  readonly queue: aws.sqs.Queue;
}

/** A resource is `*` only where AWS has no narrower one for the action.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html */
export function fallbackStatements({ cluster, autoScalingGroup, queue }: FallbackPolicySettings): Statement[] {
  return [
    ...groupStatements(autoScalingGroup),
    ...ecsStatements(cluster),
    terminate(cluster),
    useQueueWithoutSending(queue),
  ];
}

function groupStatements(group: aws.autoscaling.Group): Statement[] {
  const reads = ["DescribeAutoScalingGroups", "DescribeScalingActivities", "DescribeInstanceRefreshes"];
  return [
    {
      Sid: "ReadGroup",
      Action: [...reads.map((each) => `autoscaling:${each}`), "ec2:DescribeInstances"],
      Resource: ["*"],
    },
    {
      Sid: "ChangeShare",
      Action: ["autoscaling:UpdateAutoScalingGroup"],
      Resource: [group.arn],
      // Its size isn't the function's business.
      Condition: { Null: { "autoscaling:MinSize": "true", "autoscaling:MaxSize": "true" } },
    },
    { Sid: "DetachInstances", Action: ["autoscaling:DetachInstances"], Resource: [group.arn] },
    {
      Sid: "MarkGroup",
      Action: ["autoscaling:CreateOrUpdateTags", "autoscaling:DeleteTags"],
      Resource: [group.arn],
      Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": [FALLBACK_TAG] } },
    },
  ];
}

function ecsStatements(cluster: aws.ecs.Cluster): Statement[] {
  return [
    { Sid: "ListInstances", Action: ["ecs:ListContainerInstances"], Resource: [cluster.arn] },
    {
      Sid: "DrainInstances",
      Action: ["ecs:DescribeContainerInstances", "ecs:UpdateContainerInstancesState"],
      Resource: [clusterResourcesArn(cluster.arn, "container-instance")],
      Condition: ofCluster(cluster),
    },
    { Sid: "ListServices", Action: ["ecs:ListServices"], Resource: ["*"], Condition: ofCluster(cluster) },
    { Sid: "ReadServices", Action: ["ecs:DescribeServices"], Resource: [clusterResourcesArn(cluster.arn, "service")] },
  ];
}

function terminate(cluster: aws.ecs.Cluster): Statement {
  return {
    Sid: "TerminateDetached",
    Action: ["ec2:TerminateInstances"],
    Resource: [arnBeside(cluster.arn, "ec2", "instance/*")],
    Condition: { StringEquals: { [`aws:ResourceTag/${CLUSTER_TAG}`]: cluster.name } },
  };
}
