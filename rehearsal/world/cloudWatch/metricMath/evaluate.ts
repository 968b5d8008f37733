/**
 * What metric math makes of its queries' datapoints. A series has a place for every period, in which a datapoint may be
 * missing; what combines two series has a datapoint where both have one.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
import type { Expression, Operator } from "./expression";
import { aggregate, fill, type Fill } from "./functions";

export type Series = readonly (number | undefined)[];

export type Value = number | Series | { readonly list: readonly Series[] };

/** The queries that an expression may name. */
export interface Queries {
  readonly periods: number;
  /** Undefined where there is no query of this id. */
  valueOf(id: string): Value | undefined;
  /** The ids of those that are metrics, for METRICS(). */
  readonly metricIds: readonly string[];
}

const AS_NUMBER = (truth: boolean): number => (truth ? 1 : 0);

const APPLY: Readonly<Record<Operator, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "^": (left, right) => left ** right,
  "==": (left, right) => AS_NUMBER(left === right),
  "!=": (left, right) => AS_NUMBER(left !== right),
  "<": (left, right) => AS_NUMBER(left < right),
  "<=": (left, right) => AS_NUMBER(left <= right),
  ">": (left, right) => AS_NUMBER(left > right),
  ">=": (left, right) => AS_NUMBER(left >= right),
  "&&": (left, right) => AS_NUMBER(left !== 0 && right !== 0),
  "||": (left, right) => AS_NUMBER(left !== 0 || right !== 0),
};

/** Throws where it asks for what isn't modelled. */
export function evaluateExpression(expression: Expression, queries: Queries): Value {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "name":
      return named(expression.name, queries);
    case "negation":
      return combined([evaluateExpression(expression.of, queries)], ([value]) => -value!);
    case "operation": {
      const apply = APPLY[expression.operator];
      const sides = [expression.left, expression.right].map((side) => evaluateExpression(side, queries));
      return combined(sides, ([left, right]) => apply(left!, right!));
    }
    case "list":
      return {
        list: expression.items.flatMap((item) => {
          const value = evaluateExpression(item, queries);
          return isList(value) ? value.list : [seriesOf(value, queries.periods)];
        }),
      };
    case "call":
      return called(expression.name, expression.items, queries);
    case "text":
      throw new Error(`metric math: "${expression.value}" stands alone; a text is allowed in METRICS("…")`);
  }
}

type Call = (items: readonly Expression[], queries: Queries) => Value;

const each =
  (apply: (value: number) => number): Call =>
  (items, queries) =>
    combined([only(items, queries)], ([value]) => apply(value!));

const over =
  (name: keyof typeof aggregate): Call =>
  (items, queries) => {
    const value = only(items, queries);
    if (!isList(value)) throw new Error(`metric math: ${name} of one series is not modelled; of a list it is`);
    return periods(queries.periods, (at) =>
      aggregate[name](value.list.map((series) => series[at]).filter((point) => point !== undefined)),
    );
  };

const CALLS: Readonly<Record<string, Call>> = {
  ABS: each(Math.abs),
  CEIL: each(Math.ceil),
  FLOOR: each(Math.floor),
  AVG: over("AVG"),
  MAX: over("MAX"),
  MIN: over("MIN"),
  SUM: over("SUM"),
  FILL: ([of, by], queries) => {
    if (of === undefined || by === undefined) throw new Error("metric math: FILL takes what to fill and by what");
    const filling = fillOf(by, queries);
    const value = evaluateExpression(of, queries);
    if (isList(value)) return { list: value.list.map((series) => fill(series, filling)) };
    return fill(seriesOf(value, queries.periods), filling);
  },
  IF: (items, queries) => {
    if (items.length !== 3)
      throw new Error(`metric math: IF with ${items.length} arguments is not modelled; with 3 it is`);
    const [condition, whole, otherwise] = items.map((item) => evaluateExpression(item, queries));
    return chosen(condition!, whole!, otherwise!, queries.periods);
  },
  METRICS: ([part], queries) => {
    if (part !== undefined && part.kind !== "text") throw new Error("metric math: METRICS takes a text");
    const ids = queries.metricIds.filter((id) => id.includes(part?.value ?? ""));
    return { list: ids.map((id) => seriesOf(named(id, queries), queries.periods)) };
  },
};

/** What is modelled, for whoever says what isn't. */
export const FUNCTIONS = Object.keys(CALLS);

function called(name: string, items: readonly Expression[], queries: Queries): Value {
  const call = CALLS[name];
  if (call === undefined) throw new Error(`metric math: ${name} is not modelled; ${FUNCTIONS.join(", ")} are`);
  return call(items, queries);
}

function only(items: readonly Expression[], queries: Queries): Value {
  if (items.length !== 1) throw new Error(`metric math: ${items.length} arguments where one is allowed`);
  return evaluateExpression(items[0]!, queries);
}

function fillOf(by: Expression, queries: Queries): Fill {
  if (by.kind === "name" && by.name === "REPEAT") return "repeat";
  const value = evaluateExpression(by, queries);
  if (typeof value !== "number") throw new Error("metric math: FILL is modelled with a number or REPEAT");
  return value;
}

function named(name: string, queries: Queries): Value {
  const value = queries.valueOf(name);
  if (value === undefined) throw new Error(`metric math: no query has the id ${name}`);
  return value;
}

/** The condition decides for each period; what isn't chosen need not be there. */
function chosen(condition: Value, whole: Value, otherwise: Value, count: number): Value {
  const [conditions, wholes, otherwises] = [condition, whole, otherwise].map((value) => seriesOf(value, count));
  return periods(count, (at) => {
    const decides = conditions![at];
    if (decides === undefined) return undefined;
    return (decides !== 0 ? wholes! : otherwises!)[at];
  });
}

/** A number where all are numbers. */
function combined(values: readonly Value[], apply: (values: readonly number[]) => number): Value {
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length === values.length) return apply(numbers);
  const list = values.find(isList);
  if (list !== undefined && values.length === 1) {
    return { list: list.list.map((series) => combined([series], apply) as Series) };
  }
  const count = Math.max(...values.map((value) => (Array.isArray(value) ? value.length : 0)));
  const series = values.map((value) => seriesOf(value, count));
  return periods(count, (at) => {
    const points = series.map((one) => one[at]).filter((point) => point !== undefined);
    return points.length === series.length ? finite(apply(points)) : undefined;
  });
}

const periods = (count: number, point: (at: number) => number | undefined): Series =>
  Array.from({ length: count }, (_, at) => point(at));

/** What divides by zero has no datapoint. */
const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

const isList = (value: Value): value is { readonly list: readonly Series[] } =>
  typeof value === "object" && "list" in value;

export function seriesOf(value: Value, count: number): Series {
  if (typeof value === "number") return periods(count, () => finite(value));
  if (isList(value)) throw new Error("metric math: a list of series where one is allowed");
  return value;
}
