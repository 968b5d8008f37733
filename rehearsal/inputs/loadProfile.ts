import { lastAtOrBefore } from "./lastAtOrBefore";

/** From `atMs` on, requests arrive at this rate, until the next step. */
export interface LoadStep {
  readonly atMs: number;
  readonly requestsPerSecond: number;
}

/** How many requests arrive over time. `atMs` is whole milliseconds since the start of the rehearsal. */
export interface LoadProfile {
  /** Where it comes from, in one line for the scoreboard. */
  readonly source: string;
  /** How long the load is known. */
  readonly durationMs: number;
  /** The first at 0; in time order; neighbours differ in rate. */
  readonly steps: readonly LoadStep[];
}

/** Steps without those that change nothing; at the same instant the last one counts. */
export function mergeSteps(steps: readonly LoadStep[]): LoadStep[] {
  const merged: LoadStep[] = [];
  for (const step of steps) {
    if (merged.at(-1)?.atMs === step.atMs) merged.pop();
    if (merged.at(-1)?.requestsPerSecond !== step.requestsPerSecond) merged.push(step);
  }
  return merged;
}

/** The rate at a moment; 0 before the start and from the end on. */
export function rateAt({ steps, durationMs }: LoadProfile, atMs: number): number {
  if (atMs < 0 || atMs >= durationMs) return 0;
  return lastAtOrBefore(steps, atMs)?.requestsPerSecond ?? 0;
}

/** How many requests arrive from the start to the end. */
export function totalRequests({ steps, durationMs }: LoadProfile): number {
  return steps.reduce((sum, { atMs, requestsPerSecond }, i) => {
    const untilMs = steps[i + 1]?.atMs ?? durationMs;
    return sum + (requestsPerSecond * (untilMs - atMs)) / 1000;
  }, 0);
}

/** A load that goes on until `untilMs`: from its end it starts again, as often as need be; a longer one is cut. */
export function repeatLoad(load: LoadProfile, untilMs: number): LoadProfile {
  const times = Math.ceil(untilMs / load.durationMs);
  const steps: LoadStep[] = [];
  for (let i = 0; i < times; i += 1) {
    steps.push(...load.steps.map((step) => ({ ...step, atMs: step.atMs + i * load.durationMs })));
  }
  return {
    source: times > 1 ? `${load.source}, repeated` : load.source,
    durationMs: untilMs,
    steps: mergeSteps(steps.filter(({ atMs }) => atMs < untilMs)),
  };
}
