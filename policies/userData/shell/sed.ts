import type { Budget } from "../budget";
import { hasMark, type Marks, piecesOf } from "../marks";
import { matches, replace } from "./patterns";
import type { Address, SedCommand } from "./sedScript";

interface Context {
  readonly marks: Marks;
  readonly budget: Budget;
  /** Why a line that the script changes, and that wasn't wholly known, isn't known afterwards. */
  readonly reason: string;
}

/** Edits a text as sed does, each alternative of a choice for itself; nothing where that can't be told. */
export function edited(text: string, commands: readonly SedCommand[], context: Context): string | undefined {
  const pieces = choicesOf(text, context.marks);
  if (pieces.length > 1 && commands.some(({ address }) => address.kind === "last" || address.kind === "line"))
    return undefined;
  const results = pieces.map((piece) => {
    context.budget.spend(piece.text.length);
    if (piece.choice === undefined) return editedLines(piece.text, commands, context);
    const { reason, texts } = piece.choice;
    const alternatives = context.budget.nested(() => texts.map((each) => edited(each, commands, context)));
    return alternatives.every((each) => each !== undefined) ? context.marks.choice(reason, alternatives) : undefined;
  });
  return results.every((result) => result !== undefined) ? results.join("") : undefined;
}

interface ChoicePiece {
  readonly text: string;
  readonly choice?: { readonly reason: string; readonly texts: readonly string[] };
}

function choicesOf(text: string, marks: Marks): ChoicePiece[] {
  const pieces: ChoicePiece[] = [];
  let plain = "";
  for (const piece of piecesOf(text)) {
    const mark = hasMark(piece) ? marks.at(piece) : undefined;
    if (mark?.kind !== "choice") plain += piece;
    else {
      if (plain !== "") pieces.push({ text: plain });
      plain = "";
      pieces.push({ text: "", choice: mark });
    }
  }
  return plain === "" ? pieces : [...pieces, { text: plain }];
}

function editedLines(text: string, commands: readonly SedCommand[], context: Context): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const result = text === "" ? [] : lines.flatMap((line, i) => editedLine(line, i, lines.length, commands, context));
  return result.map((line) => `${line}\n`).join("");
}

function editedLine(
  line: string,
  index: number,
  count: number,
  commands: readonly SedCommand[],
  context: Context,
): string[] {
  const before: string[] = [];
  const after: string[] = [];
  let current = line;
  for (const command of commands) {
    context.budget.spend();
    if (!isFor(command.address, current, index, count, context.budget)) continue;
    if (command.kind === "substitute") {
      current = replace(command.pattern, current, (groups) => replacement(command.replacement, groups), context.budget);
    } else if (command.kind === "append" || command.kind === "insert") {
      (command.kind === "append" ? after : before).push(command.text);
    } else {
      const changed = command.kind === "change" ? command.text : undefined;
      return [...before, ...leftUnknown(line, changed, context), ...after];
    }
  }
  return [...before, ...(current === line ? [line] : leftUnknown(line, current, context)), ...after];
}

function isFor(address: Address, line: string, index: number, count: number, budget: Budget): boolean {
  switch (address.kind) {
    case "all":
      return true;
    case "line":
      return index + 1 === address.number;
    case "last":
      return index + 1 === count;
    case "matching":
      return matches(address.pattern, line, budget) !== address.negated;
  }
}

/** What becomes of a line. Whether the script meets an unknown stretch can't be told: its variable stays unknown. */
function leftUnknown(line: string, changed: string | undefined, { marks, reason }: Context): string[] {
  if (!hasMark(line)) return changed === undefined ? [] : [changed];
  const [key = ""] = line.split("=");
  const keeps = !hasMark(key) && (changed === undefined || changed.split("=")[0] === key);
  return [keeps ? `${key}=${marks.unknown(reason)}` : marks.unknown(reason)];
}

function replacement(text: string, groups: readonly string[]): string {
  return text.replace(/\\([^])|&/g, (piece, character: string | undefined) => {
    if (piece === "&") return groups[0] ?? "";
    if (/^\d$/.test(character ?? "")) return groups[Number(character)] ?? "";
    return ({ n: "\n", t: "\t" } as Readonly<Record<string, string>>)[character ?? ""] ?? character ?? "";
  });
}
