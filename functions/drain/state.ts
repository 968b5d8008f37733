/** What a plan is made from: the cluster as AWS tells it, and nothing remembered from earlier messages. */

export interface TaskState {
  readonly arn: string;
  /** The service that the task belongs to; undefined for a standalone task. */
  readonly serviceName: string | undefined;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  readonly hostPorts: readonly number[];
}

/** An instance whose end is known, before its tasks are. */
export interface NoticedInstance {
  readonly instanceId: string;
  /** When the instance goes, in milliseconds since the epoch. */
  readonly deadline: number;
  /** Undefined while it boots and has not joined the cluster yet. */
  readonly containerInstanceArn: string | undefined;
  /** Whether the container instance is DRAINING. */
  readonly draining: boolean;
  /**
   * Its lifecycle state in the cluster's group, e.g. Pending or InService; undefined outside the group, `Unknown` where
   * it could not be read.
   */
  readonly lifecycleState: string | undefined;
}

export interface GoingInstance extends NoticedInstance {
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
  /** Target groups whose targets could not be read this time. */
  readonly unreadTargetGroupArns: readonly string[];
}

/** What the sweep looks at. */
export interface SweepState {
  /** Container instances that are ACTIVE although the group is ending them. */
  readonly endingButActive: readonly { readonly instanceId: string; readonly containerInstanceArn: string }[];
  /** DRAINING container instances outside every group, all of whose tasks are STOPPED. */
  readonly emptyOrphans: readonly string[];
}
