import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { CsvError, parse } from "csv-parse/sync";
import type { ProblemList } from "./inputError";

/** A row of a CSV file by column name. */
export interface CsvRow {
  /** `file:line`, for messages. */
  readonly where: string;
  readonly values: Readonly<Record<string, string>>;
}

/** A CSV file with a header line. */
export interface CsvTable {
  /** The file's name without its folder, for the scoreboard. */
  readonly name: string;
  readonly path: string;
  readonly columns: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * Reads a CSV file (UTF-8, comma, header line). Rows with too few or too many fields are left out and become problems.
 *
 * @throws InputError if there is no file, no header, no row, or quotes that don't match
 */
export function readCsv(path: string, problems: ProblemList): CsvTable {
  const [header, ...records] = parseRecords(path, readText(path, problems), problems);
  if (header === undefined || records.length === 0) {
    return problems.fail({
      where: path,
      given: header === undefined ? "an empty file" : "a header without rows",
      allowed: "a header line and at least one row",
      fix: "give the file its rows, or name another file",
    });
  }
  const columns = header.record;
  const rows: CsvRow[] = [];
  for (const { record, info } of records) {
    const where = `${path}:${info.lines}`;
    if (record.length === columns.length) {
      rows.push({ where, values: Object.fromEntries(columns.map((column, i) => [column, record[i]!])) });
    } else {
      problems.add({
        where,
        given: `${record.length} fields`,
        allowed: `${columns.length} fields (${columns.join(",")})`,
        fix: "complete the line or remove it",
      });
    }
  }
  return { name: basename(path), path, columns, rows };
}

/** The text of a file. @throws InputError if it can't be read */
export function readText(path: string, problems: ProblemList): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
    const given = { ENOENT: "no such file", EISDIR: "a folder", EACCES: "a file without permission to read" }[code];
    return problems.fail({
      where: path,
      given: given ?? code,
      allowed: "a file that can be read",
      fix: "check the path, which is taken from the current folder",
    });
  }
}

/** What a number may be; anything by default. */
export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** The number in a column, or undefined after adding a problem. */
export function numberIn(row: CsvRow, column: string, range: NumberRange, problems: ProblemList): number | undefined {
  const text = row.values[column] ?? "";
  const value = DECIMAL.test(text) ? Number(text) : NaN;
  const { min = -Infinity, max = Infinity, whole = false } = range;
  if (value >= min && value <= max && Number.isFinite(value) && (!whole || Number.isInteger(value))) return value;
  problems.add({
    where: row.where,
    given: `${column} is ${JSON.stringify(text)}`,
    allowed: describeRange(range),
    fix: `correct ${column} on this line`,
  });
  return undefined;
}

function describeRange({ min, max, whole }: NumberRange): string {
  const kind = whole === true ? "a whole number" : "a number";
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`;
  return min === undefined ? kind : `${kind} of ${min} or more`;
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?$/;

/** The moment in a column, in milliseconds since 1970 (ISO 8601; UTC without a zone), or undefined after adding a problem. */
export function timestampIn(row: CsvRow, column: string, problems: ProblemList): number | undefined {
  const text = row.values[column] ?? "";
  const [, day, time, zone = "Z"] = TIMESTAMP.exec(text) ?? [];
  const atMs = Date.parse(`${day}T${time}${zone}`);
  if (!Number.isNaN(atMs)) return atMs;
  problems.add({
    where: row.where,
    given: `${column} is ${JSON.stringify(text)}`,
    allowed: "a date and time as 2014-04-10T00:04:00",
    fix: `correct ${column} on this line`,
  });
  return undefined;
}

/** Splits `path#fragment`: the part behind the last `#` names something inside the file. */
export function splitFragment(path: string): { readonly path: string; readonly fragment: string | undefined } {
  const hash = path.lastIndexOf("#");
  if (hash < 0) return { path, fragment: undefined };
  return { path: path.slice(0, hash), fragment: path.slice(hash + 1) };
}

/** Whether a table has all these columns; this is how a format is recognised. */
export function hasColumns(table: CsvTable, columns: readonly string[]): boolean {
  return columns.every((column) => table.columns.includes(column));
}

/** A format of a file, told from others by its header. */
export interface CsvFormat<Result> {
  readonly columns: readonly string[];
  readonly read: (table: CsvTable) => Result;
}

/** Reads a table with the format that its header shows. @throws InputError if no format has these columns */
export function readFormat<Result>(
  table: CsvTable,
  formats: readonly CsvFormat<Result>[],
  problems: ProblemList,
): Result {
  const format = formats.find(({ columns }) => hasColumns(table, columns));
  if (format !== undefined) return format.read(table);
  // The format that shares most columns is what the user most likely meant.
  const missing = (columns: readonly string[]): string[] => columns.filter((column) => !table.columns.includes(column));
  const nearest = [...formats].sort((a, b) => missing(a.columns).length - missing(b.columns).length)[0]!;
  const isKnown = missing(nearest.columns).length < nearest.columns.length;
  return problems.fail({
    where: `${table.path}:1`,
    given: `the columns ${table.columns.join(",")}`,
    allowed: formats.map(({ columns }) => columns.join(",")).join(" or "),
    fix: isKnown
      ? `add the column ${missing(nearest.columns).join(", ")}`
      : "give the file the header of one of these formats",
  });
}

interface ParsedRecord {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

function parseRecords(path: string, text: string, problems: ProblemList): ParsedRecord[] {
  try {
    const options = { info: true, bom: true, trim: true, skip_empty_lines: true, relax_column_count: true };
    return parse(text, options) as unknown as ParsedRecord[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === "number" ? error.lines : 1;
    return problems.fail({
      where: `${path}:${line}`,
      given: error.message,
      allowed: "comma-separated values",
      fix: "correct the quotes of this line",
    });
  }
}
