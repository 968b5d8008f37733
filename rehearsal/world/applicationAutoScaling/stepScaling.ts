/** A step scaling policy: what it does depends on how far the alarm's metric lies beyond its threshold. */
import type { Alarm, AlarmAction } from "../cloudWatch/alarm";
import type { ScalableTarget } from "./scalableTarget";
import { capacityAfter, stepFor, type Adjusting, type Step } from "./stepAdjustment";

export const AGGREGATIONS = {
  Average: (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length,
  Minimum: (values: readonly number[]) => Math.min(...values),
  Maximum: (values: readonly number[]) => Math.max(...values),
} as const;

export interface StepScalingSpec extends Adjusting {
  readonly name: string;
  readonly arn: string;
  readonly cooldownMs: number;
  /** What is made of the datapoints that the alarm counted; which of its datapoints these are is assumed. */
  readonly aggregation: keyof typeof AGGREGATIONS;
  readonly steps: readonly Step[];
}

export class StepScaling implements AlarmAction {
  constructor(
    readonly spec: StepScalingSpec,
    private readonly target: ScalableTarget,
  ) {}

  onAlarm(alarm: Alarm, values: readonly number[]): void {
    const { spec } = this;
    if (values.length === 0) return;
    const step = stepFor(spec.steps, AGGREGATIONS[spec.aggregation](values) - alarm.spec.threshold);
    if (step === undefined) return;
    this.target.propose({
      policy: spec.name,
      isTracking: false,
      capacityFrom: (capacity) => capacityAfter(capacity, step.adjustment, spec),
      scaleOutCooldownMs: spec.cooldownMs,
      scaleInCooldownMs: spec.cooldownMs,
    });
  }
}
