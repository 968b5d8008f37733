/**
 * Metric math as text: numbers, ids of queries, operators, lists and calls.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */

export const OPERATORS = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "^"] as const;

export type Operator = (typeof OPERATORS)[number];

export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  /** A query by its id, or a word such as REPEAT. */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "negation"; readonly of: Expression }
  | {
      readonly kind: "operation";
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "call"; readonly name: string; readonly items: readonly Expression[] };

/** Those that bind more tightly are higher. */
const BINDING: Readonly<Record<Operator, number>> = {
  "||": 1,
  "&&": 2,
  "==": 3,
  "!=": 3,
  "<": 4,
  "<=": 4,
  ">": 4,
  ">=": 4,
  "+": 5,
  "-": 5,
  "*": 6,
  "/": 6,
  "^": 8,
};
const NEGATION = 7;

const WORDS: Readonly<Record<string, Operator>> = { AND: "&&", OR: "||" };

const TOKEN = /\s*(?:(\d+(?:\.\d+)?|\.\d+)|([A-Za-z]\w*)|"([^"]*)"|'([^']*)'|(\|\||&&|[=!<>]=|[-<>+*/^()[\],]))/y;

interface Token {
  readonly kind: "number" | "name" | "text" | "sign" | "end";
  readonly value: string;
}

/** Throws where the text isn't metric math. */
export function parseExpression(source: string): Expression {
  return new Parser(source).whole();
}

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(private readonly source: string) {
    this.tokens = tokensOf(source);
  }

  whole(): Expression {
    const expression = this.expression(0);
    this.expect("end", "");
    return expression;
  }

  /** What binds at least so tightly. */
  private expression(least: number): Expression {
    let left = this.operand();
    for (;;) {
      const operator = this.operator();
      if (operator === undefined || BINDING[operator] < least) return left;
      this.at++;
      left = { kind: "operation", operator, left, right: this.expression(BINDING[operator] + 1) };
    }
  }

  private operator(): Operator | undefined {
    const { kind, value } = this.next;
    if (kind === "name") return WORDS[value];
    return kind === "sign" ? OPERATORS.find((each) => each === value) : undefined;
  }

  private operand(): Expression {
    const token = this.next;
    this.at++;
    if (token.kind === "number") return { kind: "number", value: Number(token.value) };
    if (token.kind === "text") return { kind: "text", value: token.value };
    if (token.kind === "name") return this.named(token.value);
    if (token.value === "-") return { kind: "negation", of: this.expression(NEGATION) };
    if (token.value === "[") return { kind: "list", items: this.itemsUntil("]") };
    if (token.value === "(") {
      const inner = this.expression(0);
      this.expect("sign", ")");
      return inner;
    }
    throw this.problem(token);
  }

  private named(name: string): Expression {
    if (this.next.value !== "(" || this.next.kind !== "sign") return { kind: "name", name };
    this.at++;
    return { kind: "call", name, items: this.itemsUntil(")") };
  }

  private itemsUntil(end: string): Expression[] {
    const items: Expression[] = [];
    while (!(this.next.kind === "sign" && this.next.value === end)) {
      if (items.length > 0) this.expect("sign", ",");
      items.push(this.expression(0));
    }
    this.at++;
    return items;
  }

  private get next(): Token {
    return this.tokens[this.at]!;
  }

  private expect(kind: Token["kind"], value: string): void {
    const token = this.next;
    if (token.kind !== kind || token.value !== value) throw this.problem(token);
    this.at++;
  }

  private problem({ kind, value }: Token): Error {
    return new Error(`metric math ${this.source}: unexpected ${kind === "end" ? "end" : value}`);
  }
}

function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  for (let rest = source.trimEnd(); pattern.lastIndex < rest.length;) {
    const from = pattern.lastIndex;
    const found = pattern.exec(rest);
    if (found === null) throw new Error(`metric math ${source}: unexpected ${rest.slice(from).trim()}`);
    const [, number, name, double, single, sign] = found;
    if (number !== undefined) tokens.push({ kind: "number", value: number });
    else if (name !== undefined) tokens.push({ kind: "name", value: name });
    else if (sign !== undefined) tokens.push({ kind: "sign", value: sign });
    else tokens.push({ kind: "text", value: double ?? single! });
  }
  return [...tokens, { kind: "end", value: "" }];
}
