/** Jobs for queues, as they arrive: from a recorded file or from the seeded generator. */

export interface JobArrival {
  /** Whole milliseconds since the start of the rehearsal. */
  readonly atMs: number;
  /** How long one worker works on it. */
  readonly workMs: number;
}

export interface JobArrivals {
  /** Where they come from, in one line for the scoreboard. */
  readonly source: string;
  /** How long they are known. */
  readonly durationMs: number;
  /** In time order. */
  readonly arrivals: readonly JobArrival[];
}

/** Jobs that go on until `untilMs`: from their end they start again, as often as need be; more are cut. */
export function repeatJobs(jobs: JobArrivals, untilMs: number): JobArrivals {
  const times = Math.ceil(untilMs / jobs.durationMs);
  const arrivals: JobArrival[] = [];
  for (let i = 0; i < times; i += 1) {
    for (const { atMs, workMs } of jobs.arrivals) {
      const shiftedMs = atMs + i * jobs.durationMs;
      if (shiftedMs < untilMs) arrivals.push({ atMs: shiftedMs, workMs });
    }
  }
  return { source: times > 1 ? `${jobs.source}, repeated` : jobs.source, durationMs: untilMs, arrivals };
}

/** Each job comes `scale` times on average, at its own instant and with its own length. */
export function scaleJobs(jobs: JobArrivals, scale: number, random: () => number): JobArrivals {
  if (scale === 1) return jobs;
  const arrivals = jobs.arrivals.flatMap((each) =>
    Array.from({ length: Math.floor(scale) + (random() < scale % 1 ? 1 : 0) }, () => each),
  );
  return { ...jobs, arrivals, source: `${jobs.source}, each ${scale} times on average` };
}
