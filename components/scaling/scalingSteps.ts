/** Steps put together to tables: one per direction, metric and time, each a step scaling policy with its alarm. */
import { metricId } from "./scalingMetric";
import { SCALING_DEFAULTS, type ScaleInStep, type ScaleOutStep, type ScalingMetric } from "./scalingArgs";

/** What Application Auto Scaling takes in one policy.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html */
export const MOST_STEPS = 20;

export type Direction = "out" | "in";

export interface Step {
  /** Its path in the args. */
  readonly property: string;
  readonly metric: ScalingMetric;
  readonly bound: number;
  readonly forMinutes: number;
  /** Tasks that it adds or removes. */
  readonly tasks: number;
}

export interface StepTable {
  readonly direction: Direction;
  readonly metric: ScalingMetric;
  readonly metricId: string;
  readonly forMinutes: number;
  /** The alarm's: the bound that is reached first. */
  readonly threshold: number;
  /** From the threshold on. */
  readonly steps: readonly Step[];
}

export function outSteps(steps: readonly ScaleOutStep[]): Step[] {
  const { scaleOutForMinutes } = SCALING_DEFAULTS;
  return steps.map(({ metric, atLeast, forMinutes = scaleOutForMinutes, add }, index) => {
    return { property: `scaling.scaleOut[${index}]`, metric, bound: atLeast, forMinutes, tasks: add };
  });
}

export function inSteps(steps: readonly ScaleInStep[]): Step[] {
  const { scaleInForMinutes } = SCALING_DEFAULTS;
  return steps.map(({ metric, below, forMinutes = scaleInForMinutes, remove }, index) => {
    return { property: `scaling.scaleIn[${index}]`, metric, bound: below, forMinutes, tasks: remove };
  });
}

export function stepTables(direction: Direction, steps: readonly Step[]): StepTable[] {
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const key = `${metricId(step.metric)} ${step.forMinutes}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups.values()].map((group) => {
    const sorted = [...group].sort((a, b) => severity(direction, a) - severity(direction, b));
    const { metric, forMinutes, bound } = sorted[0]!;
    return { direction, metric, metricId: metricId(metric), forMinutes, threshold: bound, steps: sorted };
  });
}

/** How far a step's bound is from rest: greater means that it is reached later. */
export const severity = (direction: Direction, { bound }: Step): number => (direction === "out" ? bound : -bound);

export interface StepAdjustment {
  readonly metricIntervalLowerBound?: string;
  readonly metricIntervalUpperBound?: string;
  readonly scalingAdjustment: number;
}

/** Bounds are relative to the alarm's threshold; the last step has none outwards. Above it the lower one is included, below it the
 * upper one.
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepAdjustment.html */
export function stepAdjustments({ direction, threshold, steps }: StepTable): StepAdjustment[] {
  return steps.map(({ bound, tasks }, index) => {
    const near = distance(bound, threshold);
    const next = steps[index + 1];
    const far = next && distance(next.bound, threshold);
    return direction === "out"
      ? { metricIntervalLowerBound: near, metricIntervalUpperBound: far, scalingAdjustment: tasks }
      : { metricIntervalLowerBound: far, metricIntervalUpperBound: near, scalingAdjustment: -tasks };
  });
}

/** Without the digits that binary fractions add: 0.7 − 0.6 is 0.1. */
const distance = (bound: number, threshold: number): string => String(Number((bound - threshold).toPrecision(12)));
