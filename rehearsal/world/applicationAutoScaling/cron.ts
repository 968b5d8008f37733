/**
 * AWS's cron expressions of six fields: minutes, hours, day of month, month, day of week, year.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
 */
import { CRON_FIELDS, cronValue, type CronField } from "../../../components/scaling/scalingCron";
import { utcOf, wallClock } from "./timeZone";

const DAY_MS = 86_400_000;

/** A time is looked for so far ahead; no rehearsal is longer. */
const HORIZON_DAYS = 5 * 366;

/** The values that a field admits. */
type Values = readonly number[];

export class CronExpression {
  private readonly minutes: Values;
  private readonly hours: Values;
  private readonly days: ReadonlySet<number>;
  private readonly months: ReadonlySet<number>;
  private readonly weekdays: ReadonlySet<number>;
  private readonly years: ReadonlySet<number>;

  /** Throws what isn't an expression, or isn't modelled. */
  constructor(
    text: string,
    private readonly timeZone: string,
  ) {
    const given = text.trim().split(/\s+/);
    if (given.length !== CRON_FIELDS.length)
      throw new Error(`cron(${text}) has ${given.length} fields: six are allowed`);
    const [minutes, hours, days, months, weekdays, years] = CRON_FIELDS.map((field, index) =>
      read(given[index]!, field),
    );
    this.minutes = minutes!;
    this.hours = hours!;
    this.days = new Set(days);
    this.months = new Set(months);
    this.weekdays = new Set(weekdays);
    this.years = new Set(years);
    wallClock(0, timeZone);
  }

  /** The next time after `after`; undefined where there is none in the years to come. */
  next(after: number): number | undefined {
    const wall = wallClock(after, this.timeZone);
    const today = Math.floor(wall / DAY_MS) * DAY_MS;
    for (let day = today; day < today + HORIZON_DAYS * DAY_MS; day += DAY_MS) {
      if (!this.holdsOn(new Date(day))) continue;
      const found = this.firstOf(day, wall, after);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private holdsOn(day: Date): boolean {
    return (
      this.years.has(day.getUTCFullYear()) &&
      this.months.has(day.getUTCMonth() + 1) &&
      this.days.has(day.getUTCDate()) &&
      this.weekdays.has(day.getUTCDay() + 1)
    );
  }

  /** What the clocks have shown once is over, also where they show it again because they are put back. */
  private firstOf(day: number, shown: number, after: number): number | undefined {
    for (const hour of this.hours) {
      for (const minute of this.minutes) {
        const wall = day + (hour * 60 + minute) * 60_000;
        const utc = wall > shown ? utcOf(wall, this.timeZone) : undefined;
        if (utc !== undefined && utc > after) return utc;
      }
    }
    return undefined;
  }
}

function read(text: string, field: CronField): Values {
  const values = new Set<number>();
  for (const part of text.split(",")) for (const value of readPart(part, field)) values.add(value);
  return [...values].sort((a, b) => a - b);
}

/** `*`, `?`, a value, a range, each with a step or without: `8-17`, `MON-FRI`, `0/15`. */
function readPart(part: string, field: CronField): Values {
  const [, range, , step] = /^(\*|\?|\w+(-\w+)?)(?:\/(\d+))?$/.exec(part) ?? [];
  if (range === undefined) throw notModelled(part, field);
  const [first, last] = bounds(range, step !== undefined, field);
  const by = step === undefined ? 1 : Number(step);
  if (by === 0 || first > last) throw notModelled(part, field);
  return Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, index) => first + index * by);
}

function bounds(range: string, hasStep: boolean, field: CronField): readonly [first: number, last: number] {
  if (range === "*" || range === "?") return [field.min, field.max];
  const [first, last] = range.split("-").map((each) => valueOf(each, field));
  return [first!, last ?? (hasStep ? field.max : first!)];
}

function valueOf(text: string, field: CronField): number {
  const value = cronValue(field, text);
  if (value === undefined) throw notModelled(text, field);
  return value;
}

function notModelled(part: string, { name, min, max, words }: CronField): Error {
  const allowed = words === undefined ? `${min} to ${max}` : words.join(", ");
  return new Error(`cron: ${name} ${part} is not modelled: *, ?, ${allowed}, with ranges, lists and steps, are`);
}
