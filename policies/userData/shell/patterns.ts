import { type Budget, OutOfBudget } from "../budget";
import { hasMark } from "../marks";

/** Steps that one match may take at worst. */
const MOST_STEPS = 2e7;
/** Many more of them are done in the time of one copied character. */
const STEPS_PER_CHARACTER = 64;

/** A regular expression whose worst case is paid for from the budget. */
export interface Pattern {
  readonly source: string;
  readonly flags: string;
}

export function matches({ source, flags }: Pattern, text: string, budget: Budget): boolean {
  payFor(source, text, budget);
  return new RegExp(source, flags).test(text);
}

export function replace(
  { source, flags }: Pattern,
  text: string,
  replacement: (groups: readonly string[]) => string,
  budget: Budget,
): string {
  payFor(source, text, budget);
  return text.replace(new RegExp(source, flags), (...groups: unknown[]) =>
    replacement(groups.map((group) => (typeof group === "string" ? group : ""))),
  );
}

/** Each quantifier can try every place in the text, and so can what isn't held at its start. */
function payFor(source: string, text: string, budget: Budget): void {
  const quantifiers = source.match(/[*+{]/g)?.length ?? 0;
  const places = source.startsWith("^") ? quantifiers : quantifiers + 1;
  const steps = Math.max(text.length, 1) ** places;
  if (steps > MOST_STEPS) throw new OutOfBudget();
  budget.spend(steps / STEPS_PER_CHARACTER);
}

/** A shell's pattern: `*`, `?` and `[…]`. */
export function globPattern(glob: string): Pattern {
  const source = glob.replace(/\[!?[^\]]+\]|[\s\S]/g, (piece) => {
    if (piece === "*") return "[^]*";
    if (piece === "?") return "[^]";
    if (piece.length > 1) return `[${piece.slice(1, -1).replace(/^!/, "^").replace(/[\\[]/g, "\\$&")}]`;
    return literal(piece);
  });
  return { source: `^${source}$`, flags: "" };
}

export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

const CLASSES: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  digit: "0-9",
  lower: "a-z",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
};

/**
 * The same expression for JavaScript; nothing where it has something that is not carried over: a group that repeats
 * (whose worst case has no bound), an unknown stretch.
 */
export function posixPattern(text: string, { extended = false, flags = "" } = {}): Pattern | undefined {
  if (hasMark(text) || hasRepeatedGroup(text, extended)) return undefined;
  const source = text.replace(/\\[\s\S]|\[\^?\]?(?:\[:\w+:\]|[^\]])*\]|[\s\S]/g, (piece, at: number) => {
    if (piece.length > 1 && piece.startsWith("[")) return bracket(piece);
    if (piece.startsWith("\\")) return escaped(piece.slice(1), extended);
    return plain(piece, at, text, extended);
  });
  try {
    new RegExp(source);
    return { source, flags };
  } catch {
    return undefined;
  }
}

function hasRepeatedGroup(text: string, extended: boolean): boolean {
  const escapes = text.replace(/\\([^])/g, (escape, character) => (character === "\\" || extended ? "__" : escape));
  return extended ? /\)[*+{]/.test(escapes) : /\\\)(?:\*|\\[+{])|\\[1-9]/.test(escapes);
}

const OPERATORS = "+?(){}|";

function plain(character: string, at: number, text: string, extended: boolean): string {
  if (character === ".") return ".";
  if (extended) return `${OPERATORS}*^$`.includes(character) ? character : literal(character);
  const isFirst = at === 0 || /\\[(|]$/.test(text.slice(0, at));
  const isLast = at === text.length - 1 || /^\$\\[)|]/.test(text.slice(at));
  // Elsewhere they are characters as any.
  const isSpecial = { "*": !isFirst, "^": isFirst, $: isLast }[character] ?? false;
  return isSpecial ? character : literal(character);
}

function escaped(character: string, extended: boolean): string {
  if ("sSwWbBnt".includes(character)) return `\\${character}`;
  if ("<>".includes(character)) return "\\b";
  if (OPERATORS.includes(character) && !extended) return character;
  return literal(character);
}

function bracket(text: string): string {
  const [, negation = "", inside = ""] = /^\[(\^?)([\s\S]*)\]$/.exec(text) ?? [];
  const source = inside.replace(/\[:(\w+):\]|[\s\S]/g, (piece, name: string | undefined) =>
    name === undefined ? piece.replace(/[\\\][^]/, "\\$&") : (CLASSES[name] ?? ""),
  );
  return `[${negation}${source}]`;
}
