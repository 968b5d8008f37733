/** Logs what was decided, one JSON line each, and what came of it as metrics. */
import { clusterNameOf, metricRecord, type LogRecord } from "../log";
import type { Failure } from "./act";
import type { InterruptionEvent } from "./event";
import type { Action } from "./plan";
import type { DrainSettings } from "./settings";

/** What was planned, and what of it was not carried out. */
export interface Outcome {
  readonly actions: readonly Action[];
  readonly failures: readonly Failure[];
}

interface ReportPorts {
  now(): number;
  log(record: LogRecord): void;
}

export function report(
  outcomes: readonly Outcome[],
  notices: readonly InterruptionEvent[],
  ports: ReportPorts,
  settings: DrainSettings,
): void {
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  const failed = new Set(failures.flatMap((failure) => failure.actions));
  const done = outcomes.flatMap((outcome) => outcome.actions).filter((action) => !failed.has(action));
  for (const { kind, ...rest } of done) ports.log({ decision: kind, ...rest });
  for (const { actions, error } of failures) {
    for (const { kind, ...rest } of actions)
      ports.log({ decision: "failed", action: kind, ...rest, error: String(error) });
  }
  const now = ports.now();
  const count = (kind: Action["kind"]): number => done.filter((action) => action.kind === kind).length;
  const atDeadline = done.filter((action) => action.kind === "stop" && action.atDeadline).length;
  const ends = [...new Map(notices.map((notice) => [notice.instanceId, notice.deadline])).values()];
  ports.log(
    metricRecord(
      { ClusterName: clusterNameOf(settings.clusterArn) },
      {
        Notices: { value: ends.length, unit: "Count" },
        ...(ends.length > 0 ? { LeadTime: { value: ends.map((end) => (end - now) / 1000), unit: "Seconds" } } : {}),
        InstancesDrained: { value: count("drain"), unit: "Count" },
        InstancesDetached: { value: count("detach"), unit: "Count" },
        TargetsDeregistered: { value: count("deregister"), unit: "Count" },
        TasksDrained: { value: count("stop") - atDeadline, unit: "Count" },
        TasksStoppedAtDeadline: { value: atDeadline, unit: "Count" },
        FailedActions: { value: failed.size, unit: "Count" },
      },
      now,
    ),
  );
}
