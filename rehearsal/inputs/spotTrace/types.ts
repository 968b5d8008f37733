/** From `atMs` (milliseconds since the trace's start) on, the level is `level`, until the next step. */
export interface LevelStep {
  readonly atMs: number;
  readonly level: number;
}

/** Instances taken away at one instant: of `from` instances, `to` are left. */
export interface LevelFall {
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
}

/** How many instances a recorded group held over time. */
export interface LevelTrace {
  readonly kind: "level";
  readonly source: string;
  readonly durationMs: number;
  /** The first at 0; each at another instant, in time order. */
  readonly steps: readonly LevelStep[];
  readonly falls: readonly LevelFall[];
}

/** Whether an instance could be held in each Availability Zone over time. */
export interface AvailabilityTrace {
  readonly kind: "availability";
  readonly source: string;
  readonly durationMs: number;
  /** Level 1: available, 0: not; the first step of each zone is at 0. */
  readonly zones: readonly { readonly name: string; readonly steps: readonly LevelStep[] }[];
}

export type SpotTrace = LevelTrace | AvailabilityTrace;

/** Hours with one decimal, for a source line. */
export function hours(ms: number): string {
  return `${(ms / 3_600_000).toFixed(1)} h`;
}
