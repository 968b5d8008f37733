/** Logs what was decided, one JSON line each, and what came of it as metrics. */
import { clusterNameOf, metricRecord, type LogRecord } from "../log";
import type { Failed, RebalanceAction } from "./act";
import type { Beginning } from "./begin";
import type { RebalanceSettings } from "./settings";
import type { Tended } from "./tend";

export interface Outcome {
  readonly tended: readonly Tended[];
  /** Where a round of moves might have begun. */
  readonly beginning: Beginning | undefined;
  /** How far apart the instances were; undefined where that was not looked at. */
  readonly apartPercent: number | undefined;
  readonly actions: readonly RebalanceAction[];
  readonly failures: readonly Failed[];
}

interface ReportPorts {
  now(): number;
  log(record: LogRecord): void;
}

/** What one look did for one service, or for the cluster. */
interface Line {
  readonly kind: string;
  readonly [member: string]: unknown;
}

export function report(outcome: Outcome, ports: ReportPorts, { clusterArn }: RebalanceSettings): void {
  const { tended, beginning, apartPercent } = outcome;
  const failed = new Map<object, unknown>([
    ...outcome.failures.map(({ action, error }) => [action, error] as const),
    ...tended.flatMap(({ retired, failures }) =>
      [...retired.failures, ...failures].map(({ action, error }) => [action, error] as const),
    ),
  ]);
  const lines = [
    ...tended.flatMap(({ service, retired, actions }) =>
      [...actions, ...retired.actions].map((action) => ({ action, service })),
    ),
    ...outcome.actions.map((action) => ({ action, service: undefined })),
  ];
  const done = lines.filter(({ action }) => !failed.has(action));
  for (const { action, service } of done) write({ ...action }, service);
  for (const { action, service } of lines.filter((line) => failed.has(line.action))) {
    const { kind, ...rest } = action;
    ports.log({ decision: "failed", action: kind, service, ...rest, error: String(failed.get(action)) });
  }
  for (const each of beginning?.stays ?? []) ports.log({ decision: "stays", ...each });
  const blockedBecause = beginning?.blockedBecause;
  if (blockedBecause !== undefined) ports.log({ decision: "blocked", reason: blockedBecause });
  const sum = (of: (action: Line) => number) => done.reduce((total, { action }) => total + of({ ...action }), 0);
  const moved = sum((action) => (action.kind === "lower" ? Number(action.from) - Number(action.to) : 0));
  ports.log(
    metricRecord(
      { ClusterName: clusterNameOf(clusterArn) },
      {
        ...(apartPercent === undefined ? {} : { InstancesApart: { value: apartPercent, unit: "Percent" } }),
        MovesBegun: {
          value: sum((action) => (action.kind === "raise" ? Number(action.to) - Number(action.from) : 0)),
          unit: "Count",
        },
        TasksMoved: { value: moved, unit: "Count" },
        RebalanceBlocked: { value: blockedBecause === undefined ? 0 : 1, unit: "Count" },
        FailedMoves: { value: failed.size, unit: "Count" },
      },
      ports.now(),
    ),
  );

  function write({ kind, ...rest }: Line, service: string | undefined): void {
    ports.log({ decision: kind, service, ...rest });
  }
}
