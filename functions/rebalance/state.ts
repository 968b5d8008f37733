/** Where a cluster's tasks are and which of them may be moved: read from AWS, nothing remembered. */

/** What ECS reserves: CPU units, 1,024 of which are a vCPU, and MiB. */
export interface Reservation {
  readonly cpu: number;
  readonly memoryMiB: number;
}

/** One on which ECS places tasks: ACTIVE. */
export interface InstanceRoom {
  readonly arn: string;
  readonly zone: string;
  /** What it offers to tasks. */
  readonly registered: Reservation;
  /** What tasks of any kind have of it. */
  readonly reserved: Reservation;
}

export interface PlacedTask {
  readonly arn: string;
  /** One of the cluster's instances. */
  readonly instanceArn: string;
  /** Whether it runs and has no work that is protected; it counts all the same. */
  readonly isMovable: boolean;
}

export interface PlacedService {
  readonly name: string;
  /** Of each of its tasks. */
  readonly reservation: Reservation;
  readonly tasks: readonly PlacedTask[];
  /** Whether an instance has room for one of its tasks only, as with a fixed host port or a `distinctInstance` constraint. */
  readonly isOnePerInstance: boolean;
  /** Where its capacity provider and placement constraints let it be; undefined where they allow all. */
  readonly allowedInstances: ReadonlySet<string> | undefined;
  /** How many more tasks it may run while they move, within its maximum percent. */
  readonly surgeRoom: number;
  /** Why its tasks stay where they are, e.g. because binpack places them; undefined where they may be moved. */
  readonly staysBecause: string | undefined;
}

export interface ClusterState {
  readonly instances: readonly InstanceRoom[];
  readonly services: readonly PlacedService[];
}
