/** What the refresh function may do: its calls, on its own cluster's resources; where it only tells, none that changes anything. */
import * as pulumi from "@pulumi/pulumi";
import type * as aws from "@pulumi/aws";
import { REFUSED_IMAGE_TAG } from "../../functions/tags";
import { useQueueWithoutSending } from "../eventSource";
import { arnBeside, clusterResourcesArn } from "../names";
import { ofCluster, type Statement } from "../roles";
import { parameterArn } from "./amiParameter";
import type { Refresh } from "./refreshArgs";

export interface RefreshPolicySettings {
  readonly cluster: aws.ecs.Cluster;
  readonly groups: readonly aws.autoscaling.Group[];
  readonly launchTemplate: aws.ec2.LaunchTemplate;
  readonly instanceRole: aws.iam.Role;
  readonly queue: aws.sqs.Queue;
  readonly refresh: Refresh;
}

/** A resource is `*` only where AWS has no narrower one for the action.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html */
export function refreshStatements(settings: RefreshPolicySettings): Statement[] {
  return [
    ...readStatements(settings),
    ...(settings.refresh === "auto" ? replaceStatements(settings) : []),
    useQueueWithoutSending(settings.queue),
  ];
}

function readStatements({ cluster, launchTemplate }: RefreshPolicySettings): Statement[] {
  return [
    {
      Sid: "ReadGroups",
      Action: ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeInstanceRefreshes"],
      Resource: ["*"],
    },
    {
      Sid: "ReadInstances",
      Action: ["ec2:DescribeInstances", "ec2:DescribeLaunchTemplateVersions"],
      Resource: ["*"],
    },
    // EC2 resolves the template's parameter in the name of whoever asks.
    {
      Sid: "ResolveAmi",
      Action: ["ssm:GetParameters"],
      Resource: [parameterArn(launchTemplate.imageId, cluster.arn)],
    },
  ];
}

function replaceStatements(settings: RefreshPolicySettings): Statement[] {
  const { cluster, groups, launchTemplate } = settings;
  const groupArns = groups.map((group) => group.arn);
  return [
    {
      Sid: "FindInstances",
      Action: ["ecs:ListContainerInstances"],
      Resource: [cluster.arn],
    },
    {
      Sid: "ReadContainerInstances",
      Action: ["ecs:DescribeContainerInstances"],
      Resource: [clusterResourcesArn(cluster.arn, "container-instance")],
      Condition: ofCluster(cluster),
    },
    { Sid: "ListServices", Action: ["ecs:ListServices"], Resource: ["*"], Condition: ofCluster(cluster) },
    { Sid: "ReadServices", Action: ["ecs:DescribeServices"], Resource: [clusterResourcesArn(cluster.arn, "service")] },
    {
      Sid: "RefreshGroups",
      Action: ["autoscaling:StartInstanceRefresh", "autoscaling:CancelInstanceRefresh"],
      Resource: groupArns,
    },
    {
      Sid: "RememberRefusals",
      Action: ["autoscaling:CreateOrUpdateTags"],
      Resource: groupArns,
      Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": [REFUSED_IMAGE_TAG] } },
    },
    {
      Sid: "MakeVersions",
      Action: ["ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplateVersions", "ec2:ModifyLaunchTemplate"],
      Resource: [launchTemplate.arn],
    },
    ...launchStatements(settings),
  ];
}

/**
 * Whoever gives a group a version of a template must be allowed to launch from it: this one, with these instances' role.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-launch-template-permissions.html
 */
function launchStatements({ cluster, launchTemplate, instanceRole }: RefreshPolicySettings): Statement[] {
  const images = pulumi.output(cluster.arn).apply((arn) => `arn:${arn.split(":")[1]}:ec2:*::image/*`);
  return [
    {
      Sid: "LaunchFromTemplate",
      Action: ["ec2:RunInstances"],
      Resource: [arnBeside(cluster.arn, "ec2", "*"), images],
      Condition: { ArnEquals: { "ec2:LaunchTemplate": launchTemplate.arn } },
    },
    {
      Sid: "TagAtLaunch",
      Action: ["ec2:CreateTags"],
      Resource: [arnBeside(cluster.arn, "ec2", "*")],
      Condition: { StringEquals: { "ec2:CreateAction": "RunInstances" } },
    },
    {
      Sid: "PassInstanceRole",
      Action: ["iam:PassRole"],
      Resource: [instanceRole.arn],
      Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
    },
  ];
}
