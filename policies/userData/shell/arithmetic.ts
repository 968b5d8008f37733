import type * as ast from "unbash";
import type { Shell } from "./shell";

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => Math.trunc(a / b),
  "%": (a, b) => a % b,
};

/** A sum of known numbers; nothing where it is more than that. */
export function arithmetic(shell: Shell, { expression }: ast.ArithmeticExpansionPart): string | undefined {
  const value = expression && valueOf(shell, expression);
  return value !== undefined && Number.isSafeInteger(value) ? String(value) : undefined;
}

function valueOf(shell: Shell, expression: ast.ArithmeticExpression): number | undefined {
  switch (expression.type) {
    case "ArithmeticWord":
      return numberIn(shell, expression.value);
    case "ArithmeticGroup":
      return valueOf(shell, expression.expression);
    case "ArithmeticBinary": {
      const [left, right] = [valueOf(shell, expression.left), valueOf(shell, expression.right)];
      return left === undefined || right === undefined ? undefined : OPERATORS[expression.operator]?.(left, right);
    }
    case "ArithmeticUnary":
    case "ArithmeticTernary":
    case "ArithmeticCommandExpansion":
      return undefined;
  }
}

function numberIn({ state }: Shell, text: string): number | undefined {
  const name = /^\$?\{?([A-Za-z_]\w*)\}?$/.exec(text)?.[1];
  const digits = name === undefined ? text : state.variables.get(name);
  // A leading zero would be octal.
  return digits !== undefined && /^(?:0|[1-9]\d{0,14})$/.test(digits) ? Number(digits) : undefined;
}
