/** Runs a scenario's variants through one market and one load. */
import { existsSync } from "node:fs";
import path from "node:path";
import type { Stack } from "./deploy/monitor";
import { declareProgram } from "./deploy/program";
import { configUnder, readStackConfig } from "./deploy/stackConfig";
import { generateMarket } from "./inputs/generator";
import { InputError } from "./inputs/inputError";
import type { JobArrivals } from "./inputs/jobArrivals";
import { readJobs } from "./inputs/jobs";
import { withOutages } from "./inputs/outages";
import { generateLoad, readLoad, repeatLoad, type LoadProfile } from "./inputs/load";
import type { Geometry, Market } from "./inputs/market";
import { priceTable, type PriceTable } from "./inputs/prices";
import { changedProfile } from "./inputs/profile";
import { longJobs } from "./jobs/longJobs";
import { marketFromTrace, readSpotTrace, repeatMarket } from "./inputs/spotTrace";
import { policyResult } from "./measure/policies";
import type { RehearsalResult } from "./measure/result";
import { LIMITS, type Recording } from "./report/data";
import { Recorder } from "./report/recorder";
import type { Scenario } from "./scenario";
import { longerThanNotice } from "./traffic/longerThanNotice";
import { runVariant, type VariantOptions } from "./variant";
import { BAD_DAY, ORDINARY, type FaultRates } from "./world/faults";
import { DEFAULT_FLAGS, OTHER_ANSWERS, type Flags } from "./world/flags";
import type { LogSink } from "./world/log";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Any account will do. */
export const ACCOUNT = "123456789012";
const DEFAULT_REGION = "us-east-1";
const BASELINES = path.join(__dirname, "baselines");
const BASELINE_NAMES: ReadonlySet<string> = new Set(["unhandled", "imdsScript", "awsNative"]);

/** What is told to whoever watches. */
export interface Watcher {
  /** A variant begins. */
  begin(variant: string): void;
  progress(variant: string, share: number): void;
  /** Events of this variant go here. */
  sink(variant: string): LogSink | undefined;
}

export interface Rehearsed {
  readonly result: RehearsalResult;
  /** What it ran on, a line each: market, load, prices. */
  readonly sources: readonly string[];
  /** What no handling can change, a line each. */
  readonly remarks: readonly string[];
  /** What a page is drawn from, by variant; none unless wanted. */
  readonly recordings: Readonly<Record<string, Recording>>;
}

export type Declare = typeof declareProgram;

/** Declares each program once for each of its stacks, for rehearsals that differ in their seeds alone. */
export function declareOnce(): Declare {
  const declared = new Map<string, ReturnType<Declare>>();
  return (program, stack) => {
    const key = JSON.stringify([program, stack]);
    const known = declared.get(key) ?? declareProgram(program, stack);
    declared.set(key, known);
    return known;
  };
}

export interface RehearseOptions {
  readonly scenario: Scenario;
  /** Every answer to the open questions about AWS, one at a time. */
  readonly allFlags: boolean;
  readonly watcher: Watcher;
  /** Real milliseconds, to tell how long it took. */
  readonly wallClock: () => number;
  readonly declare?: Declare;
  /** Whether to record what a page is drawn from. @default false */
  readonly records?: boolean;
}

/** @throws InputError for a wrong trace, load, price file, stack or program */
export async function rehearse(options: RehearseOptions): Promise<Rehearsed> {
  const { scenario, allFlags, watcher, wallClock, declare = declareProgram, records = false } = options;
  const startedAt = wallClock();
  const inputs = readInputs(scenario);
  const sources = new Set<string>();
  const remarks = new Set<string>();
  const variants: RehearsalResult["variants"] = {};
  const recordings: Record<string, Recording> = {};
  const plans = variantsOf(scenario, inputs, allFlags);
  for (const { name, stack, ...variant } of plans) {
    watcher.begin(name);
    const resources = await declare(variant.program, stack);
    const place = { region: stack.region, account: stack.account };
    const recorder = records ? new Recorder(inputs.durationMs, LIMITS.lines / plans.length) : undefined;
    const run = await runVariant({
      ...variant,
      place,
      resources,
      sink: watcher.sink(name),
      recorder,
      progress: (share) => watcher.progress(name, share),
    });
    variants[name] = { ...run.result, policies: policyResult(resources) };
    if (recorder !== undefined) recordings[name] = recorder.finish();
    sources.add(`market: ${run.marketSource}`);
    for (const line of [...longerThanNotice(variant.profile, run.world), ...longJobs(variant)])
      remarks.add(`${name}: ${line}`);
  }
  return {
    result: {
      schema: "spotproof/rehearsal/1",
      seed: scenario.seed,
      simulatedSeconds: inputs.durationMs / 1000,
      wallSeconds: (wallClock() - startedAt) / 1000,
      variants,
    },
    sources: [
      ...sources,
      `load: ${inputs.load.source}`,
      ...(inputs.jobs === undefined ? [] : [`jobs: ${inputs.jobs.source}`]),
      `prices: ${inputs.prices.source}`,
    ],
    remarks: [...remarks],
    recordings,
  };
}

interface Inputs {
  readonly region: string;
  readonly durationMs: number;
  readonly prices: PriceTable;
  readonly load: LoadProfile;
  readonly jobs: JobArrivals | undefined;
  readonly market: (geometry: Geometry) => Market;
}

function readInputs(scenario: Scenario): Inputs {
  checkPrograms(scenario);
  const { config } = readStackConfig(folderOf(scenario), scenario.stack);
  const region = config["aws:region"] ?? DEFAULT_REGION;
  const durationMs = Math.round(scenario.days * DAY_MS);
  const prices = priceTable(region, scenario.prices);
  const trace = scenario.spotTrace === undefined ? undefined : readSpotTrace(scenario.spotTrace);
  const load =
    scenario.load === undefined
      ? generateLoad({
          seed: scenario.seed,
          durationMs,
          meanRequestsPerSecond: scenario.requestsPerSecond * scenario.loadScale,
        })
      : repeatLoad(readLoad(scenario.load, { scale: scenario.loadScale }), durationMs);
  const jobs = scenario.jobs === undefined ? undefined : readJobs(scenario.jobs, scenario.seed, durationMs);
  const market = (geometry: Geometry): Market =>
    trace === undefined
      ? withOutages(
          generateMarket({ seed: scenario.seed, durationMs, geometry, prices, hazardScale: scenario.hazardScale }),
          scenario.spotOutages.map(({ fromHours, toHours }) => ({
            fromMs: fromHours * HOUR_MS,
            untilMs: toHours * HOUR_MS,
          })),
        )
      : repeatMarket(marketFromTrace(trace, geometry), durationMs);
  return { region, durationMs, prices, load, jobs, market };
}

function checkPrograms(scenario: Scenario): void {
  const own = scenario.variants.flatMap((each) => (typeof each === "string" ? [] : (each.program ?? [])));
  const missing = [scenario.program, ...own].filter((file) => !existsSync(file));
  if (missing.length === 0) return;
  throw new InputError(
    "Program",
    missing.map((file) => ({
      where: "program",
      given: `no such file: ${file}`,
      allowed: "a Pulumi program",
      fix: "check the path",
    })),
  );
}

const folderOf = ({ program }: Scenario): string => path.dirname(path.resolve(program));

type VariantChoice = Exclude<Scenario["variants"][number], string>;

interface VariantPlan extends Omit<VariantOptions, "sink" | "progress" | "resources" | "place"> {
  readonly name: string;
  readonly stack: Stack;
}

function variantsOf(scenario: Scenario, inputs: Inputs, allFlags: boolean): VariantPlan[] {
  const flags: Flags = { ...DEFAULT_FLAGS, ...scenario.flags };
  const named = scenario.variants.map((each): VariantChoice => (typeof each === "string" ? { name: each } : each));
  return named.flatMap(({ name, program, config, profile, deployments, ...own }) => {
    const base: VariantPlan = {
      name,
      program: programOf(name, program, scenario),
      stack: stackOf(scenario, inputs.region, config),
      seed: scenario.seed,
      flags,
      faults: faultsOf(scenario.faults),
      profile: changedProfile(scenario.profile, profile),
      prices: inputs.prices,
      durationMs: inputs.durationMs,
      market: inputs.market,
      load: inputs.load,
      jobs: inputs.jobs,
      jobTargets:
        scenario.jobs === undefined ? undefined : { shares: scenario.jobs.queues, groups: scenario.jobs.groups },
      exact: scenario.exact,
      deployments: deployments ?? scenario.deployments,
      newAmiAtHours: own.newAmiAtHours ?? scenario.newAmiAtHours,
      turnedOffAtHours: own.turnedOffAtHours ?? scenario.turnedOffAtHours,
    };
    const others = allFlags ? OTHER_ANSWERS : [];
    return [
      base,
      ...others.map((answer) => ({ ...base, name: `${name} [${describe(answer)}]`, flags: { ...flags, ...answer } })),
    ];
  });
}

const describe = (answer: Partial<Flags>): string =>
  Object.entries(answer)
    .map(([flag, value]) => `${flag}=${value}`)
    .join(", ");

/** Those of {@link BASELINE_NAMES} are ours; any other name is the scenario's program, unless the variant has its own. */
function programOf(name: string, program: string | undefined, scenario: Scenario): string {
  if (program !== undefined) return path.resolve(program);
  return BASELINE_NAMES.has(name) ? path.join(BASELINES, `${name}.ts`) : path.resolve(scenario.program);
}

function stackOf(scenario: Scenario, region: string, own: Readonly<Record<string, unknown>> = {}): Stack {
  const stackConfig = readStackConfig(folderOf(scenario), scenario.stack);
  return {
    project: stackConfig.project,
    stack: scenario.stack,
    region,
    account: ACCOUNT,
    secretKeys: stackConfig.secretKeys,
    config: configUnder(stackConfig, { ...scenario.config, ...own }),
  };
}

function faultsOf(kind: Scenario["faults"]): FaultRates | undefined {
  switch (kind) {
    case "none":
      return undefined;
    case "ordinary":
      return ORDINARY;
    case "badDay":
      return BAD_DAY;
  }
}

/** Whether the variant that the user deploys held its laws. */
export function holds({ result }: Rehearsed): boolean {
  const [stack] = Object.values(result.variants);
  return stack?.lawsBroken.length === 0;
}
