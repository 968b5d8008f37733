/** What every service takes, web or worker, and what it takes where nothing is given. */
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { ServiceCapacity } from "./capacityStrategy";
import type { SpotCluster } from "../spotCluster";
import type { Transform } from "../transform";

export const PLACEMENT_TYPES = ["binpack", "random", "spread"] as const;
export const CONSTRAINT_TYPES = ["distinctInstance", "memberOf"] as const;
export const AVAILABILITY_ZONE_REBALANCING = ["ENABLED", "DISABLED"] as const;
export const PROPAGATE_TAGS = ["SERVICE", "TASK_DEFINITION", "NONE"] as const;

export interface PlacementStrategy {
  readonly type: (typeof PLACEMENT_TYPES)[number];
  /** E.g. `attribute:ecs.availability-zone`, `instanceId`, `cpu`, `memory`. */
  readonly field?: string;
}

export interface PlacementConstraint {
  readonly type: (typeof CONSTRAINT_TYPES)[number];
  /** With memberOf only, in the cluster query language, e.g. `attribute:ecs.instance-type =~ m6i.*`. */
  readonly expression?: string;
}

export interface ServiceArgs {
  cluster: SpotCluster;
  /** Tasks to run. @default 2 */
  desiredCount?: number;
  /** Whether something else sets the desired count once the service runs, which no update may then put back. @default false */
  externallyScaled?: boolean;
  /** Where tasks run: on Spot, on the cluster's on-demand capacity, or a base on that and the rest by weights. @default "spot" */
  capacity?: ServiceCapacity;
  /** Tasks that a deployment or a drain leaves running, in percent of the desired count. @default 50 */
  minimumHealthyPercent?: number;
  /** @default 200 */
  maximumPercent?: number;
  /** Whether a deployment whose tasks don't come up is ended. @default true */
  deploymentCircuitBreaker?: boolean;
  /** CloudWatch alarms that end a deployment. @default none */
  deploymentAlarmNames?: pulumi.Input<string>[];
  /** Whether a deployment that was ended is rolled back. @default true */
  deploymentRollback?: boolean;
  /** Whether an update waits until the tasks run and are healthy. Only then is what they replace deleted. @default true */
  waitForSteadyState?: boolean;
  /** In order. @default spread over Availability Zones, then binpack on CPU */
  placementStrategies?: readonly PlacementStrategy[];
  /** @default none */
  placementConstraints?: readonly PlacementConstraint[];
  /** @default "ENABLED" where the placement allows it and the containers don't protect their work */
  availabilityZoneRebalancing?: "ENABLED" | "DISABLED";
  /** Whether the cluster's rebalance function may move tasks. A service that binpack places stays in any case. @default true */
  rebalance?: boolean;
  /** Whether people may open a shell in the containers, with the rights that it takes. @default false */
  enableExecuteCommand?: boolean;
  /** Where tasks have their tags from. @default "SERVICE" */
  propagateTags?: (typeof PROPAGATE_TAGS)[number];
  /** On every resource, tasks included. @default none */
  tags?: Record<string, pulumi.Input<string>>;
}

export interface ServiceTransforms {
  service?: Transform<aws.ecs.ServiceArgs>;
}

export const PLACEMENTS = ["binpack", "spread"] as const;

/** How a zone's instances are filled: one after the other, or evenly. */
export const PLACEMENT_STRATEGIES: Readonly<Record<(typeof PLACEMENTS)[number], readonly PlacementStrategy[]>> = {
  binpack: [
    { type: "spread", field: "attribute:ecs.availability-zone" },
    { type: "binpack", field: "cpu" },
  ],
  spread: [
    { type: "spread", field: "attribute:ecs.availability-zone" },
    { type: "spread", field: "instanceId" },
  ],
};

export const SERVICE_DEFAULTS = {
  desiredCount: 2,
  externallyScaled: false,
  capacity: "spot" as ServiceCapacity,
  minimumHealthyPercent: 50,
  maximumPercent: 200,
  deploymentCircuitBreaker: true,
  deploymentRollback: true,
  waitForSteadyState: true,
  placementStrategies: PLACEMENT_STRATEGIES.binpack,
  rebalance: true,
  enableExecuteCommand: false,
  propagateTags: "SERVICE" as const,
};
