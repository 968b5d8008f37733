import { randomLogNormal, randomPareto, randomPoisson } from "d3-random";
import type { JobArrival, JobArrivals } from "./jobArrivals";
import type { JobsInput } from "./jobsSchema";
import { dailyCurve } from "./loadGenerator";
import { randomStream } from "./random";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Log-normal: `sigma` is the standard deviation of the logarithm. Pareto's: the smaller `alpha`, the longer are the longest. */
export type JobLengths = JobsInput["lengths"];

export interface JobShape {
  readonly seed: number;
  readonly durationMs: number;
  /** Over whole days. */
  readonly meanPerHour: number;
  /** How far the day goes from its mean, 0 (flat) to 1 (none at midnight, twice the mean at noon). */
  readonly dailySwing: number;
  readonly lengths: JobLengths;
}

/** Independent jobs around a day's curve, lowest at midnight, where the rehearsal starts. */
export function generateJobs({ seed, durationMs, meanPerHour, dailySwing, lengths }: JobShape): JobArrivals {
  const random = randomStream(seed, "jobs/arrivals");
  const seconds = drawSeconds(lengths, randomStream(seed, "jobs/lengths"));
  const arrivals: JobArrival[] = [];
  for (let minute = 0; minute < durationMs; minute += MINUTE_MS) {
    const mean = (meanPerHour * dailyCurve(minute, dailySwing) * MINUTE_MS) / HOUR_MS;
    const count = randomPoisson.source(random)(mean)();
    const times = Array.from({ length: count }, () => Math.floor(minute + random() * MINUTE_MS));
    for (const atMs of times.sort((a, b) => a - b)) {
      if (atMs < durationMs) arrivals.push({ atMs, workMs: Math.round(seconds() * 1000) });
    }
  }
  const source = `generated, seed ${seed}: ${meanPerHour} jobs/hour, daily swing ${dailySwing}, ${describe(lengths)}`;
  return { source, durationMs, arrivals };
}

function drawSeconds(lengths: JobLengths, random: () => number): () => number {
  const { mostSeconds = Infinity } = lengths;
  const seconds =
    "medianSeconds" in lengths
      ? randomLogNormal.source(random)(Math.log(lengths.medianSeconds), lengths.sigma)
      : scaled(lengths.leastSeconds, randomPareto.source(random)(lengths.alpha));
  return () => Math.min(seconds(), mostSeconds);
}

const scaled = (factor: number, draw: () => number) => () => factor * draw();

function describe(lengths: JobLengths): string {
  const { mostSeconds } = lengths;
  const cut = mostSeconds === undefined ? "" : `, at most ${mostSeconds} s`;
  return "medianSeconds" in lengths
    ? `log-normal around ${lengths.medianSeconds} s, sigma ${lengths.sigma}${cut}`
    : `Pareto from ${lengths.leastSeconds} s, alpha ${lengths.alpha}${cut}`;
}
