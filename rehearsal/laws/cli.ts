/** `npm run test:laws`: as many random rehearsals as one asks for; each failure with the line that reproduces it. */
import { createWriteStream } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import type { LogSink } from "../world/log";
import { rehearseRandomly, STACKS, type Stacks } from "./random";

interface Flags {
  readonly seeds: number;
  readonly firstSeed: number;
  readonly stacks: Stacks;
  readonly log?: string;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("allowed: a whole number of at least 1.");
  return value;
}

async function main(): Promise<void> {
  const { seeds, firstSeed, stacks, log } = new Command("test:laws")
    .description("Rehearses random stacks under random markets and faults, and holds the laws.")
    .option("--seeds <n>", "how many", wholeNumber, 200)
    .option("--first-seed <n>", "where they start", wholeNumber, 1)
    .addOption(new Option("--stacks <which>", "which stacks are drawn").choices(STACKS).default("all"))
    .option("--log <file>", "write every event, one JSON line each")
    .parse()
    .opts<Flags>();
  const stream = log === undefined ? undefined : createWriteStream(log);
  const sink: LogSink | undefined =
    stream === undefined ? undefined : (line) => void stream.write(`${JSON.stringify(line)}\n`);
  let failed = 0;
  let interruptions = 0;
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const { broken, description, run } = await rehearseRandomly(seed, { stacks, sink });
    interruptions += run.result.interruptions.instancesLost;
    const [first] = broken;
    if (first === undefined) continue;
    failed++;
    console.log(`seed ${seed}: ${broken.length} breaches in ${description}`);
    console.log(`  first at ${first.atSeconds} s, ${first.object}: ${first.law}: ${first.message}`);
    const which = stacks === "all" ? "" : ` --stacks ${stacks}`;
    console.log(`  again: npm run test:laws -- --seeds 1 --first-seed ${seed}${which} --log events.ndjson`);
  }
  stream?.end();
  console.log(
    `The laws held for ${seeds - failed} of ${seeds} seeds, in which ${interruptions} instances were interrupted.`,
  );
  process.exitCode = failed === 0 ? 0 : 1;
}

void main();
