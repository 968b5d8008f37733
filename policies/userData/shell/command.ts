import type * as ast from "unbash";
import { type Io, type Invocation, type Outcome, placeIn, setOrUnset, type Shell } from "./shell";
import { print } from "./files";
import { redirected } from "./redirections";
import { expandFields, expandText } from "./words";

/**
 * A simple command: its words expanded, its redirections made, its assignments set for as long as it runs.
 * @param whole what a person is shown of it: the pipeline around it
 */
export function runCommand(shell: Shell, node: ast.Command, io: Io, whole: ast.SyntaxNode = node): Outcome {
  const assignments = node.prefix.filter((each) => each.type === "Assignment");
  const words = [
    ...(node.name === undefined ? [] : expandFields(shell, node.name)),
    ...node.args.flatMap((arg) => argument(shell, arg)),
  ];
  const values = assignments.map((assignment) => [assignment.name, assigned(shell, assignment)] as const);
  const own = redirected(shell, node.redirects, io);
  if (words.length === 0) {
    for (const [name, value] of values) shell.state.variables.set(name, value);
    // `$(<file)`
    if (node.redirects.length === 1 && node.redirects.some(isInput)) print(shell, own, own.stdin);
    return assignments.some(({ text }) => /\$\(|`/.test(text)) ? "likely" : "success";
  }
  const before = values.map(([name]) => [name, shell.state.variables.get(name)] as const);
  for (const [name, value] of values) shell.state.variables.set(name, value);
  const invocation: Invocation = { words, io: own, pos: node.pos, place: placeIn(shell, whole) };
  const outcome = shell.runWords(shell, invocation);
  for (const [name, value] of before) setOrUnset(shell, name, value);
  return outcome;
}

function isInput(redirection: ast.Redirection): boolean {
  return redirection.type === "Redirect" && redirection.operator === "<";
}

/** An assignment among the arguments, as of `export`, stays one word. */
function argument(shell: Shell, arg: ast.CommandArgument): string[] {
  if (arg.type === "Word") return expandFields(shell, arg);
  return [`${arg.name}=${assigned(shell, arg)}`];
}

function assigned(shell: Shell, { name, value, append, index, pos, end }: ast.Assignment): string {
  if (value.type === "ArrayValue" || index !== undefined) {
    return shell.marks.unknown(`${placeIn(shell, { pos, end })} is an array`);
  }
  const text = expandText(shell, value);
  const before = append === true ? (shell.state.variables.get(name) ?? "") : "";
  shell.budget.spend(before.length + text.length);
  return before + text;
}
