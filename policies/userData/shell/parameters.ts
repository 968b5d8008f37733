import type * as ast from "unbash";
import { hasMark } from "../marks";
import { globPattern, matches, replace } from "./patterns";
import { placeIn, type Shell } from "./shell";

type ToText = (word: ast.Word) => string;

/** `$X` and `${X…}`. A variable that the script hasn't set has no known value: it may be a template's placeholder. */
export function expandParameter(
  shell: Shell,
  part: ast.SimpleExpansionPart | ast.ParameterExpansionPart,
  toText: ToText,
): string {
  const text = part.type === "SimpleExpansion" ? valueOf(shell, part.text.slice(1)) : expanded(shell, part, toText);
  return text ?? shell.marks.unknown(`${placeIn(shell, part)} has no known value`);
}

function expanded(shell: Shell, part: ast.ParameterExpansionPart, toText: ToText): string | undefined {
  const { parameter, prefix, operation, index } = part;
  if (prefix === "!" || index !== undefined) return undefined;
  const value = valueOf(shell, parameter);
  if (operation?.type === "Default") return withDefault(shell, part, operation, value, toText);
  if (value === undefined || hasMark(value)) return value;
  if (prefix === "#") return String(value.length);
  return operation === undefined ? value : operated(shell, operation, value, toText);
}

function valueOf({ state }: Shell, name: string): string | undefined {
  if (/^[1-9]\d?$/.test(name)) return state.positional[Number(name) - 1];
  if (name === "@" || name === "*") return state.positional.join(" ");
  if (name === "#") return String(state.positional.length);
  return state.variables.get(name);
}

function withDefault(
  shell: Shell,
  { parameter }: ast.ParameterExpansionPart,
  { operator, operand }: ast.ParameterDefaultOperation,
  value: string | undefined,
  toText: ToText,
): string | undefined {
  const isSet = value !== undefined && (value !== "" || !operator.startsWith(":"));
  if (operator.endsWith("+")) return isSet ? toText(operand) : "";
  if (isSet) return value;
  if (operator.endsWith("?") || fromOutside(parameter)) return undefined;
  const text = toText(operand);
  if (operator.endsWith("=")) shell.state.variables.set(parameter, text);
  return text;
}

/** What cloud-init's environment may have. */
function fromOutside(name: string): boolean {
  return (
    !/^[A-Za-z_]\w*$/.test(name) ||
    /^(?:PATH|HOME|USER|LOGNAME|SHELL|PWD|LANG|LC_\w+|TERM|HOSTNAME|INSTANCE_ID)$/.test(name)
  );
}

function operated(shell: Shell, operation: ast.ParameterOperation, value: string, toText: ToText): string | undefined {
  switch (operation.type) {
    case "Remove":
      return removed(shell, value, operation.operator, toText(operation.operand));
    case "Replace":
      return replaced(shell, value, operation, toText);
    case "CaseModification":
      return operation.operand === undefined ? inCase(value, operation.operator) : undefined;
    case "Slice":
      return sliced(value, toText(operation.offset), operation.length && toText(operation.length));
    case "Default":
    case "Transform":
    case "Names":
    case "Unknown":
      return undefined;
  }
}

function removed(shell: Shell, value: string, operator: string, glob: string): string | undefined {
  if (hasMark(glob)) return undefined;
  const pattern = globPattern(glob);
  const lengths = Array.from({ length: value.length + 1 }, (_, i) => i);
  if (operator.length === 2) lengths.reverse();
  const atStart = operator.startsWith("#");
  for (const length of lengths) {
    const candidate = atStart ? value.slice(0, length) : value.slice(value.length - length);
    if (!matches(pattern, candidate, shell.budget)) continue;
    return atStart ? value.slice(length) : value.slice(0, value.length - length);
  }
  return value;
}

function replaced(
  shell: Shell,
  value: string,
  { operator, pattern, replacement }: ast.ParameterReplaceOperation,
  toText: ToText,
): string | undefined {
  const glob = toText(pattern);
  if (hasMark(glob) || glob === "") return undefined;
  const inside = globPattern(glob).source.slice(1, -1);
  const source = `${operator === "/#" ? "^" : ""}${inside}${operator === "/%" ? "$" : ""}`;
  const text = toText(replacement);
  return replace({ source, flags: operator === "//" ? "g" : "" }, value, () => text, shell.budget);
}

function inCase(value: string, operator: "^" | "^^" | "," | ",,"): string {
  const change = (text: string) => (operator.startsWith("^") ? text.toUpperCase() : text.toLowerCase());
  return operator.length === 2 ? change(value) : change(value.slice(0, 1)) + value.slice(1);
}

function sliced(value: string, offset: string, length: string | undefined): string | undefined {
  if (![offset, length ?? "0"].every((text) => /^\s*-?\d+\s*$/.test(text))) return undefined;
  const from = Number(offset) < 0 ? Math.max(value.length + Number(offset), 0) : Number(offset);
  if (length === undefined) return value.slice(from);
  return Number(length) < 0 ? value.slice(from, Number(length)) : value.slice(from, from + Number(length));
}
