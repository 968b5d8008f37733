/** The cluster, its instances and its tasks. */
import { actions, ec2, ec2Arn, iamArn, namedArn, type Rows } from "./actions";

const ecs = (names: string): string[] => actions("ecs", names);
const autoScaling = (names: string): string[] => actions("autoscaling", names);
const iam = (names: string): string[] => actions("iam", names);

const ECS_TAG = ecs("TagResource UntagResource ListTagsForResource");

export const COMPUTE: Rows = {
  "aws:ecs/cluster:Cluster": {
    resources: [namedArn("ecs", "cluster/NAME-*")],
    create: ecs("CreateCluster TagResource"),
    read: ecs("DescribeClusters ListTagsForResource"),
    update: [...ecs("UpdateCluster UpdateClusterSettings"), ...ECS_TAG],
    delete: ecs("DeleteCluster"),
  },
  "aws:ecs/capacityProvider:CapacityProvider": {
    resources: [namedArn("ecs", "capacity-provider/NAME-*")],
    create: ecs("CreateCapacityProvider TagResource"),
    read: ecs("DescribeCapacityProviders ListTagsForResource"),
    update: [...ecs("UpdateCapacityProvider"), ...ECS_TAG],
    delete: ecs("DeleteCapacityProvider"),
  },
  "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {
    resources: [namedArn("ecs", "cluster/NAME-*")],
    create: ecs("PutClusterCapacityProviders"),
    read: ecs("DescribeClusters"),
    delete: ecs("PutClusterCapacityProviders"),
  },
  "aws:ecs/taskDefinition:TaskDefinition": {
    resources: [namedArn("ecs", "task-definition/NAME-*:*")],
    create: ecs("RegisterTaskDefinition TagResource"),
    read: ecs("DescribeTaskDefinition ListTagsForResource"),
    update: ECS_TAG,
    delete: ecs("DeregisterTaskDefinition"),
  },
  "aws:ecs/service:Service": {
    resources: [namedArn("ecs", "service/CLUSTER-*/NAME-*"), namedArn("ecs", "service-deployment/CLUSTER-*/NAME-*/*")],
    create: ecs("CreateService TagResource"),
    read: ecs("DescribeServices DescribeServiceDeployments ListServiceDeployments ListTagsForResource"),
    update: [...ecs("UpdateService"), ...ECS_TAG],
    delete: ecs("DeleteService"),
  },
  "aws:autoscaling/group:Group": {
    resources: [namedArn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/NAME-*")],
    // ECS tags the group of a capacity provider with the rights of whoever makes the provider.
    create: autoScaling("CreateAutoScalingGroup CreateOrUpdateTags EnableMetricsCollection"),
    read: autoScaling("DescribeAutoScalingGroups DescribeScalingActivities DescribeInstanceRefreshes DescribeTags"),
    update: autoScaling("UpdateAutoScalingGroup DisableMetricsCollection StartInstanceRefresh CancelInstanceRefresh"),
    delete: autoScaling("DeleteAutoScalingGroup"),
  },
  "aws:autoscaling/tag:Tag": {
    resources: [namedArn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/NAME-*")],
    create: autoScaling("CreateOrUpdateTags"),
    read: autoScaling("DescribeTags"),
    update: [],
    delete: autoScaling("DeleteTags"),
  },
  "aws:ec2/launchTemplate:LaunchTemplate": {
    resources: [ec2Arn("launch-template")],
    create: ec2("CreateLaunchTemplate CreateTags"),
    read: ec2("DescribeLaunchTemplates DescribeLaunchTemplateVersions"),
    update: ec2("CreateLaunchTemplateVersion ModifyLaunchTemplate DeleteTags"),
    delete: ec2("DeleteLaunchTemplate"),
  },
  "aws:iam/instanceProfile:InstanceProfile": {
    resources: [iamArn("instance-profile/NAME-*")],
    create: iam("CreateInstanceProfile AddRoleToInstanceProfile TagInstanceProfile"),
    read: iam("GetInstanceProfile"),
    update: iam("UntagInstanceProfile"),
    delete: iam("RemoveRoleFromInstanceProfile DeleteInstanceProfile"),
  },
  "aws:iam/role:Role": {
    resources: [iamArn("role/NAME-*")],
    create: iam("CreateRole TagRole"),
    read: iam("GetRole ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole"),
    update: iam("UpdateAssumeRolePolicy UpdateRole UpdateRoleDescription UntagRole"),
    delete: iam("DeleteRole"),
  },
  "aws:iam/rolePolicy:RolePolicy": {
    resources: [iamArn("role/NAME-*")],
    create: iam("PutRolePolicy"),
    read: iam("GetRolePolicy"),
    delete: iam("DeleteRolePolicy"),
  },
};
