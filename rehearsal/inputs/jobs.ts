import { type CsvFormat, type CsvRow, type CsvTable, numberIn, readCsv, readFormat } from "./csv";
import { ProblemList } from "./inputError";
import { type JobArrival, type JobArrivals, repeatJobs, scaleJobs } from "./jobArrivals";
import { generateJobs } from "./jobGenerator";
import type { JobsInput } from "./jobsSchema";
import { randomStream } from "./random";

export type { JobArrival, JobArrivals } from "./jobArrivals";

const HOUR_MS = 3_600_000;
const TOKENS = "generated_tokens";

/**
 * The jobs of a rehearsal, recorded or generated. What is recorded keeps its instants and lengths but for the factors given.
 *
 * @throws InputError with everything that is wrong with the file
 */
export function readJobs(input: JobsInput, seed: number, durationMs: number): JobArrivals {
  const { scale, lengthScale, perHour, dailySwing, lengths } = input;
  const whole =
    input.file === undefined
      ? generateJobs({ seed, durationMs, meanPerHour: perHour, dailySwing, lengths })
      : repeatJobs(recorded(input.file, input), durationMs);
  return scaleJobs(stretched(whole, lengthScale), scale, randomStream(seed, "jobs/scale"));
}

function stretched(jobs: JobArrivals, factor: number): JobArrivals {
  if (factor === 1) return jobs;
  const arrivals = jobs.arrivals.map(({ atMs, workMs }) => ({ atMs, workMs: Math.round(workMs * factor) }));
  return { ...jobs, arrivals, source: `${jobs.source}, lengths × ${factor}` };
}

type Length = (row: CsvRow, problems: ProblemList) => number | undefined;

function recorded(file: string, { secondsPerToken, fromHours }: JobsInput): JobArrivals {
  const problems = new ProblemList(`Jobs ${file}`);
  const table = readCsv(file, problems);
  const seconds =
    (column: string, factor: number): Length =>
    (row, found) => {
      const value = numberIn(row, column, { min: 0 }, found);
      return value === undefined ? undefined : value * factor;
    };
  const format = (time: string, timeMs: number, length: string, factor: () => number): CsvFormat<JobArrivals> => ({
    columns: [time, length],
    read: () => {
      const arrivals = readRows(table, time, timeMs, seconds(length, factor()), problems);
      problems.throwIfAny();
      const jobs = from(fromHours * HOUR_MS, table, arrivals, problems);
      return length === TOKENS ? { ...jobs, source: `${jobs.source}, ${factor()} s per token` } : jobs;
    },
  });
  return readFormat(
    table,
    [
      format("t_ms", 1, TOKENS, () => perToken(table, secondsPerToken, problems)),
      format("submit_s", 1000, "run_s", () => 1),
      format("at_s", 1000, "seconds", () => 1),
    ],
    problems,
  );
}

function perToken({ path }: CsvTable, seconds: number | undefined, problems: ProblemList): number {
  if (seconds !== undefined) return seconds;
  return problems.fail({
    where: `${path}:1`,
    given: "tokens without the time that one takes",
    allowed: "secondsPerToken, a number greater than 0",
    fix: "give it, e.g. --seconds-per-token 0.05, or secondsPerToken: 0.05 among the scenario's jobs",
  });
}

function readRows(table: CsvTable, time: string, timeMs: number, length: Length, problems: ProblemList): JobArrival[] {
  let last = 0;
  return table.rows.flatMap((row) => {
    const at = numberIn(row, time, { min: 0 }, problems);
    const seconds = length(row, problems);
    if (at === undefined || seconds === undefined) return [];
    const atMs = Math.round(at * timeMs);
    if (atMs < last) {
      problems.add({
        where: row.where,
        given: `${time} is ${at}, earlier than the row before`,
        allowed: "rows in the order of time",
        fix: "sort the rows by time",
      });
    }
    last = Math.max(last, atMs);
    return [{ atMs, workMs: Math.round(seconds * 1000) }];
  });
}

/** The part of a file that begins at `startMs`, from 0 on; it ends with its last job. */
function from(startMs: number, table: CsvTable, all: readonly JobArrival[], problems: ProblemList): JobArrivals {
  const arrivals = all.filter(({ atMs }) => atMs >= startMs).map((each) => ({ ...each, atMs: each.atMs - startMs }));
  const end = arrivals.at(-1)?.atMs;
  if (end === undefined) {
    return problems.fail({
      where: table.path,
      given: `no job from hour ${startMs / HOUR_MS} on`,
      allowed: `a start before hour ${Math.ceil((all.at(-1)?.atMs ?? 0) / HOUR_MS)}`,
      fix: "begin earlier in the file",
    });
  }
  const source = `${table.name}${startMs === 0 ? "" : ` from hour ${startMs / HOUR_MS}`}, as recorded`;
  return { source, durationMs: end + 1, arrivals };
}
