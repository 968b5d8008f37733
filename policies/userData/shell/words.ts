import type * as ast from "unbash";
import { arithmetic } from "./arithmetic";
import { braceAlternatives } from "./braces";
import { substituted } from "./interpret";
import { expandParameter } from "./parameters";
import { captured, placeIn, type Shell } from "./shell";

interface Piece {
  readonly text: string;
  /** Whether the shell cuts it at blanks. */
  readonly splits?: boolean;
}

/** A word as one text: a value, a redirection's target, a pattern. */
export function expandText(shell: Shell, word: ast.Word): string {
  return (word.parts ?? [])
    .flatMap((part) => expandPart(shell, part))
    .reduce((text, piece) => text + piece.text, word.parts === undefined ? word.value : "");
}

/** A word as a command's arguments. */
export function expandFields(shell: Shell, word: ast.Word): string[] {
  if (word.parts === undefined) return [word.value];
  if (isAllPositional(word)) return [...shell.state.positional];
  const braces = word.parts.map((part) => (part.type === "BraceExpansion" ? braceAlternatives(part.text) : undefined));
  const at = braces.findIndex((alternatives) => alternatives !== undefined);
  const parts = word.parts;
  if (at < 0) return fieldsOf(parts.flatMap((part) => expandPart(shell, part)));
  return (braces[at] ?? []).flatMap((text) =>
    fieldsOf(parts.flatMap((part, i) => (i === at ? [{ text }] : expandPart(shell, part)))),
  );
}

/** The body of a here-document. */
export function expandBody(shell: Shell, { body, operator, delimiter }: ast.HereDoc): string {
  const text = (body.parts ?? [])
    .flatMap((part) => expandPart(shell, part))
    .reduce((sum, piece) => sum + piece.text, body.parts === undefined ? bodyText(body, delimiter?.quoted) : "");
  return operator === "<<-" ? text.replace(/^\t+/gm, "") : text;
}

function bodyText({ text }: ast.HereDocBody, quoted = false): string {
  return quoted ? text : text.replace(/\\([\\$`\n])/g, (_, character: string) => (character === "\n" ? "" : character));
}

function isAllPositional({ parts }: ast.Word): boolean {
  const [part, ...others] = parts ?? [];
  if (part?.type !== "DoubleQuoted" || others.length > 0) return false;
  return part.parts.length === 1 && /^\$(?:@|\{@\})$/.test(part.parts[0]?.text ?? "");
}

function fieldsOf(pieces: readonly Piece[]): string[] {
  const fields: string[] = [];
  let open = false;
  const add = (text: string) => {
    if (open) fields[fields.length - 1] += text;
    else fields.push(text);
    open = true;
  };
  for (const { text, splits = false } of pieces) {
    if (!splits) {
      add(text);
      continue;
    }
    const [first = "", ...others] = text.split(/[ \t\n]+/);
    if (first !== "") add(first);
    for (const field of others) {
      open = false;
      if (field !== "") add(field);
    }
  }
  return fields;
}

/** One piece, as texts that the shell takes as they are or cuts. */
function expandPart(shell: Shell, part: ast.WordPart): Piece[] {
  shell.budget.spend();
  if (isQuotable(part)) return [{ text: expandQuoted(shell, part), splits: part.type !== "Literal" }];
  switch (part.type) {
    case "SingleQuoted":
    case "AnsiCQuoted":
      return [{ text: part.value }];
    case "Glob":
    case "ExtendedGlob":
    case "BraceExpansion":
      return [{ text: part.text }];
    case "DoubleQuoted":
    case "LocaleString":
      return [{ text: part.parts.map((child) => expandQuoted(shell, child)).join("") }];
    case "ProcessSubstitution":
      return [{ text: processFile(shell, part) }];
  }
}

const QUOTABLE = new Set<string>([
  "Literal",
  "SimpleExpansion",
  "ParameterExpansion",
  "CommandExpansion",
  "ArithmeticExpansion",
]);

/** What double quotes can have inside them too. */
function isQuotable(part: ast.WordPart): part is ast.DoubleQuotedChild {
  return QUOTABLE.has(part.type);
}

function expandQuoted(shell: Shell, part: ast.DoubleQuotedChild): string {
  switch (part.type) {
    case "Literal":
      return part.value;
    case "SimpleExpansion":
    case "ParameterExpansion":
      return expandParameter(shell, part, (word) => expandText(shell, word));
    case "CommandExpansion":
      return substituted(shell, part.script, part);
    case "ArithmeticExpansion":
      return arithmetic(shell, part) ?? shell.marks.unknown(`${placeIn(shell, part)} has no known value`);
  }
}

/** A file that holds what the commands print; for `>(…)` one that they read, from which they may write anything. */
function processFile(shell: Shell, { script, operator, pos, end }: ast.ProcessSubstitutionPart): string {
  const place = placeIn(shell, { pos, end });
  if (script === undefined) return shell.marks.unknown(`${place} can't be read`);
  const stdin = operator === "<" ? "" : shell.marks.unknown(`what ${place} is given`);
  const text = captured(shell, (out) => shell.runStatements(shell, script.commands, { stdin, out }));
  const path = `/proc/self/fd/${shell.pipes++}`;
  shell.state.files.set(path, text);
  return path;
}
