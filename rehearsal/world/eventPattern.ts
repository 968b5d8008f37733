/** EventBridge's event patterns. */

export type EventPattern = Readonly<Record<string, unknown>>;

type Test = (value: unknown, operand: unknown) => boolean;

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** `["<", 5]`, `[">=", 1, "<", 10]` */
const inRange: Test = (value, operand) => {
  if (typeof value !== "number") return false;
  const parts = asList(operand);
  for (let index = 0; index < parts.length; index += 2) {
    if (!compares(value, parts[index], Number(parts[index + 1]))) return false;
  }
  return true;
};

function compares(value: number, operator: unknown, bound: number): boolean {
  switch (operator) {
    case "<":
      return value < bound;
    case "<=":
      return value <= bound;
    case ">":
      return value > bound;
    case ">=":
      return value >= bound;
    case "=":
      return value === bound;
    default:
      throw new Error(`event pattern comparison ${String(operator)}: <, <=, =, >= and > are`);
  }
}

const wildcard: Test = (value, operand) => {
  const expression = String(operand)
    .replace(/[.+?^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*");
  return text(value) !== undefined && new RegExp(`^${expression}$`).test(value as string);
};

const TESTS: Readonly<Record<string, Test>> = {
  prefix: (value, operand) => text(value)?.startsWith(String(operand)) === true,
  suffix: (value, operand) => text(value)?.endsWith(String(operand)) === true,
  "equals-ignore-case": (value, operand) => text(value)?.toLowerCase() === String(operand).toLowerCase(),
  wildcard,
  numeric: inRange,
  exists: (value, operand) => (value !== undefined) === operand,
  "anything-but": (value, operand) =>
    value !== undefined && !asList(operand).some((excluded) => matchesFilter(excluded, value)),
};

/**
 * Whether an event matches a pattern: lists of values and filters, nested objects, `$or`.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
 */
export function matches(pattern: EventPattern, event: EventPattern): boolean {
  for (const key in pattern) {
    const wanted = pattern[key];
    if (key === "$or") {
      if (!(wanted as EventPattern[]).some((each) => matches(each, event))) return false;
    } else if (!matchesValue(wanted, event[key])) return false;
  }
  return true;
}

function matchesValue(wanted: unknown, value: unknown): boolean {
  if (Array.isArray(wanted)) return wanted.some((filter) => matchesAny(filter, value));
  return matches(wanted as EventPattern, (typeof value === "object" && value !== null ? value : {}) as EventPattern);
}

/** A list in an event matches where one of its items does. */
function matchesAny(filter: unknown, value: unknown): boolean {
  return Array.isArray(value) ? value.some((each) => matchesFilter(filter, each)) : matchesFilter(filter, value);
}

function matchesFilter(filter: unknown, value: unknown): boolean {
  if (typeof filter !== "object" || filter === null) return filter === value;
  return Object.entries(filter).every(([name, operand]) => TESTS[name]!(value, operand));
}

/** Throws where a pattern asks for what isn't modelled, or isn't a pattern. */
export function checkPattern(pattern: unknown, where: string): void {
  if (typeof pattern !== "object" || pattern === null)
    throw new Error(`${where}: ${JSON.stringify(pattern)} is no event pattern`);
  for (const [key, wanted] of Object.entries(pattern)) {
    if (key === "$or") for (const each of asList(wanted)) checkPattern(each, where);
    else if (Array.isArray(wanted)) for (const filter of wanted) checkFilter(filter, `${where}, ${key}`);
    else checkPattern(wanted, `${where}, ${key}`);
  }
}

function checkFilter(filter: unknown, where: string): void {
  if (typeof filter !== "object" || filter === null) return;
  for (const [name, operand] of Object.entries(filter)) {
    if (!(name in TESTS)) {
      throw new Error(
        `${where}: the event pattern filter ${name} is not modelled: ${Object.keys(TESTS).join(", ")} are`,
      );
    }
    if (name === "anything-but") for (const excluded of asList(operand)) checkFilter(excluded, where);
  }
}
