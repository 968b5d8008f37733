/** What a plan is made from: the group and its instances as AWS tells them. */
import type { WaitsFor } from "../precedence";
import type { Distribution } from "./distribution";
import type { LaunchFailureCause } from "./launchFailures";
import type { Mark } from "./mark";

export interface GroupState {
  readonly desired: number;
  readonly distribution: Distribution;
  /** Those that are coming or in service; the ones that leave don't count. */
  readonly members: readonly MemberState[];
  readonly mark: Mark | undefined;
  /** Whether tasks of a service move to other instances, by the group's tags. */
  readonly rebalances: boolean;
}

export interface MemberState {
  readonly instanceId: string;
  readonly inService: boolean;
}

/** An instance of the group, with what EC2 says of it. */
export interface Launched extends MemberState {
  /** Undefined while EC2 doesn't tell of it yet. */
  readonly lifecycle: "spot" | "on-demand" | undefined;
}

/** And with what its cluster says. */
export interface Standing extends Launched {
  /** Whether its container instance is ACTIVE, and its agent connected. */
  readonly joined: boolean;
  readonly tasks: number;
}

export interface LaunchFailure {
  /** In milliseconds since the epoch. */
  readonly at: number;
  readonly cause: LaunchFailureCause;
}

/** What the group's share of On-Demand Instances is decided by. */
export interface ShareState extends Omit<GroupState, "members" | "rebalances"> {
  readonly members: readonly Launched[];
  readonly failures: readonly LaunchFailure[];
}

/** The instance that the mark names. */
export interface DetachedState {
  readonly instanceId: string;
  /** Whether it still counts in the group. */
  readonly inGroup: boolean;
  /** EC2 ends it, or has. */
  readonly gone: boolean;
  /** Undefined where the cluster has none. */
  readonly containerInstanceArn: string | undefined;
  readonly draining: boolean;
  /** Nothing holds its CPU or memory any more. */
  readonly empty: boolean;
}

/** What a return to Spot is decided by. */
export interface FallbackState extends ShareState {
  readonly members: readonly Standing[];
  readonly detached: DetachedState | undefined;
  readonly goesOn: WaitsFor<"returnToSpot">;
}
