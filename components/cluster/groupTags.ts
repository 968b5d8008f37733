/**
 * A group's tags, each as a resource of its own. The functions keep what they have under way in tags of the group, and the provider
 * takes every tag that a group's args don't have for one to remove, once a refresh has read it. So the tags among the args are those
 * that the group and its first instances begin with, and changes reach the group by these resources.
 * @see https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/autoscaling/group.go
 */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { CLUSTER_TAG, ECS_MANAGED_TAG } from "../tags";

export interface GroupTag {
  readonly key: string;
  readonly value: pulumi.Input<string>;
  readonly propagateAtLaunch: true;
}

export interface GroupTagSettings {
  readonly cluster: aws.ecs.Cluster;
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Of the group and, from it, of its instances. */
export function groupTags(name: string, { cluster, tags }: GroupTagSettings): GroupTag[] {
  const atLaunch: Record<string, pulumi.Input<string>> = {
    Name: name,
    ...tags,
    [CLUSTER_TAG]: cluster.name,
    [ECS_MANAGED_TAG]: "true",
  };
  return Object.entries(atLaunch).map(([key, value]) => ({ key, value, propagateAtLaunch: true }));
}

export function makeGroupTags(
  name: string,
  group: aws.autoscaling.Group,
  tags: readonly GroupTag[],
  parent: pulumi.Resource,
): void {
  for (const tag of tags) {
    new aws.autoscaling.Tag(`${name}-tag-${tag.key}`, { autoscalingGroupName: group.name, tag }, { parent });
  }
}
