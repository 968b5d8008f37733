import { type Pattern, posixPattern } from "./patterns";

/** Which lines a command is for. */
export type Address =
  | { readonly kind: "all" }
  | { readonly kind: "line"; readonly number: number }
  | { readonly kind: "last" }
  | { readonly kind: "matching"; readonly pattern: Pattern; readonly negated: boolean };

export type SedCommand = { readonly address: Address } & (
  | { readonly kind: "substitute"; readonly pattern: Pattern; readonly replacement: string }
  | { readonly kind: "delete" }
  | { readonly kind: "append" | "insert" | "change"; readonly text: string }
);

/** Reads a sed script; nothing where it has a command that isn't followed here. */
export function parseSed(script: string, extended: boolean): SedCommand[] | undefined {
  const commands: SedCommand[] = [];
  let rest = script.replace(/^[\s;]+/, "");
  while (rest !== "") {
    const parsed = parseOne(rest, extended);
    if (parsed === undefined) return undefined;
    commands.push(parsed.command);
    const after = parsed.rest.replace(/^[ \t]+/, "");
    if (after !== "" && !/^[;\n}]/.test(after)) return undefined;
    rest = after.replace(/^[\s;]+/, "");
  }
  return commands;
}

interface Parsed {
  readonly command: SedCommand;
  readonly rest: string;
}

function parseOne(text: string, extended: boolean): Parsed | undefined {
  const addressed = parseAddress(text, extended);
  if (addressed === undefined) return undefined;
  const { address } = addressed;
  const rest = addressed.rest.replace(/^\s+/, "");
  const letter = rest.charAt(0);
  if (letter === "s") return parseSubstitute(rest, address, extended);
  if (letter === "d") return { command: { kind: "delete", address }, rest: rest.slice(1) };
  const kind = ({ a: "append", i: "insert", c: "change" } as const)[letter];
  if (kind === undefined) return undefined;
  // GNU's one-line form; a line end after a backslash belongs to the text.
  const [, lines = "", after = ""] = /^\s*(?:\\\n?)?[ \t]*((?:[^\n\\]|\\[^])*)([^]*)$/.exec(rest.slice(1)) ?? [];
  return { command: { kind, address, text: lines.replace(/\\([^])/g, "$1") }, rest: after };
}

function parseAddress(text: string, extended: boolean): { address: Address; rest: string } | undefined {
  const [number] = /^\d{1,6}(?!\d|,|~)/.exec(text) ?? [];
  if (number !== undefined)
    return { address: { kind: "line", number: Number(number) }, rest: text.slice(number.length) };
  if (/^\$(?!,)/.test(text)) return { address: { kind: "last" }, rest: text.slice(1) };
  if (!/^(?:\/|\\[^\w\s])/.test(text)) return { address: { kind: "all" }, rest: text };
  const opening = text.startsWith("/") ? 0 : 1;
  const delimited = untilDelimiter(text.slice(opening + 1), text.charAt(opening));
  if (delimited === undefined) return undefined;
  const [, ignoresCase, negation] = /^(I?)\s*(!?)/.exec(delimited.rest) ?? [];
  const pattern = posixPattern(delimited.text, { extended, flags: ignoresCase === "I" ? "i" : "" });
  const rest = delimited.rest.replace(/^I?\s*!?/, "");
  if (pattern === undefined || rest.startsWith(",")) return undefined;
  return { address: { kind: "matching", pattern, negated: negation === "!" }, rest };
}

function parseSubstitute(text: string, address: Address, extended: boolean): Parsed | undefined {
  const delimiter = text.charAt(1);
  const found = untilDelimiter(text.slice(2), delimiter);
  const replaced = found && untilDelimiter(found.rest, delimiter);
  if (found === undefined || replaced === undefined) return undefined;
  const [flags = ""] = /^[a-zA-Z0-9]*/.exec(replaced.rest) ?? [];
  const ignoresCase = /i/i.test(flags);
  const pattern = posixPattern(found.text, {
    extended,
    flags: (flags.includes("g") ? "g" : "") + (ignoresCase ? "i" : ""),
  });
  if (pattern === undefined || /[^gipI]/.test(flags) || CASE_CHANGE.test(replaced.text)) return undefined;
  const command = { kind: "substitute", address, pattern, replacement: replaced.text } as const;
  return { command, rest: replaced.rest.slice(flags.length) };
}

const CASE_CHANGE = /^(?:[^\\]|\\[^LUEul])*\\[LUEul]/;

/** The text up to the next delimiter that no backslash escapes; what the delimiter escapes loses its backslash. */
function untilDelimiter(text: string, delimiter: string): { text: string; rest: string } | undefined {
  let inside = "";
  let inBrackets = false;
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (character === delimiter && !inBrackets) return { text: inside, rest: text.slice(i + 1) };
    if (character === "\\") {
      const next = text.charAt(++i);
      inside += next === delimiter ? (delimiter === "/" ? "\\/" : next) : character + next;
    } else inside += character;
    inBrackets = inBrackets ? character !== "]" : false;
  }
  return undefined;
}
