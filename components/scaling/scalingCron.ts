/** The cron expressions of Application Auto Scaling, which are those of EventBridge.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html */

export interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words for the numbers from `min` on. */
  readonly words?: readonly string[];
  readonly wordsOnly?: boolean;
  /** What only this field may hold. */
  readonly special?: RegExp;
  /** What it may hold, in words. */
  readonly allowed: string;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const MINUTES: CronField = { name: "minutes", min: 0, max: 59, allowed: "0-59 , - * /" };
const HOURS: CronField = { name: "hours", min: 0, max: 23, allowed: "0-23 , - * /" };
const DAY_OF_MONTH: CronField = {
  name: "day of month",
  min: 1,
  max: 31,
  special: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/,
  allowed: "1-31 , - * ? / L W",
};
const MONTH: CronField = { name: "month", min: 1, max: 12, words: MONTHS, allowed: "1-12 or JAN-DEC , - * /" };
const DAY_OF_WEEK: CronField = {
  name: "day of week",
  min: 1,
  max: 7,
  words: DAYS,
  special: /^(\?|L|(SUN|MON|TUE|WED|THU|FRI|SAT)(L|#[1-5]))$/,
  // AWS's pages count the days from Sunday in one place and from Monday in another.
  wordsOnly: true,
  allowed: "SUN-SAT (numbers are ambiguous) , - * ? / L #",
};
const YEAR: CronField = { name: "year", min: 1970, max: 2199, allowed: "1970-2199 , - * /" };

export const CRON_FIELDS: readonly CronField[] = [MINUTES, HOURS, DAY_OF_MONTH, MONTH, DAY_OF_WEEK, YEAR];

/** What is wrong with an expression, without its `cron(…)`; undefined where nothing is. */
export function cronProblem(expression: string): string | undefined {
  const given = expression.trim().split(/\s+/);
  if (given.length !== CRON_FIELDS.length) {
    return `six fields: ${CRON_FIELDS.map(({ name }) => name).join(", ")}, e.g. 0 8 ? * MON-FRI *`;
  }
  const wrong = CRON_FIELDS.find((field, index) => !isField(field, given[index]!));
  if (wrong) return `a ${wrong.name} of ${wrong.allowed}`;
  if ((given[2] === "?") !== (given[4] === "?")) return undefined;
  return "? in one of day of month and day of week, and only in one";
}

function isField(field: CronField, text: string): boolean {
  return field.special?.test(text) === true || text.split(",").every((part) => isPart(field, part));
}

/** `*`, a value or a range, and how much of it to leave out. */
function isPart(field: CronField, part: string): boolean {
  const [range = "", step, ...more] = part.split("/");
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) return false;
  if (range === "*") return true;
  const [from = "", to, ...rest] = range.split("-");
  if (rest.length > 0) return false;
  const [first, last] = [cronValue(field, from), to === undefined ? field.max : cronValue(field, to)];
  return first !== undefined && last !== undefined && first <= last;
}

/** The number that a value stands for; undefined where the field has none such. */
export function cronValue({ min, max, words = [], wordsOnly = false }: CronField, text: string): number | undefined {
  const word = words.indexOf(text.toUpperCase());
  if (word >= 0 || wordsOnly) return word >= 0 ? min + word : undefined;
  const value = Number(text);
  return /^\d+$/.test(text) && value >= min && value <= max ? value : undefined;
}
