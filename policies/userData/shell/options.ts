/** A command's arguments, told apart as getopt does it. */
export interface Options {
  /** By letter or long name, without dashes; the last one's value, or "" where it has none. */
  readonly flags: ReadonlyMap<string, string>;
  /** In their order, of those that were given more than once too. */
  readonly given: readonly (readonly [name: string, value: string])[];
  readonly operands: readonly string[];
}

/** `withValue`: the letters and long names that take the next word as their value. */
export function optionsOf(args: readonly string[], withValue: readonly string[] = []): Options {
  const given: [string, string][] = [];
  const operands: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === "--") {
      operands.push(...rest.splice(0));
    } else if (!arg.startsWith("-") || arg === "-") {
      operands.push(arg);
    } else {
      for (const [name, value] of arg.startsWith("--") ? [longOption(arg)] : shortOptions(arg, withValue)) {
        given.push([name, value ?? (withValue.includes(name) ? (rest.shift() ?? "") : "")]);
      }
    }
  }
  return { flags: new Map(given), given, operands };
}

type Option = readonly [name: string, value: string | undefined];

function longOption(arg: string): Option {
  const [name = "", ...value] = arg.slice(2).split("=");
  return [name, value.length === 0 ? undefined : value.join("=")];
}

function shortOptions(arg: string, withValue: readonly string[]): Option[] {
  const letters = [...arg.slice(1)];
  const at = letters.findIndex((letter) => withValue.includes(letter));
  if (at < 0) return letters.map((letter) => [letter, undefined]);
  const value = letters.slice(at + 1).join("");
  return letters.slice(0, at + 1).map((letter, i) => [letter, i === at && value !== "" ? value : undefined]);
}

/** What a wrapper such as `sudo -u root` runs: the words after its own options. */
export function commandAfterOptions(words: readonly string[], withValue: readonly string[] = []): readonly string[] {
  let at = 1;
  while (at < words.length) {
    const word = words[at] ?? "";
    if (word === "--") return words.slice(at + 1);
    if (!word.startsWith("-")) break;
    at += withValue.includes(word.replace(/^-+/, "")) ? 2 : 1;
  }
  return words.slice(at);
}
