/** What the drain function may do: its calls, on its own cluster's resources. */
import type * as aws from "@pulumi/aws";
import { useQueue } from "../eventSource";
import { arnBeside, clusterResourcesArn } from "../names";
import { hintStatements, type RebalanceRecommendations } from "./recommendations";
import type { Replacement } from "./replacement";
import { ofCluster, type Statement } from "../roles";
import { CLUSTER_TAG } from "../tags";

export interface DrainPolicySettings {
  readonly cluster: aws.ecs.Cluster;
  readonly autoScalingGroup: aws.autoscaling.Group;
  readonly queue: aws.sqs.Queue;
  readonly replacement: Replacement;
  readonly rebalanceRecommendations: RebalanceRecommendations;
}

/** A resource is `*` only where AWS has no narrower one for the action; where a condition narrows it, there is one.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html */
export function drainStatements(settings: DrainPolicySettings): Statement[] {
  const { cluster, autoScalingGroup, queue, replacement, rebalanceRecommendations } = settings;
  return [
    ...ecsStatements(cluster),
    ...targetStatements(cluster),
    ...groupStatements(),
    ...(replacement === "detach" ? detachStatements(cluster, autoScalingGroup) : []),
    ...(rebalanceRecommendations === "hint" ? hintStatements(cluster, autoScalingGroup) : []),
    useQueue(queue),
  ];
}

function ecsStatements(cluster: aws.ecs.Cluster): Statement[] {
  const containerInstances = clusterResourcesArn(cluster.arn, "container-instance");
  const tasks = clusterResourcesArn(cluster.arn, "task");
  return [
    { Sid: "ListInstances", Action: ["ecs:ListContainerInstances"], Resource: [cluster.arn] },
    {
      Sid: "DrainInstances",
      Action: ["ecs:DescribeContainerInstances", "ecs:UpdateContainerInstancesState"],
      Resource: [containerInstances],
      Condition: ofCluster(cluster),
    },
    {
      Sid: "ListServicesAndTasks",
      Action: ["ecs:ListServices", "ecs:ListTasks"],
      Resource: ["*"],
      Condition: ofCluster(cluster),
    },
    { Sid: "ReadServices", Action: ["ecs:DescribeServices"], Resource: [clusterResourcesArn(cluster.arn, "service")] },
    {
      Sid: "StopTasks",
      Action: ["ecs:DescribeTasks", "ecs:StopTask"],
      Resource: [tasks],
      Condition: ofCluster(cluster),
    },
  ];
}

function targetStatements(cluster: aws.ecs.Cluster): Statement[] {
  return [
    { Sid: "ReadTargets", Action: ["elasticloadbalancing:DescribeTargetHealth"], Resource: ["*"] },
    {
      Sid: "DeregisterTargets",
      Action: ["elasticloadbalancing:DeregisterTargets"],
      Resource: [arnBeside(cluster.arn, "elasticloadbalancing", "targetgroup/*")],
      Condition: taggedAs(cluster),
    },
  ];
}

function groupStatements(): Statement[] {
  const actions = ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances"];
  return [{ Sid: "ReadGroup", Action: actions, Resource: ["*"] }];
}

function detachStatements(cluster: aws.ecs.Cluster, group: aws.autoscaling.Group): Statement[] {
  return [
    { Sid: "DetachInstances", Action: ["autoscaling:DetachInstances"], Resource: [group.arn] },
    {
      Sid: "TerminateDetached",
      Action: ["ec2:TerminateInstances"],
      Resource: [arnBeside(cluster.arn, "ec2", "instance/*")],
      Condition: taggedAs(cluster),
    },
  ];
}

function taggedAs(cluster: aws.ecs.Cluster): Statement["Condition"] {
  return { StringEquals: { [`aws:ResourceTag/${CLUSTER_TAG}`]: cluster.name } };
}
