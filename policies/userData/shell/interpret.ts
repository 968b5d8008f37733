import { parse, type ParsedScript } from "unbash";
import { hasMark } from "../marks";
import { markAgentUnknown } from "./files";
import type { Frame } from "./frame";
import { captured, DISCARDED, type Io, inFrame, nestedFrame, type Outcome, placeIn, type Shell } from "./shell";

/** Runs a script's text in this shell. */
export function interpret(shell: Shell, frame: Frame, io: Io): Outcome {
  return shell.budget.nested(() => {
    shell.budget.spend(frame.source.length);
    return inFrame(shell, frame, () => runParsed(shell, parse(frame.source), io));
  });
}

/** Text that a command hands to a shell. Where all of it is unknown, so is what it does. */
export function interpretText(shell: Shell, text: string, pos: number, place: string, io: Io): Outcome {
  if (!hasMark(text.trim().charAt(0))) return interpret(shell, nestedFrame(shell, pos, text), io);
  markAgentUnknown(shell, place);
  return "likely";
}

/** What `$(…)` gives: the output, without the line ends at its end. */
export function substituted(
  shell: Shell,
  script: ParsedScript | undefined,
  part: { pos: number; end: number },
): string {
  if (script === undefined) return shell.marks.unknown(`${placeIn(shell, part)} can't be read`);
  const run = (out: string) => runParsed(shell, script, { stdin: "", out });
  const text = shell.budget.nested(() =>
    captured(shell, (out) =>
      script.source === undefined
        ? run(out)
        : inFrame(shell, nestedFrame(shell, part.pos, script.source), () => run(out)),
    ),
  );
  return text.replace(/\n+$/, "");
}

/** A shell runs what comes before a mistake in its syntax. */
function runParsed(shell: Shell, script: ParsedScript, io: Io): Outcome {
  const outcome = shell.runStatements(shell, script.commands, io);
  const [error] = script.errors ?? [];
  if (error === undefined) return outcome;
  const end = shell.frame.source.indexOf("\n", error.pos);
  const node = { pos: error.pos, end: end < 0 ? shell.frame.source.length : end };
  markAgentUnknown(shell, `${placeIn(shell, node)}, where its syntax is wrong`);
  return "unknown";
}

export const NO_IO: Io = { stdin: "", out: DISCARDED };
