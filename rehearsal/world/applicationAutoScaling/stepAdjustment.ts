/**
 * The arithmetic of step scaling: which step a breach falls into, and what it makes of the capacity.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */
import { APPLICATION_AUTO_SCALING } from "../constants";

export interface Step {
  /** Relative to the alarm's threshold; -∞ and ∞ where it has none. */
  readonly lower: number;
  readonly upper: number;
  readonly adjustment: number;
}

export const ADJUSTMENT_TYPES = ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"] as const;

export type AdjustmentType = (typeof ADJUSTMENT_TYPES)[number];

/** The step for a metric that lies so far above (or, negative, below) the threshold. */
export function stepFor(steps: readonly Step[], breach: number): Step | undefined {
  const above = steps.find(({ lower, upper }) => breach >= lower && breach < upper);
  const below = steps.find(({ lower, upper }) => breach > lower && breach <= upper);
  // At the threshold itself a policy has a step on one side, or on both of which either will do.
  return breach < 0 ? below : breach > 0 ? above : (above ?? below);
}

/** What AWS refuses about steps; undefined where it takes them. */
export function stepsProblem(steps: readonly Step[]): string | undefined {
  if (steps.length === 0 || steps.length > APPLICATION_AUTO_SCALING.mostSteps)
    return `${steps.length} steps: 1 to ${APPLICATION_AUTO_SCALING.mostSteps} are allowed`;
  const sorted = [...steps].sort((a, b) => a.lower - b.lower);
  const torn = sorted.find(({ upper }, index) => index + 1 < sorted.length && upper !== sorted[index + 1]!.lower);
  if (torn !== undefined) return `a gap or an overlap at ${torn.upper}: each step begins where the one below it ends`;
  const { lower } = sorted[0]!;
  const { upper } = sorted.at(-1)!;
  if (lower < 0 && lower !== -Infinity) return `the lowest bound is ${lower}: leave it out, so that it is -∞`;
  if (upper > 0 && upper !== Infinity) return `the highest bound is ${upper}: leave it out, so that it is ∞`;
  return undefined;
}

export interface Adjusting {
  readonly adjustmentType: AdjustmentType;
  readonly minAdjustmentMagnitude: number;
}

export function capacityAfter(capacity: number, adjustment: number, how: Adjusting): number {
  switch (how.adjustmentType) {
    case "ChangeInCapacity":
      return capacity + adjustment;
    case "ExactCapacity":
      return adjustment;
    case "PercentChangeInCapacity":
      return capacity + atLeast(how.minAdjustmentMagnitude, wholeTasks((capacity * adjustment) / 100));
  }
}

/** Toward zero, but never to zero. */
const wholeTasks = (change: number): number => (Math.abs(change) >= 1 ? Math.trunc(change) : Math.sign(change));

const atLeast = (magnitude: number, change: number): number =>
  Math.sign(change) * Math.max(Math.abs(change), magnitude);
