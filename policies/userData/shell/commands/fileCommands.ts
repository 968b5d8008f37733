import { posix } from "node:path";
import { ECS_CONFIG, IMAGE_CONFIG } from "../../agentFiles";
import { isPattern, markUnknown, mayBe, pathsLike, print, readFile, resolvePath, writeFile } from "../files";
import { optionsOf } from "../options";
import type { Invocation, Outcome, Shell } from "../shell";
import type { Runners } from "./runner";

export const FILE_COMMANDS: Runners = { cp: copy, mv: copy, install: copy, ln: link, rm: remove, truncate, mktemp, cd };

/** `cp`, `mv` and `install`. */
function copy(shell: Shell, { words, place }: Invocation): Outcome {
  const [command = ""] = words;
  const { flags, operands } = optionsOf(words.slice(1), ["t", "m", "mode", "o", "g", "S"]);
  if (command === "install" && flags.has("d")) return "likely";
  const into = flags.get("t") ?? flags.get("target-directory");
  const sources = into === undefined ? operands.slice(0, -1) : operands;
  const target = resolvePath(shell, into ?? operands.at(-1) ?? "");
  for (const source of sources) copyOne(shell, source, target, place);
  if (command === "mv") for (const source of sources) forget(shell, resolvePath(shell, source), place);
  return "likely";
}

function copyOne(shell: Shell, source: string, target: string, place: string): void {
  if (!isFolder(shell, target)) {
    writeFile(shell, target, readFile(shell, source, place), place);
    return;
  }
  const isOneFile = !isPattern(source) && !/(?:^|\/)\.?$/.test(source);
  if (isOneFile) writeFile(shell, posix.join(target, posix.basename(source)), readFile(shell, source, place), place);
  else
    for (const path of [ECS_CONFIG, IMAGE_CONFIG])
      if (posix.dirname(path) === target.replace(/(?<=.)\/$/, "")) markUnknown(shell, path, place);
}

function isFolder(shell: Shell, path: string): boolean {
  if (path.endsWith("/") || path === ".") return true;
  return [ECS_CONFIG, IMAGE_CONFIG, ...shell.state.files.keys()].some((file) => file.startsWith(`${path}/`));
}

function forget(shell: Shell, path: string, place: string): void {
  for (const each of pathsLike(shell, path)) {
    if (path !== each && /[\ue000-\uf8ff]/.test(path)) markUnknown(shell, each, place);
    else if (each === ECS_CONFIG) shell.state.files.set(each, "");
    else shell.state.files.delete(each);
  }
}

function link(shell: Shell, { words, place }: Invocation): Outcome {
  const target = resolvePath(shell, optionsOf(words.slice(1)).operands.at(-1) ?? "");
  if (mayBe(target, ECS_CONFIG)) markUnknown(shell, ECS_CONFIG, place);
  return "likely";
}

function remove(shell: Shell, { words, place }: Invocation): Outcome {
  for (const operand of optionsOf(words.slice(1)).operands) {
    const path = resolvePath(shell, operand);
    forget(shell, path, place);
    // All of a folder goes with it.
    for (const file of [...shell.state.files.keys()])
      if (file.startsWith(`${path.replace(/\/$/, "")}/`)) forget(shell, file, place);
  }
  return "likely";
}

function truncate(shell: Shell, { words, place }: Invocation): Outcome {
  const { flags, operands } = optionsOf(words.slice(1), ["s", "size", "r", "reference"]);
  const size = flags.get("s") ?? flags.get("size");
  for (const path of operands) writeFile(shell, path, size === "0" ? "" : shell.marks.unknown(place), place);
  return "likely";
}

/** A new file of its own. */
function mktemp(shell: Shell, { io, place }: Invocation): Outcome {
  const path = `/tmp/tmp.${shell.pipes++}`;
  writeFile(shell, path, "", place);
  print(shell, io, `${path}\n`);
  return "likely";
}

function cd(shell: Shell, { words, place }: Invocation): Outcome {
  const [path = "~"] = optionsOf(words.slice(1)).operands;
  shell.state.directory = path === "-" ? shell.marks.unknown(place) : resolvePath(shell, path);
  return "likely";
}
