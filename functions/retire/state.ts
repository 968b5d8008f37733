/** What is known of a service whose tasks retire: read from AWS, nothing remembered. */

/** Who retires tasks: for less load, or because others run elsewhere in their place. */
export type Retirer = "scaleIn" | "rebalance";

export interface TargetState {
  readonly targetGroupArn: string;
  readonly instanceId: string;
  readonly port: number;
  /** Target health state, e.g. healthy or draining; undefined where it is not registered. */
  readonly health: string | undefined;
}

/** A task that ECS wants to run. */
export interface TaskState {
  readonly arn: string;
  readonly lastStatus: string;
  readonly zone: string;
  /** Undefined until it is placed. */
  readonly instanceArn: string | undefined;
  /** One for each of its service's target groups; undefined where they can't be told. */
  readonly targets: readonly TargetState[] | undefined;
  /** When it began to run, in milliseconds since the epoch; absent where it hasn't. */
  readonly startedAt?: number | undefined;
  /** When ECS made it, in milliseconds since the epoch; undefined where it doesn't tell. */
  readonly createdAt?: number | undefined;
  /** When its protection ends, in milliseconds since the epoch: 0 where it has none, undefined where ECS doesn't tell. */
  readonly protectedUntil: number | undefined;
  /** When it was marked; undefined where it isn't. */
  readonly markedAt: number | undefined;
  /** By whom. @default "scaleIn" */
  readonly markedBy?: Retirer;
}

export interface InstanceState {
  readonly arn: string;
  /** E.g. ACTIVE or DRAINING; MISSING where ECS doesn't know it any more. */
  readonly status: string;
  /** Tasks of any service that run or start on it. */
  readonly taskCount: number;
}

export interface ServiceState {
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly isDeploying: boolean;
}

export interface RetireState {
  readonly service: ServiceState;
  readonly tasks: readonly TaskState[];
  /** The instances that the tasks are on, by ARN. */
  readonly instances: ReadonlyMap<string, InstanceState>;
  /**
   * When the targets of all marked tasks were out, in milliseconds since the epoch, as the look before knows; undefined
   * where one may have been in.
   */
  readonly outAt: number | undefined;
}
