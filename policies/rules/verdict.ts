/** How a finding is reported when what it hangs on may be unknown. */
import { known, type Decided } from "../decided";
import type { Problem, Report, Setting } from "../rule";
import type { Resource } from "../stack/resource";
import { onSpotInstances } from "../stack/services";
import type { Stack } from "../stack/stack";

/**
 * Reports `verdict` on a resource that is judged only where `scope` is true. What can't be told is reported as such only if
 * it may be a violation: a sound service is sound wherever it runs.
 */
export function conclude(
  report: Report,
  resource: Resource,
  scope: Decided<boolean>,
  verdict: Decided<Problem | undefined>,
): void {
  if (scope.kind === "known" && !scope.value) return;
  if (verdict.kind === "undecided") report.undecided(resource, verdict.reason);
  else if (verdict.value === undefined) return;
  else if (scope.kind === "known") report.violation(resource, verdict.value);
  else report.undecided(resource, `${scope.reason}; on Spot, this would be wrong: ${verdict.value.found}`);
}

/** A setting of every rule that judges services. */
export interface SpotAssumption {
  readonly assumeSpot: boolean;
}

export const ASSUME_SPOT: Setting = {
  type: "boolean",
  default: false,
  description:
    "Judges a service whose capacity can't be seen in this stack as if it ran on Spot, instead of saying that it can't tell.",
};

/** Whether a service is judged as one on Spot instances. */
export function spotScope(stack: Stack, service: Resource, { assumeSpot }: SpotAssumption): Decided<boolean> {
  const spot = onSpotInstances(stack, service);
  return spot.kind === "undecided" && assumeSpot ? known(true) : spot;
}
