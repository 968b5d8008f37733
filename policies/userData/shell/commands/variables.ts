import { hasMark } from "../../marks";
import type { Invocation, Outcome, Shell } from "../shell";
import type { Runners } from "./runner";

export const VARIABLES: Runners = {
  export: declare,
  declare,
  typeset: declare,
  local: declare,
  readonly: declare,
  unset,
  read,
  mapfile: read,
  readarray: read,
  getopts: read,
  shift,
  set,
};

function declare(shell: Shell, { words }: Invocation): Outcome {
  for (const word of words.slice(1)) {
    const [name = "", ...value] = word.split("=");
    if (words[0] === "local") shell.locals.at(-1)?.push(name);
    if (value.length > 0 && !hasMark(name)) shell.state.variables.set(name, value.join("="));
  }
  return "success";
}

function unset(shell: Shell, { words }: Invocation): Outcome {
  for (const word of words.slice(1)) shell.state.variables.set(word, "");
  return "success";
}

function read(shell: Shell, { words, place }: Invocation): Outcome {
  const names = words.slice(1).filter((word) => /^[A-Za-z_]\w*$/.test(word));
  for (const name of names)
    shell.state.variables.set(name, shell.marks.unknown(`what ${place} reads is only known at boot`));
  return "unknown";
}

function shift(shell: Shell, { words }: Invocation): Outcome {
  shell.state.positional = shell.state.positional.slice(/^\d{1,4}$/.test(words[1] ?? "") ? Number(words[1]) : 1);
  return "likely";
}

/** Options change nothing here: a boot that fails midway isn't judged. */
function set(shell: Shell, { words }: Invocation): Outcome {
  const at = words.indexOf("--");
  if (at > 0) shell.state.positional = words.slice(at + 1);
  return "success";
}
