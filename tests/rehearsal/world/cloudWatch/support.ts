/** Metrics and alarms made by hand. */
import type { AlarmSpec } from "../../../../rehearsal/world/cloudWatch/alarm";
import type { Metric, MetricDatum } from "../../../../rehearsal/world/cloudWatch/metrics";
import type { World } from "../../../../rehearsal/world/world";
import { arn, MINUTE } from "../support";

export const LOAD: Metric = { namespace: "Shop", name: "Load", dimensions: { Service: "web" } };

export const alarmSpec = (spec: Partial<AlarmSpec> = {}): AlarmSpec => ({
  name: "load",
  arn: arn("cloudwatch", "alarm:load"),
  description: "",
  observed: { metric: LOAD, statistic: "Average" },
  periodMs: MINUTE,
  evaluationPeriods: 1,
  datapointsToAlarm: spec.evaluationPeriods ?? 1,
  threshold: 50,
  comparison: "GreaterThanThreshold",
  treatMissingData: "missing",
  actionsEnabled: true,
  actions: { OK: [], ALARM: [], INSUFFICIENT_DATA: [] },
  isFed: true,
  ...spec,
});

/** Every minute's value of the load: the first is of the world's first minute; what is undefined wasn't observed. */
export function feed(
  { clock, metrics }: Pick<World, "clock" | "metrics">,
  values: readonly (number | undefined)[],
  metric: Metric = LOAD,
): void {
  metrics.addSource((): MetricDatum[] => {
    const value = values[clock.now / MINUTE - 1];
    return value === undefined ? [] : [{ ...metric, value }];
  });
}
