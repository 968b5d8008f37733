/** What a plan is made from: the cluster as AWS tells it, and nothing remembered from earlier messages. */

export interface TaskState {
  readonly arn: string;
  /** The service that the task belongs to; undefined for a standalone task. */
  readonly serviceName: string | undefined;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly hostPorts: readonly number[];
}

/** An instance of the cluster whose end is known. */
export interface GoingInstance {
  readonly instanceId: string;
  readonly containerInstanceArn: string;
  /** When the instance goes, in milliseconds since the epoch. */
  readonly deadline: number;
  /** Container instance status, e.g. ACTIVE or DRAINING. */
  readonly status: string;
  readonly tasks: readonly TaskState[];
}

export interface ServiceState {
  readonly name: string;
  readonly schedulingStrategy: "REPLICA" | "DAEMON";
  readonly targetGroupArns: readonly string[];
}

export interface TargetState {
  readonly targetGroupArn: string;
  readonly instanceId: string;
  readonly port: number;
  /** Target health state: initial, healthy, unhealthy, unused, draining, unavailable, unhealthy.draining. */
  readonly health: string;
}

export interface ClusterState {
  readonly going: readonly GoingInstance[];
  /** EC2 ids of the other instances that are DRAINING: their targets don't count as remaining. */
  readonly otherDraining: readonly string[];
  readonly services: readonly ServiceState[];
  readonly targets: readonly TargetState[];
}

/** What the sweep looks at. */
export interface SweepState {
  /** Container instances that are ACTIVE although the group is ending them. */
  readonly endingButActive: readonly { readonly instanceId: string; readonly containerInstanceArn: string }[];
  /** DRAINING container instances outside the group on which nothing runs any more. */
  readonly emptyOrphans: readonly string[];
}
