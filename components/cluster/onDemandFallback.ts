/** How far On-Demand Instances may stand in for Spot ones. */
import { rangeProblems, type Problem } from "../problems";

export interface OnDemandFallback {
  /** Most On-Demand Instances that stand in, beside those declared; 0: none. @default the cluster's maxSize */
  maxInstances?: number;
  /** For so long more may come; those that stand in stay until Spot Instances replace them. @default 24 */
  maxHours?: number;
}

/** A year, for which nobody means it. */
const MOST_HOURS = 8760;

export interface ResolvedFallback {
  readonly maxInstances: number;
  readonly maxHours: number;
}

export function resolveFallback(
  given: OnDemandFallback | false,
  { maxInstances, maxHours }: ResolvedFallback,
): ResolvedFallback {
  if (given === false) return { maxInstances: 0, maxHours };
  return { maxInstances: given.maxInstances ?? maxInstances, maxHours: given.maxHours ?? maxHours };
}

export function onDemandFallbackProblems(
  property: string,
  given: OnDemandFallback | false | undefined,
  mostInstances: number,
): Problem[] {
  if (given === undefined || given === false) return [];
  return [
    ...rangeProblems(`${property}.maxInstances`, given.maxInstances, 0, mostInstances),
    ...rangeProblems(`${property}.maxHours`, given.maxHours, 1, MOST_HOURS),
  ];
}
