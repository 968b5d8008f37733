/** What a BalancedService takes, and what it takes where nothing is given. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { DEFAULT_TIME_BUDGET } from "../functions/timeBudget";
import type { SpotCluster } from "./spotCluster";
import type { Transform } from "./transform";

export const PLACEMENT_TYPES = ["binpack", "random", "spread"] as const;
export const AVAILABILITY_ZONE_REBALANCING = ["ENABLED", "DISABLED"] as const;

export interface PlacementStrategy {
  readonly type: (typeof PLACEMENT_TYPES)[number];
  /** E.g. `attribute:ecs.availability-zone`, `instanceId`, `cpu`, `memory`. */
  readonly field?: string;
}

export interface BalancedServiceArgs {
  cluster: SpotCluster;
  /** Image reference, pinned by digest or version. */
  image: pulumi.Input<string>;
  /** Port on which the container listens; the host port is dynamic. */
  containerPort: number;
  /** CPU units: 1024 are a vCPU. */
  cpu: number;
  /** Memory that is reserved for the container. */
  memoryReservationMiB: number;
  /** Memory past which the container is killed. @default none */
  memoryMiB?: number;
  /** Replaces the image's command. @default the image's */
  command?: pulumi.Input<string>[];
  /** Environment variables. @default none */
  environment?: Record<string, pulumi.Input<string>>;
  /** Tasks to run. @default 2 */
  desiredCount?: number;
  /** Whether something else sets the desired count once the service runs, which no update may then put back. @default false */
  externallyScaled?: boolean;
  /** Between SIGTERM and SIGKILL; at most the cluster's. @default the cluster's */
  stopTimeoutSeconds?: number;
  /** How long the load balancer lets requests to a leaving task finish. @default 45 */
  deregistrationDelaySeconds?: number;
  /** ACM certificate: HTTPS, and HTTP redirects to it. @default none: HTTP */
  certificateArn?: pulumi.Input<string>;
  /** A load balancer without public addresses. @default false */
  internal?: boolean;
  /** @default the public subnets of a VPC made by the cluster, else the cluster's subnets */
  loadBalancerSubnetIds?: pulumi.Input<pulumi.Input<string>[]>;
  /** Who may connect. @default ["0.0.0.0/0"] */
  clientCidrs?: string[];
  /** @default "/" */
  healthCheckPath?: string;
  /** @default 10 */
  healthCheckIntervalSeconds?: number;
  /** @default 5 */
  healthCheckTimeoutSeconds?: number;
  /** @default 2 */
  healthyThresholdCount?: number;
  /** @default 2 */
  unhealthyThresholdCount?: number;
  /** HTTP codes of a healthy answer. @default "200-399" */
  healthCheckMatcher?: string;
  /** How long after its start a task isn't replaced for failed checks. @default 60 */
  healthCheckGracePeriodSeconds?: number;
  /** Tasks that a deployment or a drain leaves running, in percent of the desired count. @default 50 */
  minimumHealthyPercent?: number;
  /** @default 200 */
  maximumPercent?: number;
  /** Whether an update waits until the tasks run and are healthy. Only then is what they replace deleted. @default true */
  waitForSteadyState?: boolean;
  /** In order. @default spread over Availability Zones, then binpack on CPU */
  placementStrategies?: readonly PlacementStrategy[];
  /** @default "ENABLED" where the placement allows it */
  availabilityZoneRebalancing?: "ENABLED" | "DISABLED";
  /** @default 30 */
  logRetentionDays?: number;
  /** On every resource, tasks included. @default none */
  tags?: Record<string, pulumi.Input<string>>;
  /** Changes a child's args before it is declared. @default none */
  transform?: BalancedServiceTransforms;
}

export interface BalancedServiceTransforms {
  loadBalancer?: Transform<aws.lb.LoadBalancerArgs>;
  targetGroup?: Transform<aws.lb.TargetGroupArgs>;
  listener?: Transform<aws.lb.ListenerArgs>;
  securityGroup?: Transform<aws.ec2.SecurityGroupArgs>;
  taskDefinition?: Transform<aws.ecs.TaskDefinitionArgs>;
  taskRole?: Transform<aws.iam.RoleArgs>;
  executionRole?: Transform<aws.iam.RoleArgs>;
  service?: Transform<aws.ecs.ServiceArgs>;
}

const PLACEMENT: readonly PlacementStrategy[] = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "binpack", field: "cpu" },
];

export const BALANCED_SERVICE_DEFAULTS = {
  desiredCount: 2,
  externallyScaled: false,
  deregistrationDelaySeconds: DEFAULT_TIME_BUDGET.deregistrationDelaySeconds,
  internal: false,
  clientCidrs: ["0.0.0.0/0"],
  healthCheckPath: "/",
  healthCheckIntervalSeconds: 10,
  healthCheckTimeoutSeconds: 5,
  healthyThresholdCount: 2,
  unhealthyThresholdCount: 2,
  healthCheckMatcher: "200-399",
  healthCheckGracePeriodSeconds: 60,
  minimumHealthyPercent: 50,
  maximumPercent: 200,
  waitForSteadyState: true,
  placementStrategies: PLACEMENT,
  logRetentionDays: 30,
};
