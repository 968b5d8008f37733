import { hasMark } from "../../marks";
import { appendFile, inputOf, print, writeFile } from "../files";
import { optionsOf } from "../options";
import type { Invocation, Outcome, Shell } from "../shell";
import type { Runners } from "./runner";

export const OUTPUT: Runners = { echo, printf, cat, tee };

function echo(shell: Shell, { words, io }: Invocation): Outcome {
  const at = words.findIndex((word, i) => i > 0 && !/^-[neE]+$/.test(word));
  const args = at < 0 ? [] : words.slice(at);
  const flags = words.slice(1, at < 0 ? undefined : at).join("");
  const text = args.join(" ");
  print(shell, io, (flags.includes("e") ? unescaped(text) : text) + (flags.includes("n") ? "" : "\n"));
  return "success";
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "\\": "\\",
  '"': '"',
  "'": "'",
  a: "\u0007",
};

function unescaped(text: string): string {
  return text.replace(/\\(x[\dA-Fa-f]{1,2}|0?[0-7]{1,3}|[^])/g, (piece, code: string) => {
    if (code.startsWith("x") && code.length > 1) return String.fromCharCode(parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(parseInt(code, 8));
    return ESCAPES[code] ?? piece;
  });
}

function printf(shell: Shell, { words, io, place }: Invocation): Outcome {
  const args = words.slice(words[1] === "-v" ? 3 : 1).filter((word, i) => i > 0 || word !== "--");
  const text = formatted(shell, args, place);
  if (words[1] === "-v") shell.state.variables.set(words[2] ?? "", text);
  else print(shell, io, text);
  return "success";
}

/** The format is used again as long as there are arguments. */
function formatted(shell: Shell, [format = "", ...args]: readonly string[], place: string): string {
  const unknown = () => shell.marks.unknown(`${place} prints what can't be told`);
  const rest = [...args];
  let text = "";
  do {
    shell.budget.spend(format.length);
    const left = rest.length;
    text += unescapedFormat(format, (conversion) => converted(conversion, rest.shift() ?? "") ?? unknown());
    if (rest.length === left) break;
  } while (rest.length > 0);
  return text;
}

function unescapedFormat(format: string, convert: (conversion: string) => string): string {
  return format.replace(/%%|%[^a-zA-Z]*[a-zA-Z]|[^%]+|%/g, (piece) => {
    if (piece === "%%" || piece === "%") return "%";
    return piece.startsWith("%") ? convert(piece) : unescaped(piece);
  });
}

function converted(conversion: string, value: string): string | undefined {
  if (conversion === "%s") return value;
  if (conversion === "%b") return unescaped(value);
  if (conversion === "%d" || conversion === "%i") return /^-?\d+$/.test(value) || hasMark(value) ? value : undefined;
  return undefined;
}

function cat(shell: Shell, invocation: Invocation): Outcome {
  const { words, io, place } = invocation;
  const { flags, operands } = optionsOf(words.slice(1));
  const text = inputOf(shell, operands, invocation);
  const isPlain = [...flags.keys()].every((flag) => flag === "u");
  print(shell, io, isPlain ? text : shell.marks.unknown(`${place} prints what can't be told`));
  return operands.length === 0 ? "success" : "likely";
}

function tee(shell: Shell, { words, io, place }: Invocation): Outcome {
  const { flags, operands } = optionsOf(words.slice(1));
  const write = flags.has("a") || flags.has("append") ? appendFile : writeFile;
  for (const path of operands) write(shell, path, io.stdin, place);
  print(shell, io, io.stdin);
  return "success";
}
