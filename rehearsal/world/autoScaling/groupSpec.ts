import type { GroupTag } from "./groupTags";
import type { LifecycleHookSpec } from "./terminationHooks";

/** An Auto Scaling group as it was declared. */
export interface GroupSpec {
  readonly name: string;
  readonly arn: string;
  readonly minSize: number;
  readonly maxSize: number;
  /** Undefined: the minimum. */
  readonly desiredCapacity: number | undefined;
  readonly availabilityZones: readonly string[];
  readonly instanceTypes: readonly string[];
  readonly onDemandBaseCapacity: number;
  readonly onDemandPercentageAboveBaseCapacity: number;
  readonly spotAllocationStrategy: string;
  /** Whether a zone without capacity leaves the group short, rather than another zone taking its share. */
  readonly balancedOnly: boolean;
  readonly capacityRebalance: boolean;
  readonly protectFromScaleIn: boolean;
  readonly terminationPolicies: readonly string[];
  /** Hooks on EC2_INSTANCE_TERMINATING. */
  readonly terminationHooks: readonly LifecycleHookSpec[];
  /** Processes that don't run, e.g. AZRebalance. */
  readonly suspendedProcesses: readonly string[];
  /** The launch template's user data, decoded. */
  readonly userData: string;
  /** Tags that instances get at launch. */
  readonly launchTags: Readonly<Record<string, string>>;
  /** Its own. */
  readonly tags: readonly GroupTag[];
}

/** What a group needs to know of the market to choose a pool. */
export interface PoolRanking {
  /** Lower is better: by price, by capacity, or both, as the allocation strategy says. */
  rank(strategy: string, instanceType: string): number;
}
