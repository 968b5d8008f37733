/** A CloudWatch alarm on a metric or on metric math, looked at every minute. */
import type { Context } from "../context";
import type { EventBus } from "../eventBridge";
import { stateChangeEvent } from "./alarmEvent";
import {
  COMPARISONS,
  evaluate,
  RANGES,
  type AlarmState,
  type Comparison,
  type Evaluation,
  type Point,
} from "./evaluation";
import { MINUTE_MS, type Metrics } from "./metrics";
import { observer, type Observed, type Observer } from "./observed";

export interface AlarmSpec extends Evaluation {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly observed: Observed;
  /** Whole minutes. */
  readonly periodMs: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly actionsEnabled: boolean;
  /** ARNs of what is told, by the state in which it is. */
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
  /** False: nobody in the world tells of a metric that it needs. Nothing would follow from what is missing, so the alarm stays as it was made. */
  readonly isFed: boolean;
}

/** What an Auto Scaling action hears of an alarm: every minute, as long as the state lasts. */
export interface AlarmAction {
  /** `values` are the real datapoints that count, the newest last. */
  onAlarm(alarm: Alarm, values: readonly number[]): void;
}

export interface AlarmSurroundings {
  readonly context: Context;
  readonly metrics: Metrics;
  readonly bus: EventBus;
  /** What an alarm's action does to the world; undefined where it does nothing, as a notification. */
  readonly actionOf: (arn: string) => AlarmAction | undefined;
}

/** A state, from when on it holds, and why. */
export interface AlarmStanding {
  readonly state: AlarmState;
  readonly since: number;
  readonly values: readonly number[];
}

export class Alarm {
  private standing: AlarmStanding;
  private before: AlarmStanding;
  private readonly observe: Observer;
  private readonly datapoints: number;

  constructor(
    readonly spec: AlarmSpec,
    private readonly surroundings: AlarmSurroundings,
  ) {
    this.observe = observer(spec.observed, surroundings.metrics);
    this.datapoints = RANGES[surroundings.context.flags.alarmRange](spec.evaluationPeriods);
    this.standing = { state: "INSUFFICIENT_DATA", since: surroundings.context.clock.now, values: [] };
    this.before = this.standing;
  }

  get state(): AlarmState {
    return this.standing.state;
  }

  /** How far back it looks, from the minute it looks at last. */
  get rangeMs(): number {
    return this.datapoints * this.spec.periodMs;
  }

  /** As a read that lags saw it. Alarms change no oftener than once a minute, so the state before is enough. */
  standingAt(asOf: number): AlarmStanding {
    return this.standing.since <= asOf ? this.standing : this.before;
  }

  /** Looks at a full minute: the state that follows, and what is to be done in it. */
  look(): void {
    const { spec, surroundings } = this;
    if (!spec.isFed) return;
    const { points, values } = this.range();
    const real = values.slice(-spec.evaluationPeriods);
    const state = evaluate(points, spec, this.state);
    if (state !== this.state) this.change({ state, since: surroundings.context.clock.now, values: real });
    if (!spec.actionsEnabled) return;
    for (const arn of spec.actions[state]) surroundings.actionOf(arn)?.onAlarm(this, real);
  }

  /** The evaluation range, which slides by the minute, and the real datapoints in it, the newest last. */
  private range(): { readonly points: Point[]; readonly values: number[] } {
    const { periodMs, comparison, threshold } = this.spec;
    const { now } = this.surroundings.context.clock;
    const to = Math.floor(now / MINUTE_MS) * MINUTE_MS;
    const series = this.observe({ from: to - this.rangeMs, to, periodMs }, now);
    return {
      points: series.map((value) => (value === undefined ? undefined : COMPARISONS[comparison](value, threshold))),
      values: series.filter((value) => value !== undefined),
    };
  }

  private change(next: AlarmStanding): void {
    const { context, bus } = this.surroundings;
    this.before = this.standing;
    this.standing = next;
    context.log.write("cloudwatch.AlarmState", {
      alarm: this.spec.name,
      state: next.state,
      was: this.before.state,
      value: next.values.at(-1),
    });
    bus.publish(stateChangeEvent(this.spec, this.before, next), "durable");
  }
}
