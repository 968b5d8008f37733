/** IAM as far as a call is allowed or not: actions, resources and the common condition operators. */

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Conditions>>;
}

type Conditions = Readonly<Record<string, string | boolean | readonly string[]>>;

/** Condition keys, e.g. `ecs:cluster`, `aws:ResourceTag/team`; `aws:TagKeys` has several values. */
export type ConditionContext = Readonly<Record<string, string | readonly string[]>>;

/** A call as IAM sees it. */
export interface Request {
  /** `service:Action` */
  readonly action: string;
  /** ARNs the call touches; `*` where the action has no resource type. Every one must be allowed. */
  readonly resources: readonly ResourceInRequest[];
}

export interface ResourceInRequest {
  readonly arn: string;
  readonly context: ConditionContext;
}

/** What every request says of itself: the SDK's come over TLS. */
const OF_EVERY_REQUEST: ConditionContext = { "aws:SecureTransport": "true" };

const list = (value: string | boolean | readonly string[]): readonly string[] =>
  typeof value === "object" ? value : [String(value)];

const patterns = new Map<string, RegExp>();

/** IAM's wildcards: `*` any run, `?` one character. */
function wild(pattern: string, text: string, flags = ""): boolean {
  if (pattern === "*" || pattern === text) return true;
  const key = flags + pattern;
  let compiled = patterns.get(key);
  if (compiled === undefined) {
    const expression = pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    compiled = new RegExp(`^${expression}$`, flags);
    patterns.set(key, compiled);
  }
  return compiled.test(text);
}

/** By action, which statements speak of it: the same few actions are asked for again and again. */
const speaking = new WeakMap<readonly Statement[], Map<string, readonly Statement[]>>();

function statementsOn(action: string, statements: readonly Statement[]): readonly Statement[] {
  const byAction = speaking.get(statements) ?? new Map<string, readonly Statement[]>();
  speaking.set(statements, byAction);
  let known = byAction.get(action);
  if (known === undefined) {
    known = statements.filter(({ Action }) => list(Action).some((pattern) => wild(pattern, action, "i")));
    byAction.set(action, known);
  }
  return known;
}

/** Allowed by one statement and denied by none, for every resource. */
export function isAllowed(statements: readonly Statement[], { action, resources }: Request): boolean {
  const speakingOf = statementsOn(action, statements);
  return resources.every((resource) => {
    const applying = speakingOf.filter((statement) => applies(statement, resource));
    return applying.some(({ Effect }) => Effect === "Allow") && !applying.some(({ Effect }) => Effect === "Deny");
  });
}

function applies({ Resource, Condition = {} }: Statement, { arn, context }: ResourceInRequest): boolean {
  return (
    list(Resource).some((pattern) => wild(pattern, arn)) &&
    Object.entries(Condition).every(([operator, keys]) => holds(operator, keys, context))
  );
}

type Test = (value: string, wanted: readonly string[]) => boolean;

const isOneOf: Test = (value, wanted) => wanted.includes(value);
const isLikeOne: Test = (value, wanted) => wanted.some((pattern) => wild(pattern, value));

/** ArnEquals and ArnLike behave alike. */
const OPERATORS: Readonly<Record<string, { readonly test: Test; readonly negated: boolean }>> = {
  StringEquals: { test: isOneOf, negated: false },
  StringNotEquals: { test: isOneOf, negated: true },
  StringLike: { test: isLikeOne, negated: false },
  StringNotLike: { test: isLikeOne, negated: true },
  ArnEquals: { test: isLikeOne, negated: false },
  ArnNotEquals: { test: isLikeOne, negated: true },
  ArnLike: { test: isLikeOne, negated: false },
  ArnNotLike: { test: isLikeOne, negated: true },
  Bool: { test: (value, wanted) => wanted.some((each) => each.toLowerCase() === value), negated: false },
};

/** A key that the request doesn't have fails a condition, unless it is negated, says IfExists, or asks for just that. */
function holds(operator: string, keys: Conditions, context: ConditionContext): boolean {
  return Object.entries(keys).every(([key, given]) => {
    const value = context[key] ?? OF_EVERY_REQUEST[key];
    if (operator === "Null") return list(given).includes(String(value === undefined));
    const [, quantifier, name] = QUANTIFIED.exec(operator)!;
    const { test, negated } = operatorNamed(name!);
    const passes = (each: string): boolean => test(each, list(given)) !== negated;
    const values = value === undefined ? [] : list(value);
    if (quantifier === "ForAllValues:") return values.every(passes);
    if (quantifier === "ForAnyValue:") return values.some(passes);
    if (value === undefined) return negated || operator.endsWith("IfExists");
    return values.some(passes);
  });
}

/** ForAllValues also holds where there is no value. */
const QUANTIFIED = /^(ForAllValues:|ForAnyValue:)?(.*)$/;

function operatorNamed(operator: string) {
  const known = OPERATORS[operator.replace(/IfExists$/, "")];
  if (known !== undefined) return known;
  throw new Error(
    `IAM condition operator ${operator} is not modelled: Null and ${Object.keys(OPERATORS).join(", ")} are`,
  );
}

/** Throws where a statement says what isn't modelled. */
export function checkStatement(statement: Readonly<Record<string, unknown>>, where: string): void {
  for (const member of ["NotAction", "NotResource", "NotPrincipal"]) {
    if (member in statement)
      throw new Error(`${where}: ${member} is not modelled; write Action, Resource and Principal`);
  }
  for (const operator of Object.keys(statement.Condition ?? {})) {
    if (operator !== "Null") operatorNamed(QUANTIFIED.exec(operator)![2]!);
  }
}
