/** The command that gives a rehearsal again. */

/** What says where to write, which changes nothing about what happens; each with the number of its values. */
const OUTPUT: Readonly<Record<string, number>> = {
  "--json": 1,
  "--log": 1,
  "--log-variant": 1,
  "--report": 1,
  "--no-report": 0,
  "--quiet": 0,
};

/** `argv` as it was given, quoted for a shell, with the seed named. */
export function commandOf(argv: readonly string[], seed: number): string {
  const kept: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const [flag = "", value] = argv[index]!.split("=", 2);
    const values = OUTPUT[flag];
    if (values === undefined) kept.push(argv[index]!);
    else if (value === undefined) index += values;
  }
  const hasSeed = kept.some((each) => each === "--seed" || each.startsWith("--seed="));
  const all = hasSeed ? kept : [...kept, "--seed", String(seed)];
  return ["npm run rehearse --", ...all.map(quoted)].join(" ");
}

const quoted = (word: string): string => (/^[\w@%+=:,./#-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
