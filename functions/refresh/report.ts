/** Logs what was decided, one JSON line each, and what came of it as metrics. */
import { clusterNameOf, metricRecord, type LogRecord, type Metrics } from "../log";
import type { Failure } from "./act";
import type { Action, Plan } from "./plan";
import type { RefreshSettings } from "./settings";
import { isActive, outdatedIn, type RefreshState } from "./state";

/** What was planned, and what of it was not carried out. */
export interface Outcome extends Plan {
  readonly failures: readonly Failure[];
  /** Refreshes that failed or were rolled back, as their events tell. */
  readonly failedRefreshes: number;
}

interface ReportPorts {
  now(): number;
  log(record: LogRecord): void;
}

export function report(state: RefreshState, outcome: Outcome, ports: ReportPorts, settings: RefreshSettings): void {
  const { actions, failures, waitsBecause } = outcome;
  const failed = new Set(failures.map(({ action }) => action));
  const done = actions.filter((action) => !failed.has(action));
  for (const action of done) ports.log({ decision: action.kind, ...described(action) });
  for (const { action, error } of failures)
    ports.log({ decision: "failed", action: action.kind, ...described(action), error: String(error) });
  if (waitsBecause !== undefined) ports.log({ decision: "wait", reason: waitsBecause });
  const metrics = metricsOf(state, outcome, done, ports.now());
  // Metrics are paid by the hour in which they are written: at rest there is nothing to tell.
  const tells = Object.values(metrics).some(({ value }) => value !== 0);
  if (tells) ports.log(metricRecord({ ClusterName: clusterNameOf(settings.clusterArn) }, metrics, ports.now()));
}

export function metricsOf(
  state: RefreshState,
  { failures, failedRefreshes }: Outcome,
  done: readonly Action[],
  now: number,
): Metrics {
  const count = (kind: Action["kind"]): number => done.filter((action) => action.kind === kind).length;
  return {
    OutdatedInstances: { value: outdated(state), unit: "Count" },
    RefreshSeconds: { value: longestRunning(state, now), unit: "Seconds" },
    RefreshesStarted: { value: count("start"), unit: "Count" },
    RefreshesCancelled: { value: count("cancel"), unit: "Count" },
    RefreshesFailed: { value: failedRefreshes, unit: "Count" },
    FailedRefreshActions: { value: failures.length, unit: "Count" },
  };
}

/** A group is told by its name. */
function described(action: Action): LogRecord {
  const { kind: _, ...rest } = action;
  return "group" in rest ? { ...rest, group: rest.group.name } : rest;
}

const outdated = ({ groups, imageId }: RefreshState): number =>
  groups.reduce((total, group) => total + outdatedIn(group, imageId), 0);

/** How long the refresh that goes on has run; 0 where none does. */
function longestRunning({ groups }: RefreshState, now: number): number {
  const starts = groups.flatMap(({ refreshes }) => refreshes.filter(isActive).map(({ startedAt }) => startedAt ?? now));
  return Math.round((now - Math.min(now, ...starts)) / 1000);
}
