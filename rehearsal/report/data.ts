/**
 * What a page is drawn from. Times are milliseconds since the measuring began; what was before is negative.
 * Everything is bounded, however long the rehearsal is: {@link LIMITS}.
 */
import type { RehearsalResult } from "../measure/result";

/** How much a page keeps. Beyond it something is left out, and the page says how much. */
export const LIMITS = {
  /** Buckets on the time axis. */
  buckets: 3_000,
  instances: 20_000,
  interruptions: 20_000,
  /** Log lines of one variant, in calm interruptions; those in which something failed have as many again. */
  lines: 60_000,
  /** Log lines in the window of one interruption. */
  linesOfOne: 2_000,
  services: 6,
  queues: 12,
} as const;

/** A value that changes, by bucket: the least and the most that it was. */
export interface Band {
  readonly min: readonly number[];
  readonly max: readonly number[];
}

export interface ServiceSeries {
  readonly name: string;
  readonly desired: Band;
  readonly running: Band;
  /** Healthy at the balancer; where none checks, as ECS counts. */
  readonly healthy: Band;
}

export interface QueueSeries {
  readonly name: string;
  readonly visible: Band;
  readonly inFlight: Band;
}

export interface RequestSeries {
  /** By bucket; expected numbers. */
  readonly served: readonly number[];
  /** By cause, then by bucket. Causes that never happened are missing. */
  readonly failed: Readonly<Record<string, readonly number[]>>;
}

export interface CostSeries {
  /** USD per hour at the beginning of each bucket. */
  readonly usd: readonly number[];
  /** The same instances at their on-demand price. */
  readonly onDemandUsd: readonly number[];
}

/** From then on it was in that state. */
export type Change = readonly [at: number, state: string];

export interface Life {
  readonly id: string;
  readonly changes: readonly Change[];
  /** Undefined: it lived on. */
  readonly endedAt?: number;
}

export interface InstanceLife extends Life {
  readonly type: string;
  readonly zone: string;
  readonly lifecycle: string;
  /** The row of the chart that it has for itself while it lives. */
  readonly row: number;
}

/** A line of the strip of one interruption. */
export interface StripRow extends Life {
  readonly kind: "interrupted" | "task" | "newInstance" | "newTask";
  readonly label: string;
}

/** Something that happened at an instant, in words. */
export interface Milestone {
  readonly at: number;
  readonly what: string;
  readonly who: string;
}

/** Seconds from the interruption's beginning; undefined where it didn't happen. */
export interface Timing {
  readonly draining?: number;
  readonly lastTargetOut?: number;
  readonly lastExit?: number;
  readonly replacementHealthy?: number;
}

export interface Interruption {
  /** When it was announced, or decided where nobody was told. */
  readonly at: number;
  /** When EC2 takes the instance. */
  readonly takenAt: number;
  /** Until when events are shown. */
  readonly until: number;
  readonly instance: string;
  readonly type: string;
  readonly zone: string;
  readonly noticed: boolean;
  readonly tasks: number;
  /** Tasks that SIGKILL or the loss of the host ended. */
  readonly killed: number;
  /** Requests that failed between `at` and `until`, whatever the cause. */
  readonly failed: number;
  /** The same by second since `at`, and cause. */
  readonly failures: readonly (readonly [second: number, cause: string, count: number])[];
  /** Seconds between the two with fewer tasks serving than desired. */
  readonly belowSeconds: number;
  readonly timing: Timing;
  readonly rows: readonly StripRow[];
  readonly milestones: readonly Milestone[];
  /** Whether its log lines were kept. */
  readonly hasLines: boolean;
}

export type LineFields = Readonly<Record<string, unknown>>;
export type KeptLine = readonly [at: number, event: string, fields: LineFields];

export interface Recording {
  readonly bucketMs: number;
  readonly durationMs: number;
  readonly services: readonly ServiceSeries[];
  readonly queues: readonly QueueSeries[];
  readonly requests: RequestSeries;
  readonly cost: CostSeries;
  readonly instances: readonly InstanceLife[];
  readonly rows: number;
  /** Rebalance recommendations: when, and which row. */
  readonly recommendations: readonly (readonly [at: number, row: number])[];
  /** When no pool had an instance to give. */
  readonly outages: readonly (readonly [from: number, to: number])[];
  readonly interruptions: readonly Interruption[];
  readonly lines: readonly KeptLine[];
  readonly leftOut: { readonly instances: number; readonly interruptions: number; readonly lines: number };
}

export interface PageData {
  readonly result: RehearsalResult;
  readonly recordings: Readonly<Record<string, Recording>>;
}

/** What a page says beside figures. */
export interface PageText {
  readonly scenario: string;
  readonly description: string;
  /** The command that gives this page again. */
  readonly command: string;
  readonly sources: readonly string[];
  readonly remarks: readonly string[];
  /** Where only some of what ran is on the page. */
  readonly partly?: string;
}
