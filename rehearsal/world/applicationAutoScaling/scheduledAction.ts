/** A scheduled action: other bounds for the desired count, at its times. */
import { between, type Context } from "../context";
import { APPLICATION_AUTO_SCALING, EPOCH_MS } from "../constants";
import type { ScalableTarget } from "./scalableTarget";
import type { Schedule } from "./schedule";

export interface ScheduledActionSpec {
  readonly name: string;
  readonly schedule: Schedule;
  /** Milliseconds since the epoch. A recurring action runs at its start too. */
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  readonly minCapacity: number | undefined;
  readonly maxCapacity: number | undefined;
}

export function schedule(spec: ScheduledActionSpec, target: ScalableTarget, context: Context): void {
  const late = context.random(`autoscaling/${spec.name}`);
  const { minCapacity, maxCapacity, startTime, endTime = Infinity } = spec;
  const run = (): void => target.setBounds({ minCapacity, maxCapacity }, spec.name);
  const runAt = (due: number | undefined): void => {
    if (due === undefined || due > endTime) return;
    context.clock.at(due - EPOCH_MS, () => {
      runAt(spec.schedule.next(due));
      context.clock.after(between(late, APPLICATION_AUTO_SCALING.scheduleLateMs), run);
    });
  };
  const now = EPOCH_MS + context.clock.now;
  runAt(startTime !== undefined && startTime > now ? startTime : spec.schedule.next(now));
}
