import { type CsvRow, type CsvTable, numberIn } from "../csv";
import { groupBy } from "../groupBy";
import type { ProblemList } from "../inputError";
import { type AvailabilityTrace, hours, type LevelStep } from "./types";

/** `az,resource,start_s,end_s,available`: from `start_s` until before `end_s` seconds, an instance is available (1) or not (0). */
export const AVAILABILITY_COLUMNS = ["az", "resource", "start_s", "end_s", "available"] as const;

interface Interval {
  readonly where: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly available: number;
}

/**
 * A time that no row of a zone calls available is not available.
 *
 * @throws InputError with every wrong row, or if the file has several resources and none is chosen
 */
export function readAvailabilityFormat(
  table: CsvTable,
  resource: string | undefined,
  problems: ProblemList,
): AvailabilityTrace {
  const chosen = chooseResource(table, resource, problems);
  const rows = table.rows.filter((row) => row.values.resource === chosen);
  const zones: { name: string; steps: LevelStep[] }[] = [];
  let durationMs = 0;
  for (const [name, rowsOfZone] of groupBy(rows, (row) => row.values.az!)) {
    const intervals = rowsOfZone.flatMap((row) => readInterval(row, problems));
    checkOrder(name, intervals, problems);
    durationMs = intervals.reduce((latest, { endMs }) => Math.max(latest, endMs), durationMs);
    zones.push({ name, steps: stepsOf(intervals) });
  }
  problems.throwIfAny();
  // That the record ends is no down edge.
  const recorded = zones.map(({ name, steps }) => ({ name, steps: steps.filter(({ atMs }) => atMs < durationMs) }));
  const names = zones.map(({ name }) => name).join(", ");
  const source = `${table.name}: availability of ${chosen} in ${names}, ${hours(durationMs)}`;
  return { kind: "availability", source, durationMs, zones: recorded };
}

function chooseResource(table: CsvTable, resource: string | undefined, problems: ProblemList): string {
  const resources = [...new Set(table.rows.map((row) => row.values.resource!))];
  if (resource === undefined && resources.length === 1) return resources[0]!;
  if (resource !== undefined && resources.includes(resource)) return resource;
  return problems.fail({
    where: table.path,
    given: resource === undefined ? `${resources.length} resources` : `resource ${JSON.stringify(resource)}`,
    allowed: `one of ${resources.join(", ")}`,
    fix: `choose it behind a #, e.g. ${table.path}#${resources[0]!}`,
  });
}

function readInterval(row: CsvRow, problems: ProblemList): Interval[] {
  const start = numberIn(row, "start_s", { min: 0 }, problems);
  const end = numberIn(row, "end_s", { min: 0 }, problems);
  const available = numberIn(row, "available", { min: 0, max: 1, whole: true }, problems);
  if (start === undefined || end === undefined || available === undefined) return [];
  if (end <= start) {
    problems.add({
      where: row.where,
      given: `end_s ${end} and start_s ${start}`,
      allowed: "an end after the start",
      fix: "correct start_s or end_s on this line",
    });
  }
  return [{ where: row.where, startMs: Math.round(start * 1000), endMs: Math.round(end * 1000), available }];
}

function checkOrder(zone: string, intervals: readonly Interval[], problems: ProblemList): void {
  intervals.forEach((interval, i) => {
    const before = intervals[i - 1];
    if (before === undefined || interval.startMs >= before.endMs) return;
    const isBack = interval.startMs < before.startMs;
    problems.add({
      where: interval.where,
      given: isBack
        ? `start_s of ${zone} goes back to ${interval.startMs / 1000} from ${before.startMs / 1000}`
        : `the interval of ${zone} from ${interval.startMs / 1000} overlaps the one before it, which ends at ${before.endMs / 1000}`,
      allowed: "intervals of a zone in time order that don't overlap",
      fix: isBack ? "sort the zone's rows by start_s" : "end the interval before where this one starts",
    });
  });
}

function stepsOf(intervals: readonly Interval[]): LevelStep[] {
  const steps: LevelStep[] = [{ atMs: 0, level: 0 }];
  const stepTo = (atMs: number, level: number): void => {
    if (steps.at(-1)!.level === level) return;
    if (steps.at(-1)!.atMs === atMs) steps.pop();
    if (steps.at(-1)?.level !== level) steps.push({ atMs, level });
  };
  for (const { startMs, endMs, available } of intervals.filter((interval) => interval.available > 0)) {
    stepTo(startMs, available);
    stepTo(endMs, 0);
  }
  return steps;
}
