import { type CsvRow, type CsvTable, numberIn } from "../csv";
import type { ProblemList } from "../inputError";
import { hours, type LevelFall, type LevelStep, type LevelTrace } from "./types";

/** `location,instance_type,start,t_s,running`: how many instances run at a location from `t_s` seconds on. */
export const COUNT_COLUMNS = ["location", "instance_type", "start", "t_s", "running"] as const;

/** @throws InputError with every wrong row, or if the file has several locations and none is chosen */
export function readCountFormat(table: CsvTable, location: string | undefined, problems: ProblemList): LevelTrace {
  const chosen = chooseLocation(table, location, problems);
  const rows = table.rows.filter((row) => row.values.location === chosen);
  const steps = readSteps(rows, problems);
  problems.throwIfAny();
  const durationMs = steps.at(-1)!.atMs;
  const most = Math.max(...steps.map(({ level }) => level));
  const type = rows[0]!.values.instance_type!;
  const source = `${table.name}#${chosen}: running count of ${type}, ${hours(durationMs)}, at most ${most}`;
  return { kind: "level", source, durationMs, steps, falls: fallsOf(steps) };
}

function chooseLocation(table: CsvTable, location: string | undefined, problems: ProblemList): string {
  const locations = [...new Set(table.rows.map((row) => row.values.location!))];
  if (location === undefined && locations.length === 1) return locations[0]!;
  if (location !== undefined && locations.includes(location)) return location;
  return problems.fail({
    where: table.path,
    given: location === undefined ? `${locations.length} locations` : `location ${JSON.stringify(location)}`,
    allowed: `one of ${locations.join(", ")}`,
    fix: `choose it behind a #, e.g. ${table.path}#${locations[0]!}`,
  });
}

function readSteps(rows: readonly CsvRow[], problems: ProblemList): LevelStep[] {
  const steps: LevelStep[] = [];
  let latest = -1;
  for (const row of rows) {
    const seconds = numberIn(row, "t_s", { min: 0 }, problems);
    const level = numberIn(row, "running", { min: 0, whole: true }, problems);
    if (seconds === undefined) continue;
    const atMs = Math.round(seconds * 1000);
    if (atMs <= latest) {
      problems.add({
        where: row.where,
        given: `t_s ${seconds} after ${latest / 1000}`,
        allowed: "each row of a location later than the one before it",
        fix: "sort the location's rows by t_s, one row for each instant",
      });
    }
    latest = Math.max(latest, atMs);
    // What ran before the first row isn't known; nothing is the careful answer.
    if (steps.length === 0 && atMs > 0) steps.push({ atMs: 0, level: 0 });
    if (level !== undefined) steps.push({ atMs, level });
  }
  return steps;
}

function fallsOf(steps: readonly LevelStep[]): LevelFall[] {
  return steps.flatMap(({ atMs, level }, i) => {
    const from = steps[i - 1]?.level ?? 0;
    return level < from ? [{ atMs, from, to: level }] : [];
  });
}
