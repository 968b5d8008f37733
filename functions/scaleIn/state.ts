/** What the scale-in decides by. */
import type { RetireState } from "../retire/state";

export interface AlarmStates {
  /** OK, ALARM or INSUFFICIENT_DATA; undefined where there is no such alarm. */
  readonly low: string | undefined;
  readonly scaleOut: readonly { readonly name: string; readonly state: string | undefined }[];
}

/** Of the service as a scalable target. */
export interface Bounds {
  readonly minCount: number;
  /** Whether somebody has suspended scaling in. */
  readonly isSuspended: boolean;
}

export interface ScaleInState extends RetireState {
  readonly alarms: AlarmStates;
  readonly bounds: Bounds | undefined;
  /** The highest of the last full minutes; undefined where it was not read. */
  readonly load: number | undefined;
}
