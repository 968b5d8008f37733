import { median } from "simple-statistics";
import {
  type CsvFormat,
  type CsvRow,
  type CsvTable,
  numberIn,
  readCsv,
  readFormat,
  splitFragment,
  timestampIn,
} from "./csv";
import { ProblemList } from "./inputError";
import { type LoadProfile, type LoadStep, mergeSteps } from "./loadProfile";

export { generateLoad, type LoadShape } from "./loadGenerator";
export { type LoadProfile, type LoadStep, rateAt, repeatLoad, totalRequests } from "./loadProfile";

const MINUTE_MS = 60_000;

/** How many requests were counted in an interval that begins at `atMs`. */
interface Bin {
  readonly where: string;
  readonly atMs: number;
  readonly requests: number;
}

/**
 * Reads recorded request counts. The header tells the format: `minute,requests`, `timestamp,requests`
 * (the interval is the median distance of the timestamps; without a zone they are UTC), or `minute` with several columns of counts.
 * An interval without a row had no request, as a load balancer's metric has no point then.
 *
 * @param pathAndColumn the file; `file.csv#f00` chooses a column, @default the first after the time
 * @param options.scale every rate is multiplied by it, @default 1
 * @throws InputError with everything that is wrong with the file
 */
export function readLoad(pathAndColumn: string, options: { readonly scale?: number } = {}): LoadProfile {
  const { path, fragment } = splitFragment(pathAndColumn);
  const scale = options.scale ?? 1;
  const problems = new ProblemList(`Load ${path}`);
  checkScale(scale, problems);
  const table = readCsv(path, problems);
  const formats: CsvFormat<LoadProfile>[] = ["minute", "timestamp"].map((time) => ({
    columns: table.columns.includes("requests") || table.columns.length < 2 ? [time, "requests"] : [time],
    read: () => {
      const column = chooseColumn(table, time, fragment, problems);
      const bins = time === "minute" ? minuteBins(table, column, problems) : timestampBins(table, column, problems);
      const binMs = time === "minute" ? MINUTE_MS : intervalOf(table, bins, problems);
      checkBins(bins, binMs, problems);
      problems.throwIfAny();
      return toProfile(describe(table, time, column, scale), bins, binMs, scale);
    },
  }));
  return readFormat(table, formats, problems);
}

function checkScale(scale: number, problems: ProblemList): void {
  if (Number.isFinite(scale) && scale > 0) return;
  problems.add({
    where: "scale",
    given: String(scale),
    allowed: "a number greater than 0",
    fix: "use 1 for the counts as recorded",
  });
}

function chooseColumn(table: CsvTable, time: string, chosen: string | undefined, problems: ProblemList): string {
  const columns = table.columns.filter((column) => column !== time);
  const column = chosen ?? columns[0];
  if (column !== undefined && columns.includes(column)) return column;
  return problems.fail({
    where: `${table.path}:1`,
    given: `column ${JSON.stringify(chosen)}`,
    allowed: `one of ${columns.join(", ")}`,
    fix: `choose it behind a #, e.g. ${table.path}#${columns[0]!}`,
  });
}

function minuteBins(table: CsvTable, column: string, problems: ProblemList): Bin[] {
  return table.rows.flatMap((row) => {
    const minute = numberIn(row, "minute", { min: 0, whole: true }, problems);
    return toBin(row, minute === undefined ? undefined : minute * MINUTE_MS, column, problems);
  });
}

function timestampBins(table: CsvTable, column: string, problems: ProblemList): Bin[] {
  return table.rows.flatMap((row) => toBin(row, timestampIn(row, "timestamp", problems), column, problems));
}

function toBin(row: CsvRow, atMs: number | undefined, column: string, problems: ProblemList): Bin[] {
  const requests = numberIn(row, column, { min: 0 }, problems);
  return atMs === undefined || requests === undefined ? [] : [{ where: row.where, atMs, requests }];
}

function intervalOf(table: CsvTable, bins: readonly Bin[], problems: ProblemList): number {
  if (bins.length >= 2) return median(bins.slice(1).map(({ atMs }, i) => atMs - bins[i]!.atMs));
  // With unreadable rows, those are what the user has to see.
  if (!problems.isEmpty) return 0;
  return problems.fail({
    where: table.path,
    given: "one timestamp",
    allowed: "two or more, since their distance is the interval of the counts",
    fix: "add rows, or use minute,requests",
  });
}

function checkBins(bins: readonly Bin[], binMs: number, problems: ProblemList): void {
  bins.forEach(({ where, atMs }, i) => {
    const before = bins[i - 1];
    if (before === undefined || (atMs >= before.atMs + binMs && atMs > before.atMs)) return;
    const isBack = atMs <= before.atMs;
    problems.add({
      where,
      given: isBack ? "the time doesn't rise" : `${(atMs - before.atMs) / 1000} s after the row before`,
      allowed: isBack ? "each row later than the one before it" : `intervals of ${binMs / 1000} s that don't overlap`,
      fix: isBack ? "sort the rows by time, one row for each interval" : "give all rows the same interval",
    });
  });
}

function describe(table: CsvTable, time: string, column: string, scale: number): string {
  const isOnly = table.columns.filter((other) => other !== time).length === 1;
  return `${table.name}${isOnly ? "" : `#${column}`}${scale === 1 ? ", as recorded" : `, scaled × ${scale}`}`;
}

function toProfile(source: string, bins: readonly Bin[], binMs: number, scale: number): LoadProfile {
  const startMs = bins[0]!.atMs;
  const steps = bins.flatMap(({ atMs, requests }): LoadStep[] => [
    { atMs: atMs - startMs, requestsPerSecond: (requests * scale * 1000) / binMs },
    { atMs: atMs - startMs + binMs, requestsPerSecond: 0 },
  ]);
  const durationMs = bins.at(-1)!.atMs - startMs + binMs;
  return { source, durationMs, steps: mergeSteps(steps.filter(({ atMs }) => atMs < durationMs)) };
}
