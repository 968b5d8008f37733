/** Logs what was decided, one JSON line each, and what came of it as metrics. */
import { clusterNameOf, metricRecord, type LogRecord, type Metrics } from "../log";
import type { Failure } from "./act";
import { formatMark } from "./mark";
import type { Action, Found } from "./plan";
import type { FallbackSettings } from "./settings";

export interface Outcome {
  readonly actions: readonly Action[];
  readonly failure: Failure | undefined;
  readonly found: Found;
  /** Instances that Spot ones have replaced. */
  readonly returned: number;
  /** Why no return is begun. */
  readonly waitsFor: string | undefined;
}

interface ReportPorts {
  now(): number;
  log(record: LogRecord): void;
}

export function report(outcome: Outcome, ports: ReportPorts, { clusterArn }: FallbackSettings): void {
  for (const line of linesOf(outcome)) ports.log(line);
  ports.log(metricRecord({ ClusterName: clusterNameOf(clusterArn) }, metricsOf(outcome), ports.now()));
}

function linesOf({ actions, failure, found, waitsFor }: Outcome): LogRecord[] {
  const done = failure === undefined ? actions : actions.slice(0, actions.indexOf(failure.action));
  const lines = done.map(lineOf);
  if (failure !== undefined) {
    const { action, error } = failure;
    lines.push({ ...lineOf(action), decision: "failed", action: action.kind, error: String(error) });
  }
  const { refused: instances, refusedBecause } = found;
  if (refusedBecause !== undefined) lines.push({ decision: "refused", instances, reason: refusedBecause });
  if (waitsFor !== undefined) lines.push({ decision: "waits", reason: waitsFor });
  return lines;
}

function metricsOf({ failure, found, returned }: Outcome): Metrics {
  const isDone = failure === undefined;
  const count = (value: number | boolean) => ({ value: Number(value), unit: "Count" }) as const;
  return {
    StandIns: count(found.standIns),
    StandInsRaised: count(isDone ? found.raised : 0),
    StandInsReturned: count(isDone ? returned : 0),
    StandInsRefused: count(found.refused),
    SpotQuotaReached: count(found.spotQuota),
    OnDemandQuotaReached: count(found.onDemandQuota),
    FallbackOverdue: count(found.overdue),
    FallbackFailedActions: count(!isDone),
  };
}

function lineOf(action: Action): LogRecord {
  const { kind, ...rest } = action;
  if (action.kind !== "mark") return { decision: kind, ...rest };
  return { decision: kind, mark: formatMark(action.mark), reason: action.reason };
}
