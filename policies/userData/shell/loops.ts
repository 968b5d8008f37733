import type * as ast from "unbash";
import { hasMark } from "../marks";
import { fork, type Io, type Outcome, placeIn, type Shell, until } from "./shell";
import { copyOf } from "./state";
import { expandFields } from "./words";

const MOST_ITEMS = 300;

export function runFor(shell: Shell, node: ast.For, io: Io): Outcome {
  const words = node.wordlist?.map((word) => ({ word, fields: expandFields(shell, word) }));
  const items = words?.flatMap(({ fields }) => fields) ?? shell.state.positional;
  const name = node.name.value;
  if (items.length > MOST_ITEMS || words?.some(({ word, fields }) => isOpen(word, fields)) === true) {
    shell.state.variables.set(name, shell.marks.unknown(`each of ${placeIn(shell, node)} is only known at boot`));
    return runUnknownTimes(shell, node, node.body, io);
  }
  until(shell, ["break"], `it depends on when ${placeIn(shell, node)} ends`, () => {
    for (const item of items) {
      if (shell.state.flow !== "running") return;
      shell.state.variables.set(name, item);
      shell.runStatements(shell, node.body.commands, io);
    }
  });
  return "likely";
}

/** Whether a word is a number of items that only the boot knows: files, or an unknown text that the shell cuts. */
function isOpen({ parts = [] }: ast.Word, fields: readonly string[]): boolean {
  const types = parts.map(({ type }) => type);
  if (types.includes("Glob") || types.includes("ExtendedGlob")) return true;
  return fields.some(hasMark) && types.some((type) => type.endsWith("Expansion"));
}

export function runWhile(shell: Shell, node: ast.While, io: Io): Outcome {
  const condition = shell.runStatements(shell, node.clause.commands, io);
  const goesOn = node.kind === "while" ? "success" : "failure";
  if (condition === (goesOn === "success" ? "failure" : "success")) return "success";
  return runUnknownTimes(shell, node, node.body, io, condition === goesOn);
}

/** Runs a loop's body so that what it leaves holds for any number of times. */
export function runUnknownTimes(
  shell: Shell,
  node: { readonly pos: number; readonly end: number },
  { commands }: ast.CompoundList,
  io: Io,
  atLeastOnce = false,
): Outcome {
  const reason = `it depends on how often ${placeIn(shell, node)} runs`;
  const body = () => {
    until(shell, ["break"], reason, () => void shell.runStatements(shell, commands, io));
  };
  forgetWhatChanges(shell, reason, body);
  fork(shell, reason, atLeastOnce ? [body] : [body, () => undefined]);
  return "likely";
}

/** A variable that the body sets has one value in its first turn and may have another later. */
function forgetWhatChanges(shell: Shell, reason: string, body: () => void): void {
  const { state, parked } = shell;
  shell.state = copyOf(state);
  shell.parked = [];
  body();
  const changed = [...shell.state.variables].filter(([name, text]) => state.variables.get(name) !== text);
  shell.state = copyOf(state);
  shell.parked = parked;
  for (const [name] of changed) {
    if (state.variables.has(name)) shell.state.variables.set(name, shell.marks.unknown(reason));
  }
}
