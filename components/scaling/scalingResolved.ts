/** A service's scaling with everything filled in that wasn't given. */
import { withDefaults } from "../defaults";
import {
  SCALING_DEFAULTS,
  type ScaleInStep,
  type ScaleInTiers,
  type ScaleOutStep,
  type ServiceScaling,
} from "./scalingArgs";

/** What ECS runs in one service.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
export const LARGEST_COUNT = 5000;

/** Past an hour, one step would be all that an hour's load gets. */
export const LONGEST_COOLDOWN_SECONDS = 3600;

const COOLDOWNS = {
  scaleOutCooldownSeconds: SCALING_DEFAULTS.scaleOutCooldownSeconds,
  scaleInCooldownSeconds: SCALING_DEFAULTS.scaleInCooldownSeconds,
};

/** What scaling must know of its service. */
export interface ScalingFacts {
  readonly hasBalancer: boolean;
  readonly deregistrationDelaySeconds: number;
  /** The cluster's. */
  readonly checkIntervalSeconds: number;
  /** Where one is given. */
  readonly desiredCount?: number;
}

export type ResolvedTiers = Required<ScaleInTiers>;

/** Who scales in. `unsaid`: nothing is given, and nothing can be assumed. */
export type ScaleIn =
  | { readonly by: "steps"; readonly steps: readonly ScaleInStep[] }
  | { readonly by: "function"; readonly tiers: ResolvedTiers }
  | { readonly by: "targetTracking" | "none" | "unsaid" };

export function scaleOutSteps(
  { scaleOut, targetTracking = [] }: ServiceScaling,
  facts: ScalingFacts,
): readonly ScaleOutStep[] {
  if (scaleOut) return scaleOut;
  if (targetTracking.length > 0) return [];
  return SCALING_DEFAULTS.scaleOut.filter(({ metric }) => facts.hasBalancer || metric !== "requestsPerTarget");
}

export function scaleInOf({ scaleIn, targetTracking = [] }: ServiceScaling, facts: ScalingFacts): ScaleIn {
  if (scaleIn === "none" || scaleIn === "targetTracking") return { by: scaleIn };
  if (isSteps(scaleIn)) return { by: "steps", steps: scaleIn };
  if (scaleIn !== undefined || facts.hasBalancer) return { by: "function", tiers: resolvedTiers(scaleIn ?? {}, facts) };
  return { by: targetTracking.length > 0 ? "targetTracking" : "unsaid" };
}

/** What the function may wait before it lets a task go: two looks before the balancer cuts what is still open. */
export function longestPatience({ deregistrationDelaySeconds, checkIntervalSeconds }: ScalingFacts): number {
  return Math.max(0, deregistrationDelaySeconds - 2 * checkIntervalSeconds);
}

function resolvedTiers(tiers: ScaleInTiers, facts: ScalingFacts): ResolvedTiers {
  const { tiers: table, tiersPer, mostSharePercent } = SCALING_DEFAULTS;
  return withDefaults(tiers, { tiers: table, tiersPer, mostSharePercent, workPatienceSeconds: longestPatience(facts) });
}

const isSteps = (scaleIn: ServiceScaling["scaleIn"]): scaleIn is readonly ScaleInStep[] => Array.isArray(scaleIn);

type Cooldowns = Pick<ServiceScaling, "scaleOutCooldownSeconds" | "scaleInCooldownSeconds">;

/** Of a policy: its own, else the service's, else the defaults. */
export function cooldowns(scaling: Cooldowns, own: Cooldowns = {}): Required<Cooldowns> {
  const { scaleOutCooldownSeconds, scaleInCooldownSeconds } = withDefaults(scaling, COOLDOWNS);
  return {
    scaleOutCooldownSeconds: own.scaleOutCooldownSeconds ?? scaleOutCooldownSeconds,
    scaleInCooldownSeconds: own.scaleInCooldownSeconds ?? scaleInCooldownSeconds,
  };
}

/** What the number of tasks never goes below, whichever schedule holds. */
export function fewestTasks({ minCount, schedules = [] }: ServiceScaling): number {
  return Math.min(minCount, ...schedules.map((schedule) => schedule.minCount ?? minCount));
}
