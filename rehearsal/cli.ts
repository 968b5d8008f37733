/** The command line: flags over a scenario in; progress, scoreboard, JSON and log out. */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { InputError } from "./inputs/inputError";
import { readProfile } from "./inputs/profile";
import { remarks, scoreboard } from "./measure/scoreboard";
import { seedsRemarks, seedsResult, seedsScoreboard, type SeedsResult } from "./measure/seeds";
import { DEFAULT_REPORT, openOutputs } from "./outputs";
import { makeProgress } from "./progress";
import { commandOf } from "./report/command";
import { renderPage } from "./report/page";
import { declareOnce, holds, rehearse, type Rehearsed } from "./rehearse";
import { bundledScenarios, checkScenario, readScenario, type Scenario } from "./scenario";

/** The stack held its laws; it didn't; the input was wrong; the rehearsal itself failed. */
export const EXIT = { held: 0, broken: 1, badInput: 2, crashed: 3 } as const;

interface Flags {
  readonly scenario: string;
  readonly seeds: number;
  readonly profile?: string;
  readonly variants?: string[];
  readonly flags?: string;
  readonly json?: string;
  readonly log?: string;
  readonly logVariant?: string;
  readonly report: string | false;
  readonly quiet?: boolean;
  readonly jobs?: string;
  readonly jobScale?: number;
  readonly secondsPerToken?: number;
  readonly program?: string;
}

/** Which flags go over which keys of the scenario. */
const OVER = [
  "stack",
  "program",
  "days",
  "seed",
  "spotTrace",
  "hazardScale",
  "load",
  "loadScale",
  "requestsPerSecond",
  "prices",
  "faults",
  "exact",
] as const;

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("allowed: a number.");
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("allowed: a whole number of at least 1.");
  return value;
}

function command({ out, err }: Terminal): Command {
  return new Command("rehearse")
    .configureOutput({ writeOut: (text) => void out.write(text), writeErr: (text) => void err.write(text) })
    .description("Runs a stack through real or generated Spot interruptions, in simulated AWS, beside two baselines.")
    .option("--scenario <name|file>", `bundled (${bundledScenarios().join(", ")}) or a YAML file`, "default")
    .option("--stack <name>", "configuration: Pulumi.<name>.yaml beside the program")
    .option("--program <file>", "another Pulumi program; alone, unless --variants names others")
    .option(
      "--variants <names>",
      "comma-separated: the scenario's by name; unhandled, imdsScript and awsNative are baselines, any other is the program",
      (text) => text.split(","),
    )
    .option("--days <n>", "how long", number)
    .option("--seed <n>", "whole number; the same seed gives the same rehearsal", number)
    .option("--seeds <n>", "so many seeds, from --seed on; one table for all of them", wholeNumber, 1)
    .option("--spot-trace <file>", "CSV of interruptions, FILE#location for one of several")
    .option("--hazard-scale <n>", "generated interruptions, times this", number)
    .option("--load <file>", "CSV of requests, FILE#column for one of several")
    .option("--load-scale <n>", "requests, times this", number)
    .option("--requests-per-second <n>", "mean of the generated load", number)
    .option("--jobs <file>", "CSV of jobs for the workers' queues, over the scenario's")
    .option("--job-scale <n>", "each job so often, on average", number)
    .option("--seconds-per-token <n>", "how long a token takes, where the file of jobs counts those", number)
    .option("--prices <file...>", "CSV of prices over the table that ships")
    .option("--profile <file>", "YAML: how the container behaves")
    .option("--faults <kind>", "none, ordinary or badDay: lost and late events, failing calls")
    .option("--flags <which>", "all: every answer to what AWS doesn't document; or name=value,…")
    .option("--exact", "every request an object of its own; slow")
    .option("--json <file>", "write the result")
    .option("--log <file>", "write every event of the stack, one JSON line each")
    .option("--log-variant <name>", "of another variant")
    .option("--report <file>", "write the page to look at; with --seeds, of the first seed", DEFAULT_REPORT)
    .option("--no-report", "no page")
    .option("--quiet", "no progress, no scoreboard")
    .exitOverride();
}

function scenarioOf(flags: Flags & Readonly<Record<string, unknown>>): Scenario {
  const scenario = readScenario(flags.scenario);
  const over = Object.fromEntries(OVER.flatMap((key) => (flags[key] === undefined ? [] : [[key, flags[key]]])));
  return checkScenario(
    {
      ...scenario,
      ...over,
      ...jobsOf(flags, scenario),
      ...(flags.program === undefined ? {} : { variants: ["program"] }),
      ...(flags.variants === undefined ? {} : { variants: chosen(flags.variants, scenario) }),
      ...(flags.profile === undefined ? {} : { profile: readProfile(flags.profile) }),
      ...(flags.flags === undefined || flags.flags === "all"
        ? {}
        : { flags: { ...scenario.flags, ...parseFlags(flags.flags) } }),
    },
    "command line",
  );
}

/** A file takes the place of the scenario's, whose other keys stay. */
function jobsOf({ jobs: file, jobScale: scale, secondsPerToken }: Flags, { jobs }: Scenario): { jobs?: object } {
  const given = Object.entries({ file, scale, secondsPerToken }).filter(([, value]) => value !== undefined);
  return given.length === 0 ? {} : { jobs: { ...jobs, ...Object.fromEntries(given) } };
}

/** Those of the scenario as it has them. */
function chosen(names: readonly string[], { variants }: Scenario): Scenario["variants"] {
  return names.map((name) => variants.find((each) => typeof each !== "string" && each.name === name) ?? name);
}

/** `name=value,…` with JSON values. */
function parseFlags(text: string): Record<string, unknown> {
  return Object.fromEntries(
    text.split(",").map((pair) => {
      const [name = "", value = ""] = pair.split("=");
      try {
        return [name.trim(), JSON.parse(value) as unknown];
      } catch {
        return [name.trim(), value];
      }
    }),
  );
}

export interface Terminal {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly wallClock: () => number;
}

/** Runs the command and returns its exit code. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  try {
    const flags = command(terminal).parse(argv, { from: "user" }).opts<Flags & Record<string, unknown>>();
    const rehearsed = await rehearseWith(scenarioOf(flags), { ...flags, argv }, terminal);
    return rehearsed.every(holds) ? EXIT.held : EXIT.broken;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.held : EXIT.badInput;
    if (!isBadInput(error)) throw error;
    terminal.err.write(`${error.message}\n`);
    return EXIT.badInput;
  }
}

/** Ours, or the program's own report of its configuration. */
const isBadInput = (error: unknown): error is Error =>
  error instanceof InputError || (error instanceof Error && error.name === "InputProblemsError");

interface Given {
  readonly argv: readonly string[];
}

/** One rehearsal for each seed. */
async function rehearseWith(
  scenario: Scenario,
  flags: Flags & Given,
  { out, err, wallClock }: Terminal,
): Promise<Rehearsed[]> {
  checkLogged(flags);
  const progress = makeProgress(err, flags.quiet === true);
  const logged = loggedVariant(scenario, flags.logVariant);
  const outputs = openOutputs(flags);
  const declare = declareOnce();
  const all: Rehearsed[] = [];
  for (let seed = scenario.seed; seed < scenario.seed + flags.seeds; seed++) {
    const rehearsed = await rehearse({
      scenario: { ...scenario, seed },
      allFlags: flags.flags === "all",
      wallClock,
      declare,
      records: flags.report !== false && seed === scenario.seed,
      watcher: {
        begin: (variant) => progress.begin(flags.seeds === 1 ? variant : `${variant}, seed ${seed}`),
        progress: (_, share) => progress.progress(share),
        sink: (variant) => (variant === logged ? outputs.sink : undefined),
      },
    });
    all.push(rehearsed);
  }
  progress.end();
  const [first] = all;
  const whole = seedsResult(all.map(({ result }) => result));
  await outputs.finish(flags.seeds === 1 ? first!.result : whole, pageOf(first!, scenario, flags));
  if (flags.quiet !== true) {
    if (flags.seeds === 1) print(first!, out);
    else printSeeds(whole, first!, out);
    if (flags.report !== false) out.write(`page to look at: ${flags.report}\n`);
  }
  return all;
}

function pageOf(
  { result, recordings, sources, remarks: own }: Rehearsed,
  { description = "" }: Scenario,
  flags: Flags & Given,
) {
  if (flags.report === false) return undefined;
  const partly =
    flags.seeds === 1 ? undefined : `Seed ${result.seed}, the first of ${flags.seeds} that were rehearsed.`;
  const command = commandOf(flags.argv, result.seed);
  const text = {
    scenario: flags.scenario,
    description,
    command,
    sources,
    remarks: [...own, ...remarks(result)],
    partly,
  };
  return renderPage({ result, recordings }, text);
}

function checkLogged({ log, seeds }: Flags): void {
  if (log === undefined || seeds === 1) return;
  const fix = "choose the seed with --seed";
  throw new InputError("Command line", [{ where: "--log", given: `--seeds ${seeds}`, allowed: "one seed", fix }]);
}

function loggedVariant({ variants }: Scenario, wanted: string | undefined): string {
  const names = variants.map((each) => (typeof each === "string" ? each : each.name));
  if (wanted === undefined) return names[0]!;
  if (names.includes(wanted)) return wanted;
  const problem = { where: "--log-variant", given: wanted, allowed: names.join(", "), fix: "name one of these" };
  throw new InputError("Command line", [problem]);
}

function print({ result, sources, remarks: own }: Rehearsed, out: NodeJS.WriteStream): void {
  const days = result.simulatedSeconds / 86_400;
  out.write(`\n${scoreboard(result)}\n\n`);
  for (const line of [...sources, ...own, ...remarks(result)]) out.write(`${line}\n`);
  out.write(`${days} simulated days, seed ${result.seed}, ${result.wallSeconds.toFixed(1)} s\n`);
}

/** The load and the prices differ in nothing but their seeds. */
function printSeeds(whole: SeedsResult, { sources, remarks: own }: Rehearsed, out: NodeJS.WriteStream): void {
  const { results } = whole;
  const wallSeconds = results.reduce((sum, result) => sum + result.wallSeconds, 0);
  out.write(`\n${seedsScoreboard(whole)}\n\n`);
  for (const line of [...sources, ...own, ...seedsRemarks(whole)]) out.write(`${line}\n`);
  const days = results[0]!.simulatedSeconds / 86_400;
  out.write(
    `${results.length} × ${days} simulated days, seeds ${results[0]!.seed} to ${results.at(-1)!.seed}, ${wallSeconds.toFixed(1)} s\n`,
  );
}
