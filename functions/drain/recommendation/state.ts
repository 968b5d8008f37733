/** What the plan for rebalance recommendations is made from, as AWS tells it. */
import type { WaitsFor } from "../../precedence";

/** An instance of which a recommendation came, before anything is known of it. */
export interface RecommendedInstance {
  readonly instanceId: string;
  /** When EC2 recommended it, in milliseconds since the epoch. */
  readonly at: number;
  /** Undefined where it is no instance of this cluster, or has not joined it. */
  readonly containerInstanceArn: string | undefined;
  readonly draining: boolean;
  /** Its lifecycle state in the cluster's group; undefined outside it. */
  readonly lifecycleState: string | undefined;
}

/** A container instance that is tagged with a recommendation. */
export interface HintedInstance extends Omit<RecommendedInstance, "containerInstanceArn"> {
  readonly containerInstanceArn: string;
  readonly agentConnected: boolean;
  /** Whether every task that was on it is STOPPED. */
  readonly isEmpty: boolean;
}

export interface GroupSizes {
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  /** Instances in the group, those that it ends not included. */
  readonly members: number;
  /** Of them, those in service on which ECS places tasks. */
  readonly ready: number;
}

export interface HintState {
  readonly group: GroupSizes;
  readonly hinted: readonly HintedInstance[];
  /** What a recommendation waits for; undefined where none waits. */
  readonly goesOn: WaitsFor<"recommendation"> | undefined;
}
