/** The repository's own program at any size, declared once and rehearsed as often as need be. */
import path from "node:path";
import { declareProgram } from "../rehearsal/deploy/program";
import { readStackConfig } from "../rehearsal/deploy/stackConfig";
import type { Resource } from "../rehearsal/deploy/monitor";
import { generateLoad } from "../rehearsal/inputs/load";
import type { Geometry, Market } from "../rehearsal/inputs/market";
import { type PriceTable, priceTable } from "../rehearsal/inputs/prices";
import { DEFAULT_PROFILE } from "../rehearsal/inputs/profile";
import type { Recorder } from "../rehearsal/report/recorder";
import { runVariant, type VariantRun } from "../rehearsal/variant";
import { ORDINARY } from "../rehearsal/world/faults";
import { DEFAULT_FLAGS } from "../rehearsal/world/flags";

const ROOT = path.join(__dirname, "..");
const PLACE = { region: "eu-west-1", account: "123456789012" };
export const HOUR_MS = 3_600_000;

/** Tasks that fit an m5.large together. */
const TASKS_PER_INSTANCE = 10;

export interface Size {
  readonly instances: number;
  readonly tasks: number;
}

export const sizeOf = (instances: number): Size => ({ instances, tasks: instances * TASKS_PER_INSTANCE });

export function declareStack({ instances, tasks }: Size): Promise<Resource[]> {
  const { project, config, secretKeys } = readStackConfig(ROOT, "prod");
  const size = { minSize: instances, maxSize: 2 * instances, desiredCount: tasks, cpu: 192, onDemandBaseCapacity: 0 };
  const over = Object.entries(size).map(([key, value]) => [`${project}:${key}`, String(value)]);
  const changed = { ...config, ...(Object.fromEntries(over) as Record<string, string>) };
  return declareProgram(path.join(ROOT, "index.ts"), { project, stack: "prod", ...PLACE, secretKeys, config: changed });
}

export interface Rehearsal {
  readonly hours: number;
  readonly size: Size;
  readonly market: (geometry: Geometry, prices: PriceTable) => Market;
  readonly recorder?: Recorder;
}

/** One variant, with ordinary faults, at three requests a second for each task. */
export function rehearse(
  resources: readonly Resource[],
  { hours, size, market, recorder }: Rehearsal,
): Promise<VariantRun> {
  const seed = 1;
  const prices = priceTable(PLACE.region);
  const durationMs = hours * HOUR_MS;
  return runVariant({
    program: "index.ts",
    resources,
    place: PLACE,
    seed,
    flags: DEFAULT_FLAGS,
    faults: ORDINARY,
    profile: DEFAULT_PROFILE,
    prices,
    durationMs,
    market: (geometry) => market(geometry, prices),
    load: generateLoad({ seed, durationMs, meanRequestsPerSecond: 3 * size.tasks }),
    exact: false,
    sink: undefined,
    recorder,
    progress: () => undefined,
  });
}

/** Runs it so many times; the median of the milliseconds, and the last answer. */
export async function timed<T>(times: number, run: () => Promise<T>): Promise<{ ms: number; answer: T }> {
  const taken: number[] = [];
  let answer: T | undefined;
  for (let count = 0; count < times; count++) {
    const from = performance.now();
    answer = await run();
    taken.push(performance.now() - from);
  }
  taken.sort((a, b) => a - b);
  return { ms: taken[Math.floor(taken.length / 2)]!, answer: answer! };
}
