/** Logs what was decided, one JSON line each, and what came of it as metrics. */
import { clusterNameOf, metricRecord, type LogRecord } from "../log";
import type { Failure } from "../retire/act";
import type { RetireAction } from "../retire/plan";
import type { ScaleInSettings } from "./settings";

export interface Outcome {
  readonly actions: readonly RetireAction[];
  readonly failures: readonly Failure[];
  /** Why no task was chosen although the low alarm is in ALARM. */
  readonly blockedBecause: string | undefined;
}

interface ReportPorts {
  now(): number;
  log(record: LogRecord): void;
}

export function report(outcome: Outcome, ports: ReportPorts, { clusterArn, serviceName }: ScaleInSettings): void {
  const { actions, failures, blockedBecause } = outcome;
  const failed = new Map(failures.map(({ action, error }) => [action, error]));
  const done = actions.filter((action) => !failed.has(action));
  for (const { kind, ...rest } of done) ports.log({ decision: kind, ...rest });
  for (const [{ kind, ...rest }, error] of failed) {
    ports.log({ decision: "failed", action: kind, ...rest, error: String(error) });
  }
  if (blockedBecause !== undefined) ports.log({ decision: "blocked", reason: blockedBecause });
  const count = (is: (action: RetireAction) => boolean) => ({ value: done.filter(is).length, unit: "Count" }) as const;
  const lowered = done.map((action) => (action.kind === "lower" ? action.from - action.to : 0));
  ports.log(
    metricRecord(
      { ClusterName: clusterNameOf(clusterArn), ServiceName: serviceName },
      {
        TasksMarked: count((action) => action.kind === "mark" && !action.again),
        TasksLetGo: count((action) => action.kind === "letGo"),
        // One that was stopped without lowering the desired count is replaced.
        TasksRetired: { value: lowered.reduce((sum, each) => sum + each, 0), unit: "Count" },
        ScaleInBlocked: { value: blockedBecause === undefined ? 0 : 1, unit: "Count" },
        FailedActions: { value: failed.size, unit: "Count" },
      },
      ports.now(),
    ),
  );
}
