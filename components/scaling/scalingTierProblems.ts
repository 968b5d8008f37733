/** What can be wrong with the tiers by which the function scales in, alone and against scaling out. */
import { choiceProblems, rangeProblems, type Problem } from "../problems";
import { TIERS_PER, type ScaleInTier, type TargetTracking } from "./scalingArgs";
import { LARGEST_COUNT, longestPatience, type ResolvedTiers, type ScalingFacts } from "./scalingResolved";
import type { Step } from "./scalingSteps";

const MOST_TIERS = 20;

/** More at once, and what is left would have several times the load. */
const MOST_SHARE_PERCENT = 90;

export interface ScaleOutRules {
  readonly minCount: number;
  readonly steps: readonly Step[];
  readonly targetTracking: readonly TargetTracking[];
}

export function tierProblems(settings: ResolvedTiers, facts: ScalingFacts, scaleOut: ScaleOutRules): Problem[] {
  if (!facts.hasBalancer) {
    const allowed =
      'steps, "targetTracking" or "none": the function\'s tiers are of requests, which only a load balancer counts';
    return [{ property: "scaling.scaleIn", given: settings.tiers, allowed, change: "give steps of another metric" }];
  }
  return [
    ...tableProblems(settings, scaleOut),
    ...choiceProblems("scaling.scaleIn.tiersPer", settings.tiersPer, TIERS_PER),
    ...rangeProblems("scaling.scaleIn.mostSharePercent", settings.mostSharePercent, 1, MOST_SHARE_PERCENT),
    ...patienceProblems(settings.workPatienceSeconds, facts),
  ];
}

function tableProblems(settings: ResolvedTiers, scaleOut: ScaleOutRules): Problem[] {
  return tierTableProblems(settings.tiers, "requests per minute", () => highestProblems(settings, scaleOut));
}

/**
 * What can be wrong with tiers: `of` is what their bounds count, and `others` what else is looked for where each by itself is right.
 */
export function tierTableProblems(tiers: readonly ScaleInTier[], of: string, others: () => Problem[]): Problem[] {
  const property = "scaling.scaleIn.tiers";
  if (tiers.length < 1 || tiers.length > MOST_TIERS) {
    const change = tiers.length < 1 ? 'add one, or give scaleIn: "none"' : `remove ${tiers.length - MOST_TIERS}`;
    return [{ property, given: `${tiers.length} tiers`, allowed: `1 to ${MOST_TIERS}`, change }];
  }
  const problems = tiers.flatMap(({ below, remove }, index) => [
    ...aboveZero(`${property}[${index}].below`, below, of),
    ...rangeProblems(`${property}[${index}].remove`, remove, 1, LARGEST_COUNT),
  ]);
  return problems.length > 0 ? problems : [...orderProblems(tiers), ...others()];
}

function aboveZero(property: string, given: number, of: string): Problem[] {
  if (Number.isFinite(given) && given > 0) return [];
  return [{ property, given, allowed: `${of}, more than 0`, change: "raise it" }];
}

/** Of two tiers the lower one must remove at least as many. */
function orderProblems(tiers: readonly ScaleInTier[]): Problem[] {
  const sorted = tiers
    .map((tier, index) => ({ ...tier, property: `scaling.scaleIn.tiers[${index}]` }))
    .sort((a, b) => b.below - a.below);
  return sorted.flatMap((tier, index) => {
    const higher = sorted[index - 1];
    if (!higher) return [];
    if (higher.below === tier.below) {
      const allowed = `another bound than ${higher.property}'s`;
      return [{ property: `${tier.property}.below`, given: tier.below, allowed, change: "remove one of the two" }];
    }
    if (tier.remove >= higher.remove) return [];
    const allowed = `at least the ${higher.remove} of ${higher.property}, whose bound is higher`;
    const change = `raise it to ${higher.remove} or more, or lower that one`;
    return [{ property: `${tier.property}.remove`, given: tier.remove, allowed, change }];
  });
}

/** With the fewest tasks, as many requests as the highest tier allows must not scale out again. */
function highestProblems({ tiers, tiersPer }: ResolvedTiers, scaleOut: ScaleOutRules): Problem[] {
  const bounds = [
    ...scaleOut.steps.filter(({ metric }) => metric === "requestsPerTarget").map(({ bound }) => bound),
    ...scaleOut.targetTracking.filter(({ metric }) => metric === "requestsPerTarget").map(({ target }) => target),
  ].filter((bound) => bound > 0);
  if (bounds.length === 0) return [];
  const perTarget = Math.min(...bounds);
  const limit = tiersPer === "target" ? perTarget : perTarget * Math.max(1, scaleOut.minCount);
  return tiers.flatMap(({ below }, index) => {
    if (below < limit) return [];
    const why =
      tiersPer === "target"
        ? `scaling out begins at ${perTarget} requests per target`
        : `with minCount tasks, scaling out begins at ${limit} requests, ${perTarget} per target`;
    const property = `scaling.scaleIn.tiers[${index}].below`;
    return [{ property, given: below, allowed: `less than ${limit}: ${why}`, change: `lower it well below ${limit}` }];
  });
}

function patienceProblems(given: number, facts: ScalingFacts): Problem[] {
  const most = longestPatience(facts);
  const { deregistrationDelaySeconds, checkIntervalSeconds } = facts;
  return rangeProblems("scaling.scaleIn.workPatienceSeconds", given, 0, most).map((problem) => ({
    ...problem,
    allowed: `${problem.allowed}: two checks of ${checkIntervalSeconds} s before the deregistration delay of ${deregistrationDelaySeconds} s has passed, when the balancer cuts what is still open`,
  }));
}
