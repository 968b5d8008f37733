/**
 * A target tracking policy, with the two alarms that Application Auto Scaling makes for it. How far it scales is published
 * nowhere: here to what keeps the metric at its target if it is proportional to the tasks, which is assumed.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
 */
import type { AlarmAction, AlarmSpec } from "../cloudWatch/alarm";
import type { Comparison } from "../cloudWatch/evaluation";
import { MINUTE_MS } from "../cloudWatch/metrics";
import type { Observed } from "../cloudWatch/observed";
import { APPLICATION_AUTO_SCALING } from "../constants";
import type { Flags } from "../flags";
import type { ScalableTarget } from "./scalableTarget";

const { highPeriods, lowPeriods, lowShare } = APPLICATION_AUTO_SCALING.tracking;

export interface TargetTrackingSpec {
  readonly name: string;
  readonly arn: string;
  readonly observed: Observed;
  readonly targetValue: number;
  readonly scaleOutCooldownMs: number;
  readonly scaleInCooldownMs: number;
  readonly disableScaleIn: boolean;
  /** Whether the world knows its metrics. */
  readonly isFed: boolean;
}

/** More tasks, at least one. */
export const trackedOut = (capacity: number, metric: number, target: number): number =>
  Math.max(capacity + 1, Math.ceil((capacity * metric) / target));

/** Never more than there are. */
export function trackedIn(
  capacity: number,
  metric: number,
  target: number,
  how: Flags["targetTrackingScaleIn"],
): number {
  const proportional = Math.min(capacity, Math.ceil((capacity * metric) / target));
  return how === "oneTask" ? Math.max(capacity - 1, proportional) : proportional;
}

/** What the low and the high alarm call. */
export class TargetTracking implements AlarmAction {
  constructor(
    readonly spec: TargetTrackingSpec,
    private readonly target: ScalableTarget,
    private readonly flags: Flags,
  ) {
    if (!spec.disableScaleIn) target.trackingIn.add(spec.name);
  }

  onAlarm(_: unknown, values: readonly number[]): void {
    const { name, targetValue, scaleOutCooldownMs, scaleInCooldownMs } = this.spec;
    const metric = values.at(-1);
    if (metric === undefined || this.isStuckAtZero) return;
    this.target.propose({
      policy: name,
      isTracking: true,
      capacityFrom: (capacity) =>
        metric > targetValue
          ? trackedOut(capacity, metric, targetValue)
          : trackedIn(capacity, metric, targetValue, this.flags.targetTrackingScaleIn),
      scaleOutCooldownMs,
      scaleInCooldownMs,
    });
  }

  private get isStuckAtZero(): boolean {
    return this.target.service.desiredCount === 0 && !this.flags.targetTrackingFromZero;
  }

  /** The alarms that it is called by; `arnOf` gives an alarm's ARN by its name. */
  alarms(arnOf: (name: string) => string): AlarmSpec[] {
    const high = this.alarm("High", "GreaterThanThreshold", this.spec.targetValue, highPeriods, arnOf);
    if (this.spec.disableScaleIn) return [high];
    return [high, this.alarm("Low", "LessThanThreshold", this.spec.targetValue * lowShare, lowPeriods, arnOf)];
  }

  private alarm(
    side: "High" | "Low",
    comparison: Comparison,
    threshold: number,
    periods: number,
    arnOf: (name: string) => string,
  ): AlarmSpec {
    const { observed, arn, isFed } = this.spec;
    const name = `TargetTracking-${this.target.spec.resourceId}-Alarm${side}-${this.spec.name}`;
    return {
      name,
      arn: arnOf(name),
      description: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${arn}.`,
      observed,
      periodMs: MINUTE_MS,
      evaluationPeriods: periods,
      datapointsToAlarm: periods,
      threshold,
      comparison,
      treatMissingData: "missing",
      actionsEnabled: true,
      actions: { ALARM: [arn], OK: [], INSUFFICIENT_DATA: [] },
      isFed,
    };
  }
}
