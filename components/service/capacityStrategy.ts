/** How a service's tasks are divided between a cluster's Spot and on-demand capacity. */
import type * as aws from "@pulumi/aws";
import type { Capacity } from "../cluster/capacity";
import { choiceProblems, rangeProblems, type Problem } from "../problems";

/** The base is of tasks, on demand; the rest is divided by the weights.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html */
export interface CapacityShares {
  /** 0 to 100000. @default 0 */
  readonly base?: number;
  /** 0 to 1000. */
  readonly spotWeight: number;
  /** 0 to 1000. */
  readonly onDemandWeight: number;
}

export type ServiceCapacity = "spot" | "onDemand" | CapacityShares;

const MOST_BASE = 100000;
const MOST_WEIGHT = 1000;
const WHOLE = 100;

export function capacityProviderStrategies(
  capacity: ServiceCapacity,
  { capacityProvider, onDemand }: Capacity,
): aws.types.input.ecs.ServiceCapacityProviderStrategy[] {
  const spot = { capacityProvider: capacityProvider.name };
  if (capacity === "spot") return [{ ...spot, weight: WHOLE }];
  const other = { capacityProvider: onDemand!.capacityProvider.name };
  if (capacity === "onDemand") return [{ ...other, weight: WHOLE }];
  const { base = 0, spotWeight, onDemandWeight } = capacity;
  return [
    { ...other, base, weight: onDemandWeight },
    { ...spot, weight: spotWeight },
  ];
}

/** Whether an interruption can end tasks of the service. */
export function usesSpot(capacity: ServiceCapacity): boolean {
  return typeof capacity === "string" ? capacity === "spot" : capacity.spotWeight > 0;
}

/** `hasOnDemand` is undefined where the cluster isn't known. */
export function capacityProblems(capacity: ServiceCapacity | undefined, hasOnDemand: boolean | undefined): Problem[] {
  if (capacity === undefined) return [];
  const problems =
    typeof capacity === "string"
      ? choiceProblems("capacity", capacity, ["spot", "onDemand"])
      : sharesProblems(capacity);
  if (problems.length > 0 || capacity === "spot" || hasOnDemand !== false) return problems;
  const allowed = '"spot", because the cluster has no on-demand capacity';
  const change = "give the SpotCluster e.g. onDemandCapacity: { minSize: 0, maxSize: 4 }, or remove capacity";
  return [{ property: "capacity", given: capacity, allowed, change }];
}

function sharesProblems({ base, spotWeight, onDemandWeight }: CapacityShares): Problem[] {
  const problems = [
    ...rangeProblems("capacity.base", base, 0, MOST_BASE),
    ...rangeProblems("capacity.spotWeight", spotWeight, 0, MOST_WEIGHT),
    ...rangeProblems("capacity.onDemandWeight", onDemandWeight, 0, MOST_WEIGHT),
  ];
  if (problems.length > 0 || spotWeight + onDemandWeight > 0) return problems;
  const allowed = "a weight above 0, because tasks beyond the base would have nowhere to run";
  const change = "give spotWeight: 1 or onDemandWeight: 1";
  return [{ property: "capacity", given: { base, spotWeight, onDemandWeight }, allowed, change }];
}
