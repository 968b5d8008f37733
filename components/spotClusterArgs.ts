/** What a SpotCluster takes, and what it takes where nothing is given. */
import type * as aws from "@pulumi/aws";
import type * as awsx from "@pulumi/awsx";
import type * as pulumi from "@pulumi/pulumi";
import { DEFAULT_TIME_BUDGET } from "../functions/timeBudget";
import type { InstancePrices } from "./watch/dashboardSections";
import type { InstanceRequirements } from "./cluster/instanceRequirements";
import { smallestOf, type Architecture, type InstanceType } from "./cluster/instanceTypes";
import type { NatGatewayStrategy } from "./cluster/network";
import type { RebalanceRecommendations } from "./cluster/recommendations";
import type { OnDemandFallback } from "./cluster/onDemandFallback";
import type { Replacement } from "./cluster/replacement";
import { REFRESH_DEFAULTS, type RefreshArgs } from "./cluster/refreshArgs";
import type { Transform } from "./transform";
import type { ImagePullBehavior } from "./cluster/userData";

export const CONTAINER_INSIGHTS = ["enhanced", "enabled", "disabled"] as const;
export type ContainerInsights = (typeof CONTAINER_INSIGHTS)[number];

export interface OnDemandCapacity {
  /** Fewest instances. */
  readonly minSize: number;
  /** Most instances. */
  readonly maxSize: number;
}

export interface SpotClusterArgs extends RefreshArgs {
  /** VPC of the instances. @default a VPC made by `@pulumi/awsx` */
  vpcId?: pulumi.Input<string>;
  /** Subnets of the instances, in at least two Availability Zones. @default the private subnets of the VPC made */
  subnetIds?: pulumi.Input<pulumi.Input<string>[]>;
  /** Availability Zones of a VPC made here. @default 3 */
  availabilityZoneCount?: number;
  /** NAT gateways of a VPC made here. @default "OnePerAz" */
  natGatewayStrategy?: NatGatewayStrategy;
  /** Types of about the same size and one architecture; or instanceRequirements. @default none */
  instanceTypes?: string[];
  /** Instances by attributes; or instanceTypes. @default none */
  instanceRequirements?: InstanceRequirements;
  /** With instanceRequirements only. @default that of the instance types, else "x86_64" */
  architecture?: Architecture;
  /** Fewest instances. */
  minSize: number;
  /** Most instances. */
  maxSize: number;
  /** On-Demand Instances that come first. @default 0 */
  onDemandBaseCapacity?: number;
  /** Share of On-Demand Instances above the base, in percent. @default 0 */
  onDemandPercentageAboveBaseCapacity?: number;
  /**
   * On-Demand Instances that stand in while Spot launches fail, until Spot can be had again; false: none, and those that stand in are
   * taken back. @default up to maxSize of them, for 24 hours
   */
  onDemandFallback?: OnDemandFallback | false;
  /**
   * A second group, without Spot, for services that ask for on-demand capacity. It can be taken away once an update has moved the
   * last of them: ECS keeps a provider that a service uses. @default none
   */
  onDemandCapacity?: OnDemandCapacity;
  /** How full managed scaling keeps the instances, in percent; what is left is headroom. @default 90 */
  targetCapacityPercent?: number;
  /** How long a new instance counts as warming up in managed scaling. @default 90 */
  instanceWarmupPeriodSeconds?: number;
  /** Who replaces an interrupted instance. @default "detach" */
  replacement?: Replacement;
  /** What is done about EC2's rebalance recommendations; with replacement "detach" only. @default "ignore" */
  rebalanceRecommendations?: RebalanceRecommendations;
  /** How long a recommendation counts as a hint; an instance that nothing happened to by then is put back. @default 60 */
  recommendationMinutes?: number;
  /** Longest stop timeout of any container in the cluster, and that of containers without one. @default 60 */
  stopTimeoutSeconds?: number;
  /** Between two looks of the drain function at an instance; at most the services' health check interval. @default 5 */
  checkIntervalSeconds?: number;
  /** Whether tasks are moved from full instances to emptier ones, where ECS doesn't binpack them. @default true */
  rebalance?: boolean;
  /** How much less full the emptiest instance may be than the fullest, in percent of the fullest. @default 35 */
  rebalanceMostApartPercent?: number;
  /** Between two rounds of moves; one more follows an instance that joins. @default 15 */
  rebalanceIntervalMinutes?: number;
  /** Most tasks that one round moves. @default 10 */
  rebalanceMostMoves?: number;
  /** The agent's ECS_IMAGE_PULL_BEHAVIOR. @default "default" */
  imagePullBehavior?: ImagePullBehavior;
  /** Secret with the JSON of ECS_ENGINE_AUTH_DATA for a private registry; read at boot. @default none */
  registryCredentialsSecretArn?: pulumi.Input<string>;
  /** Pins the AMI. @default the current ECS-optimized Amazon Linux 2023, looked up at each launch */
  amiId?: pulumi.Input<string>;
  /** EC2 key pair. @default none */
  keyName?: pulumi.Input<string>;
  /** Encrypted gp3 root volume. @default 30 */
  rootVolumeSizeGiB?: number;
  /** @default "enabled" */
  containerInsights?: ContainerInsights;
  /** Whether there are alarms, of the cluster and of its services. @default true */
  alarms?: boolean;
  /** SNS topic that alarms go to. @default one made here, encrypted, to which you subscribe */
  alarmTopicArn?: pulumi.Input<string>;
  /** Whether there is a dashboard, with a section for each service. @default true */
  dashboard?: boolean;
  /** What an instance costs by the hour, for the dashboard's estimate. @default none: no estimate */
  instancePrices?: InstancePrices;
  /** Of the functions' logs. @default 30 */
  logRetentionDays?: number;
  /** On every resource, instances and volumes included. @default none */
  tags?: Record<string, pulumi.Input<string>>;
  /** Changes a child's args before it is declared. @default none */
  transform?: SpotClusterTransforms;
}

export interface SpotClusterTransforms {
  vpc?: Transform<awsx.ec2.VpcArgs>;
  cluster?: Transform<aws.ecs.ClusterArgs>;
  securityGroup?: Transform<aws.ec2.SecurityGroupArgs>;
  instanceRole?: Transform<aws.iam.RoleArgs>;
  launchTemplate?: Transform<aws.ec2.LaunchTemplateArgs>;
  autoScalingGroup?: Transform<aws.autoscaling.GroupArgs>;
  capacityProvider?: Transform<aws.ecs.CapacityProviderArgs>;
  onDemandAutoScalingGroup?: Transform<aws.autoscaling.GroupArgs>;
  onDemandCapacityProvider?: Transform<aws.ecs.CapacityProviderArgs>;
  drainFunction?: Transform<aws.lambda.FunctionArgs>;
  refreshFunction?: Transform<aws.lambda.FunctionArgs>;
  fallbackFunction?: Transform<aws.lambda.FunctionArgs>;
  rebalanceFunction?: Transform<aws.lambda.FunctionArgs>;
  alarm?: Transform<aws.cloudwatch.MetricAlarmArgs>;
  alarmTopic?: Transform<aws.sns.TopicArgs>;
  alarmKey?: Transform<aws.kms.KeyArgs>;
  dashboard?: Transform<aws.cloudwatch.DashboardArgs>;
}

export const SPOT_CLUSTER_DEFAULTS = {
  availabilityZoneCount: 3,
  natGatewayStrategy: "OnePerAz",
  architecture: "x86_64",
  onDemandBaseCapacity: 0,
  onDemandPercentageAboveBaseCapacity: 0,
  /** At most maxSize of them. */
  onDemandFallback: { maxHours: 24 },
  targetCapacityPercent: 90,
  instanceWarmupPeriodSeconds: 90,
  replacement: "detach",
  rebalanceRecommendations: "ignore",
  recommendationMinutes: 60,
  stopTimeoutSeconds: DEFAULT_TIME_BUDGET.stopTimeoutSeconds,
  checkIntervalSeconds: 5,
  rebalance: true,
  rebalanceMostApartPercent: 35,
  rebalanceIntervalMinutes: 15,
  rebalanceMostMoves: 10,
  imagePullBehavior: "default",
  rootVolumeSizeGiB: 30,
  containerInsights: "enabled",
  alarms: true,
  dashboard: true,
  logRetentionDays: 30,
  ...REFRESH_DEFAULTS,
} as const;

export type SmallestInstance = Pick<InstanceType, "vcpu" | "memoryMiB">;

/** What every instance of a cluster with these args has at least. */
export function smallestInstance({
  instanceTypes,
  instanceRequirements,
}: SpotClusterArgs): SmallestInstance | undefined {
  if (!instanceRequirements) return smallestOf(instanceTypes ?? []);
  return { vcpu: instanceRequirements.vcpuCount.min, memoryMiB: instanceRequirements.memoryMiB.min };
}
