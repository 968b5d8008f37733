import { ECS_CONFIG } from "../../agentFiles";
import { hasMark, withoutMarks } from "../../marks";
import { inputOf, markUnknown, pathsLike, print, resolvePath, writeFile } from "../files";
import { optionsOf } from "../options";
import { literal, matches, type Pattern, posixPattern } from "../patterns";
import { edited } from "../sed";
import { parseSed, type SedCommand } from "../sedScript";
import type { Invocation, Outcome, Shell } from "../shell";
import type { Runners } from "./runner";

export const TEXT_COMMANDS: Runners = { sed, grep, egrep: grep, fgrep: grep, base64 };

function sed(shell: Shell, invocation: Invocation): Outcome {
  const { words, io, place } = invocation;
  const args = sedArguments(words.slice(1));
  const { marks, budget } = shell;
  const commands = args.prints ? undefined : parseSed(args.script, args.extended);
  const edit = (text: string) =>
    commands && edited(text, commands, { marks, budget, reason: `${place} may have changed it` });
  if (!args.inPlace) {
    const text = edit(inputOf(shell, args.files, invocation));
    print(shell, io, text ?? marks.unknown(`${place} prints what can't be told`));
    return "likely";
  }
  for (const path of args.files.flatMap((each) => pathsLike(shell, resolvePath(shell, each)))) {
    const before = shell.state.files.get(path) ?? "";
    const after = args.files.some(hasMark) ? undefined : edit(before);
    const expected = path === ECS_CONFIG && after === before ? imageLines(shell, before, commands ?? [], place) : "";
    if (after === undefined) markUnknown(shell, path, place);
    else writeFile(shell, path, expected + after, place);
  }
  return "likely";
}

/** A script that edits lines which nothing here has written expects them in the image's file. */
function imageLines(shell: Shell, before: string, commands: readonly SedCommand[], place: string): string {
  const names = commands.flatMap((command) => {
    if (command.kind === "delete") return [];
    const text = command.kind === "substitute" ? `${command.pattern.source} ${command.replacement}` : command.text;
    return text.match(/ECS_[A-Z_]+/g) ?? [];
  });
  const expected = [...new Set(names)].filter((name) => !new RegExp(`^${name}=`, "m").test(before));
  const unknown = shell.marks.unknown(`${place} edits what the image's file may have`);
  return expected.map((name) => `${name}=${unknown}\n`).join("");
}

interface SedArguments {
  readonly script: string;
  readonly extended: boolean;
  readonly inPlace: boolean;
  /** With `-n`, or from a file: what it prints isn't followed here. */
  readonly prints: boolean;
  readonly files: readonly string[];
}

function sedArguments(words: readonly string[]): SedArguments {
  // What follows `-i` in its word is a suffix.
  const args = words.map((word) => word.replace(/^(-[nErsuz]*i).+/, "$1"));
  const { flags, given, operands } = optionsOf(args, ["e", "expression", "f", "file", "l"]);
  const scripts = given.filter(([name]) => name === "e" || name === "expression").map(([, script]) => script);
  return {
    script: (scripts.length === 0 ? operands.slice(0, 1) : scripts).join("\n"),
    extended: ["E", "r", "regexp-extended"].some((flag) => flags.has(flag)),
    inPlace: ["i", "in-place"].some((flag) => flags.has(flag)),
    prints: ["n", "f", "z", "quiet", "silent", "file", "null-data"].some((flag) => flags.has(flag)),
    files: scripts.length === 0 ? operands.slice(1) : operands,
  };
}

function grep(shell: Shell, invocation: Invocation): Outcome {
  const { words, io, place } = invocation;
  const { flags, operands } = optionsOf(words.slice(1), ["e", "m", "A", "B", "C", "f"]);
  const given = flags.get("e");
  const [text = "", ...files] = given === undefined ? operands : [given, ...operands];
  const content = inputOf(shell, files, invocation);
  const found = linesFound(shell, content, text, flags, words[0] ?? "");
  const isKnown = found !== undefined && !hasMark(content);
  if (!flags.has("q") && !flags.has("quiet")) {
    const unknown = () => shell.marks.unknown(`what ${place} finds is only known at boot`);
    print(shell, io, isKnown ? found.map((line) => `${line}\n`).join("") : unknown());
  }
  if (found !== undefined && found.length > 0) return "success";
  return isKnown ? "failure" : "unknown";
}

/** The known lines that are found; nothing where grep is asked for more than that. */
function linesFound(
  shell: Shell,
  content: string,
  text: string,
  flags: ReadonlyMap<string, string>,
  name: string,
): string[] | undefined {
  const isFollowed = [...flags.keys()].every((flag) => "qsEFGiwxvhe".includes(flag) || flag === "quiet");
  const pattern = isFollowed ? grepPattern(text, flags, name) : undefined;
  if (pattern === undefined) return undefined;
  const lines = content === "" ? [] : content.replace(/\n$/, "").split("\n");
  return lines.filter((line) => !hasMark(line) && matches(pattern, line, shell.budget) !== flags.has("v"));
}

function grepPattern(text: string, flags: ReadonlyMap<string, string>, name: string): Pattern | undefined {
  const options = { extended: flags.has("E") || name === "egrep", flags: flags.has("i") ? "i" : "" };
  const isFixed = flags.has("F") || name === "fgrep";
  const pattern =
    isFixed && !hasMark(text) ? { source: literal(text), flags: options.flags } : posixPattern(text, options);
  if (pattern === undefined) return undefined;
  const bounded = flags.has("w") ? `\\b(?:${pattern.source})\\b` : pattern.source;
  return { ...pattern, source: flags.has("x") ? `^(?:${bounded})$` : bounded };
}

function base64(shell: Shell, invocation: Invocation): Outcome {
  const { words, io, place } = invocation;
  const { flags, operands } = optionsOf(words.slice(1), ["w", "wrap"]);
  const text = inputOf(shell, operands, invocation);
  const decodes = flags.has("d") || flags.has("decode") || flags.has("D");
  const isFollowed = decodes && !hasMark(text) && /^[\w+/=\s]*$/.test(text);
  const decoded = isFollowed ? Buffer.from(text, "base64").toString("utf8") : undefined;
  const known = decoded === undefined ? undefined : withoutMarks(decoded);
  print(shell, io, known ?? shell.marks.unknown(`${place} prints what can't be told`));
  return "likely";
}
