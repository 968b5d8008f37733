/** When a scheduled action is due: once, every so often, or by a cron expression. Times in milliseconds since the epoch. */
import { CronExpression } from "./cron";
import { utcOf } from "./timeZone";

export interface Schedule {
  /** The first time after `after`; undefined: never again. */
  next(after: number): number | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** `at(…)`, `rate(…)` from `from` on, or `cron(…)`. Throws what it doesn't know, saying what it does. */
export function readSchedule(expression: string, timeZone: string, from: number): Schedule {
  const [, kind, argument = ""] = /^(at|rate|cron)\((.*)\)$/.exec(expression) ?? [];
  if (kind === "cron") return new CronExpression(argument, timeZone);
  const due = kind === "rate" ? everySo(argument, from) : kind === "at" ? once(argument, timeZone) : undefined;
  if (due !== undefined) return due;
  throw new Error(
    `schedule ${expression} is not modelled: at(yyyy-mm-ddThh:mm:ss), rate(N minutes|hours|days) and cron(six fields) are`,
  );
}

function everySo(argument: string, from: number): Schedule | undefined {
  const [, amount, unit] = /^(\d+) (minute|hour|day)s?$/.exec(argument) ?? [];
  if (unit === undefined || Number(amount) === 0) return undefined;
  const period = Number(amount) * UNIT_MS[unit]!;
  return { next: (after) => from + Math.max(1, Math.floor((after - from) / period) + 1) * period };
}

function once(argument: string, timeZone: string): Schedule | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(argument)) return undefined;
  const utc = utcOf(Date.parse(`${argument}Z`), timeZone);
  return { next: (after) => (utc !== undefined && utc > after ? utc : undefined) };
}
