import type * as ast from "unbash";
import { ECS_CONFIG } from "../agentFiles";
import { hasMark } from "../marks";
import { isPattern, resolvePath } from "./files";
import { globPattern, matches } from "./patterns";
import type { Outcome, Shell } from "./shell";
import { expandText } from "./words";

/** `[ … ]` and `test …`. */
export function testOf(shell: Shell, args: readonly string[]): Outcome {
  const [first = "", second = "", third = "", ...others] = args;
  if (first === "!" && args.length > 1) return negated(testOf(shell, args.slice(1)));
  if (args.length === 1) return unary(shell, "-n", first);
  if (args.length === 2) return unary(shell, first, second);
  return args.length === 3 && others.length === 0 ? binary(shell, second, first, third) : "unknown";
}

/** `[[ … ]]`. */
export function testExpression(shell: Shell, expression: ast.TestExpression): Outcome {
  switch (expression.type) {
    case "TestUnary":
      return unary(shell, expression.operator, expandText(shell, expression.operand));
    case "TestBinary": {
      const [left, right] = [expandText(shell, expression.left), expandText(shell, expression.right)];
      const isGlob = expression.right.parts?.some(({ type }) => type === "Glob" || type === "ExtendedGlob") ?? false;
      return binary(shell, expression.operator, left, right, isGlob);
    }
    case "TestLogical": {
      const outcomes = expression.operands.map((operand) => testExpression(shell, operand));
      const decisive = expression.operator === "&&" ? "failure" : "success";
      if (outcomes.includes(decisive)) return decisive;
      return outcomes.includes("unknown") ? "unknown" : negated(decisive);
    }
    case "TestNot":
      return expression.negations.reduce(negated, testExpression(shell, expression.operand));
    case "TestGroup":
      return testExpression(shell, expression.expression);
  }
}

export function negated(outcome: Outcome): Outcome {
  if (outcome === "success") return "failure";
  return outcome === "failure" ? "success" : "unknown";
}

function unary(shell: Shell, operator: string, operand: string): Outcome {
  if (operator === "-z" || operator === "-n") {
    return hasMark(operand) ? "unknown" : outcomeOf((operand === "") === (operator === "-z"));
  }
  return /^-[efs]$/.test(operator) ? fileTest(shell, operator, operand) : "unknown";
}

/** The image may have the agent's file, with or without lines, and any other that nothing here has written. */
function fileTest(shell: Shell, operator: string, operand: string): Outcome {
  const path = resolvePath(shell, operand);
  const text = isPattern(path) ? undefined : shell.state.files.get(path);
  if (text === undefined || (path === ECS_CONFIG && text === "")) return "unknown";
  if (operator !== "-s") return "success";
  return hasMark(text) ? "unknown" : outcomeOf(text !== "");
}

const NUMERIC: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "-eq": (a, b) => a === b,
  "-ne": (a, b) => a !== b,
  "-lt": (a, b) => a < b,
  "-le": (a, b) => a <= b,
  "-gt": (a, b) => a > b,
  "-ge": (a, b) => a >= b,
};

function binary(shell: Shell, operator: string, left: string, right: string, isGlob = false): Outcome {
  if (hasMark(left) || hasMark(right)) return "unknown";
  if (operator === "=" || operator === "==" || operator === "!=") {
    const isEqual = isGlob ? matches(globPattern(right), left, shell.budget) : left === right;
    return outcomeOf(isEqual === (operator !== "!="));
  }
  const compare = NUMERIC[operator];
  if (compare === undefined || ![left, right].every((text) => /^-?\d{1,15}$/.test(text))) return "unknown";
  return outcomeOf(compare(Number(left), Number(right)));
}

function outcomeOf(holds: boolean): Outcome {
  return holds ? "success" : "failure";
}
