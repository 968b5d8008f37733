/** Metric math, as CloudWatch takes it in alarms, and so Application Auto Scaling in target tracking.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html */
import { valuesAt, type Props } from "../resourceType";

const MOST_METRICS = 10;

/** What has to be told of each metric itself. */
export interface QueryForm {
  /** Paths that a query of a metric must have. */
  readonly required: readonly string[];
  /** Whether a query's data is the answer where nothing is said. */
  readonly returnsData: boolean;
}

/** Why it is refused; undefined where it isn't. */
export function refusesQueries(queries: readonly Props[], { required, returnsData }: QueryForm): string | undefined {
  const ids = queries.map(({ id }) => String(id));
  const expressions = valuesAt(queries, "expression").map(String);
  const metrics = queries.filter(({ expression }) => expression === undefined);
  const missing = metrics.flatMap((query) => required.filter((path) => valuesAt(query, path).length === 0));
  const answers = queries.filter(({ returnData = returnsData }) => returnData === true);
  const problems: readonly (readonly [boolean, string])[] = [
    [ids.some((id) => !/^[a-z][a-zA-Z0-9_]*$/.test(id)), "an id must begin with a small letter"],
    [new Set(ids).size < ids.length, "ids must be unique"],
    [metrics.length > MOST_METRICS, `more than ${MOST_METRICS} metrics`],
    [missing.length > 0, `${missing[0]} is missing`],
    [answers.length !== 1, "exactly one element must return data"],
    ...expressions.map((text) => [namesIn(text).some((name) => !ids.includes(name)), `unknown id in ${text}`] as const),
  ];
  const found = problems.find(([isSo]) => isSo);
  return found && `ValidationError: Invalid metrics list: ${found[1]}.`;
}

/** Functions are in capitals; what is in quotation marks isn't an id. */
const namesIn = (expression: string): string[] =>
  expression.replace(/"[^"]*"/g, "").match(/\b[a-z][a-zA-Z0-9_]*/g) ?? [];
