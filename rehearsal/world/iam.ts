/** IAM as far as a function's calls are allowed or not: actions, resources and the common condition operators. */

export interface Statement {
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A call as IAM sees it. */
export interface Request {
  /** `service:Action` */
  readonly action: string;
  /** ARNs the call touches; `*` where the action has no resource type. Every one must be allowed. */
  readonly resources: readonly ResourceInRequest[];
}

export interface ResourceInRequest {
  readonly arn: string;
  /** Condition keys, e.g. `ecs:cluster`, `aws:ResourceTag/team`. */
  readonly context: Readonly<Record<string, string>>;
}

const list = (value: string | readonly string[]): readonly string[] => (typeof value === "string" ? [value] : value);

const patterns = new Map<string, RegExp>();

/** IAM's wildcards: `*` any run, `?` one character. */
function wild(pattern: string, text: string, flags = ""): boolean {
  const key = flags + pattern;
  let compiled = patterns.get(key);
  if (compiled === undefined) {
    compiled = new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`,
      flags,
    );
    patterns.set(key, compiled);
  }
  return compiled.test(text);
}

export function isAllowed(statements: readonly Statement[], request: Request): boolean {
  return request.resources.every((resource) => {
    const applying = statements.filter((statement) => applies(statement, request.action, resource));
    return applying.some(({ Effect }) => Effect === "Allow") && !applying.some(({ Effect }) => Effect === "Deny");
  });
}

function applies(statement: Statement, action: string, resource: ResourceInRequest): boolean {
  return (
    list(statement.Action).some((pattern) => wild(pattern, action, "i")) &&
    list(statement.Resource).some((pattern) => wild(pattern, resource.arn)) &&
    Object.entries(statement.Condition ?? {}).every(([operator, keys]) => holds(operator, keys, resource.context))
  );
}

function holds(
  operator: string,
  keys: Readonly<Record<string, string | readonly string[]>>,
  context: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(keys).every(([key, wanted]) => {
    const value = context[key];
    if (value === undefined) return operator.endsWith("IfExists");
    switch (operator.replace("IfExists", "")) {
      case "StringEquals":
        return list(wanted).includes(value);
      case "StringNotEquals":
        return !list(wanted).includes(value);
      case "StringLike":
      case "ArnLike":
      case "ArnEquals":
        return list(wanted).some((pattern) => wild(pattern, value));
      default:
        throw new Error(`IAM condition operator ${operator} is not modelled`);
    }
  });
}
