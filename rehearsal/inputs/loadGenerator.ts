import { randomLogNormal } from "d3-random";
import { type LoadProfile, type LoadStep, mergeSteps } from "./loadProfile";
import { randomStream } from "./random";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** What a generated load looks like. */
export interface LoadShape {
  readonly seed: number;
  readonly durationMs: number;
  /** Over whole days. */
  readonly meanRequestsPerSecond: number;
  /** How far the day goes from its mean, 0 (flat) to 1 (nothing at midnight, twice the mean at noon). @default 0.6 */
  readonly dailySwing?: number;
  /** Spread of a minute around the day's curve, as the standard deviation of the logarithm. @default 0.1 */
  readonly noise?: number;
}

/**
 * A day's curve, lowest at midnight, where the rehearsal starts, and highest at noon, with independent log-normal noise per minute of mean 1.
 *
 * @throws RangeError if a member is out of its range
 */
export function generateLoad(shape: LoadShape): LoadProfile {
  const { seed, durationMs, meanRequestsPerSecond, dailySwing = 0.6, noise = 0.1 } = shape;
  requireRange("durationMs", durationMs, 1, Number.MAX_SAFE_INTEGER);
  requireRange("meanRequestsPerSecond", meanRequestsPerSecond, 0, Number.MAX_VALUE);
  requireRange("dailySwing", dailySwing, 0, 1);
  requireRange("noise", noise, 0, Number.MAX_VALUE);
  // exp(mu + sigma² / 2) is the mean of a log-normal distribution: this mu makes it 1.
  const factor = randomLogNormal.source(randomStream(seed, "load"))(-(noise * noise) / 2, noise);
  const steps: LoadStep[] = [];
  for (let atMs = 0; atMs < durationMs; atMs += MINUTE_MS) {
    steps.push({ atMs, requestsPerSecond: meanRequestsPerSecond * dailyCurve(atMs, dailySwing) * factor() });
  }
  const source = `generated, seed ${seed}: ${meanRequestsPerSecond} requests/s, daily swing ${dailySwing}, noise ${noise}`;
  return { source, durationMs, steps: mergeSteps(steps) };
}

/** How much of the mean comes at a time of day; 1 over a whole day. */
export function dailyCurve(atMs: number, swing: number): number {
  return 1 - swing * Math.cos((2 * Math.PI * atMs) / DAY_MS);
}

function requireRange(name: string, value: number, min: number, max: number): void {
  if (value >= min && value <= max) return;
  throw new RangeError(`${name} is ${value}; allowed: ${min} to ${max}; give the generated load another ${name}`);
}
