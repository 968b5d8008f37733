/** Task definitions, services and capacity providers as they were declared. */
import type { Statement } from "../iam";

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly containerPorts: readonly number[];
  /** Undefined: the agent's. */
  readonly stopTimeoutSeconds: number | undefined;
  /** @default none */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface TaskDefinitionSpec {
  readonly arn: string;
  readonly family: string;
  /** CPU units and MiB that one task takes from its instance. */
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly containers: readonly ContainerSpec[];
  /** The policies of the task role; undefined where it has none. */
  readonly taskRole: readonly Statement[] | undefined;
}

export interface PlacementStrategy {
  readonly type: "spread" | "binpack" | "random";
  readonly field: string;
}

export interface ServiceSpec {
  readonly name: string;
  readonly arn: string;
  readonly taskDefinition: TaskDefinitionSpec;
  readonly desiredCount: number;
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
  /** Whether ECS may move tasks between zones. */
  readonly availabilityZoneRebalancing: boolean;
  readonly placementStrategies: readonly PlacementStrategy[];
  readonly healthCheckGracePeriodSeconds: number;
  readonly loadBalancers: readonly {
    readonly targetGroupArn: string;
    readonly containerName: string;
    readonly containerPort: number;
  }[];
  /** Empty where the service doesn't use capacity providers. */
  readonly capacityProviderStrategy: readonly StrategyItem[];
  readonly circuitBreaker: { readonly enable: boolean; readonly rollback: boolean };
  /** Its own. */
  readonly tags: Readonly<Record<string, string>>;
  /** What every task is tagged with when it is made. */
  readonly taskTags: Readonly<Record<string, string>>;
}

/** One capacity provider of a strategy. */
export interface StrategyItem {
  readonly capacityProvider: string;
  /** So many tasks go there before any weight counts. */
  readonly base: number;
  /** Its share of the rest, relative to the others' weights; 0: none. */
  readonly weight: number;
}

export interface CapacityProviderSpec {
  readonly name: string;
  readonly autoScalingGroupArn: string;
  readonly managedScaling: boolean;
  readonly targetCapacity: number;
  /** Instances that one scale-out adds at least, and at most. */
  readonly minimumStep: number;
  readonly maximumStep: number;
  /** How long after a scale-out the next one waits. */
  readonly warmupMs: number;
  readonly managedTerminationProtection: boolean;
  readonly managedDraining: boolean;
}

/** The longest stop timeout among the containers of a task on an instance whose agent's default is given, in milliseconds. */
export function stopTimeoutMs(taskDefinition: TaskDefinitionSpec, agentDefaultMs: number): number {
  return Math.max(
    ...taskDefinition.containers.map((each) =>
      each.stopTimeoutSeconds === undefined ? agentDefaultMs : each.stopTimeoutSeconds * 1000,
    ),
  );
}
