import { posix } from "node:path";
import { ECS_CONFIG } from "../agentFiles";
import { hasMark } from "../marks";
import type { Invocation, Io, Shell } from "./shell";

const HOME = "/root";

export function resolvePath(shell: Shell, text: string): string {
  const path = text === "~" || text.startsWith("~/") ? HOME + text.slice(1) : text;
  if (hasMark(path.charAt(0)) || path.startsWith("pipe:")) return path;
  return posix.normalize(posix.isAbsolute(path) ? path : posix.join(shell.state.directory, path));
}

/** Whether a path is one of several, as far as it is known. */
export function isPattern(path: string): boolean {
  return hasMark(path) || /[*?[\]]/.test(path);
}

/** Whether a path with unknown stretches can be this one. */
export function mayBe(pattern: string, path: string): boolean {
  if (!isPattern(pattern)) return pattern === path;
  const [start = "", ...others] = pattern.split(/(?:\[[^\]]*\]|[\ue000-\uf8ff*?[\]])+/);
  const end = others.pop() ?? "";
  if (!path.startsWith(start) || !path.slice(start.length).endsWith(end)) return false;
  let rest = path.slice(start.length, path.length - end.length);
  return others.every((piece) => {
    const at = rest.indexOf(piece);
    rest = rest.slice(at + piece.length);
    return at >= 0;
  });
}

/** What a file holds; unknown for one that no script here has written. */
export function readFile(shell: Shell, text: string, place: string): string {
  const path = resolvePath(shell, text);
  if (path === "/dev/null") return "";
  const known = isPattern(path) ? undefined : shell.state.files.get(path);
  return known ?? shell.marks.unknown(`${place} takes what a file holds at boot`);
}

/** What a command reads: the files that it names, or its standard input. */
export function inputOf(shell: Shell, paths: readonly string[], { io: { stdin }, place }: Invocation): string {
  return paths.length === 0
    ? stdin
    : paths.map((path) => (path === "-" ? stdin : readFile(shell, path, place))).join("");
}

export function writeFile(shell: Shell, text: string, content: string, place: string): void {
  const path = resolvePath(shell, text);
  if (path.startsWith("/dev/")) return;
  shell.budget.spend(content.length);
  if (isPattern(path)) for (const each of pathsLike(shell, path)) markUnknown(shell, each, place);
  else shell.state.files.set(path, content);
}

export function appendFile(shell: Shell, path: string, content: string, place: string): void {
  writeFile(shell, path, isPattern(path) ? content : readFile(shell, path, place) + content, place);
}

export function print(shell: Shell, { out, outPlace = out }: Io, content: string): void {
  appendFile(shell, out, content, outPlace);
}

/** From here on nothing in the file is sure, until it is written anew. */
export function markUnknown(shell: Shell, path: string, reason: string): void {
  const before = shell.state.files.get(path) ?? "";
  const separator = before === "" || before.endsWith("\n") ? "" : "\n";
  shell.budget.spend(before.length);
  shell.state.files.set(path, `${before}${separator}${shell.marks.unknown(reason)}\n`);
}

/** Code that can't be read has run: it may have set anything. */
export function markAgentUnknown(shell: Shell, reason: string): void {
  markUnknown(shell, ECS_CONFIG, reason);
}

/** The known files that a path can be. */
export function pathsLike(shell: Shell, path: string): string[] {
  return [...shell.state.files.keys()].filter((known) => !known.startsWith("pipe:") && mayBe(path, known));
}
