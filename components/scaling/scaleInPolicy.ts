/** What a service's scale-in function may do: its calls, on this service and its cluster's tasks. */
import type * as aws from "@pulumi/aws";
import { useQueue } from "../eventSource";
import { arnBeside, clusterResourcesArn } from "../names";
import { ofCluster, type Statement } from "../roles";

export interface ScaleInPolicySettings {
  readonly cluster: aws.ecs.Cluster;
  readonly service: aws.ecs.Service;
  /** None for workers. */
  readonly targetGroups: readonly aws.lb.TargetGroup[];
  readonly queue: aws.sqs.Queue;
}

/** A resource is `*` only where AWS has no narrower one for the action; where a condition narrows it, there is one.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html */
export function scaleInStatements({ cluster, service, targetGroups, queue }: ScaleInPolicySettings): Statement[] {
  const tasks = clusterResourcesArn(cluster.arn, "task");
  return [
    ...readStatements(cluster, targetGroups.length > 0),
    { Sid: "Service", Action: ["ecs:DescribeServices", "ecs:UpdateService"], Resource: [service.arn] },
    {
      // These three have no condition on the cluster; the tasks' ARNs name it.
      Sid: "MarkTasks",
      Action: ["ecs:GetTaskProtection", "ecs:TagResource", "ecs:UntagResource"],
      Resource: [tasks],
    },
    { Sid: "StopTasks", Action: ["ecs:StopTask"], Resource: [tasks], Condition: ofCluster(cluster) },
    ...(targetGroups.length > 0 ? [moveTargets(targetGroups)] : []),
    useQueue(queue),
  ];
}

function moveTargets(targetGroups: readonly aws.lb.TargetGroup[]): Statement {
  return {
    Sid: "MoveTargets",
    Action: ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
    Resource: targetGroups.map(({ arn }) => arn),
  };
}

function readStatements(cluster: aws.ecs.Cluster, hasTargets: boolean): Statement[] {
  return [
    { Sid: "ListTasks", Action: ["ecs:ListTasks"], Resource: ["*"], Condition: ofCluster(cluster) },
    {
      Sid: "ReadTasks",
      Action: ["ecs:DescribeTasks", "ecs:DescribeContainerInstances"],
      Resource: [clusterResourcesArn(cluster.arn, "task"), clusterResourcesArn(cluster.arn, "container-instance")],
      Condition: ofCluster(cluster),
    },
    // Asked for by name or not, AWS looks for the right to all of the account's alarms.
    {
      Sid: "ReadAlarms",
      Action: ["cloudwatch:DescribeAlarms"],
      Resource: [arnBeside(cluster.arn, "cloudwatch", "alarm:*")],
    },
    {
      Sid: "ReadLoad",
      Action: [
        "application-autoscaling:DescribeScalableTargets",
        "cloudwatch:GetMetricData",
        ...(hasTargets ? ["elasticloadbalancing:DescribeTargetHealth"] : []),
      ],
      Resource: ["*"],
    },
  ];
}
