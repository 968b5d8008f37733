/** Jobs that are done between SIGTERM and SIGKILL: whoever stops their task ends none of them, and it needs no protection. */
import { SIDECAR_DEFAULTS, type TaskArgs } from "../task/taskArgs";

/** Five seconds before the end the consumer gives back what isn't done; and SQS has to be told of what is. */
const MARGIN_SECONDS = 10;

export interface JobsEnd extends Pick<TaskArgs, "sidecars"> {
  /** The main container's. */
  readonly stopTimeoutSeconds: number;
  readonly consumerContainer?: string;
}

/** The longest that a job may take to be done after SIGTERM, by the container that works and the one that took it. */
export function longestAfterSigterm(end: JobsEnd): number {
  return Math.min(end.stopTimeoutSeconds, consumerStopTimeout(end)) - MARGIN_SECONDS;
}

/** Jobs of which nobody says how long they take are not. */
export const areShort = (longestJobSeconds: number | undefined, end: JobsEnd): boolean =>
  longestJobSeconds !== undefined && longestJobSeconds <= longestAfterSigterm(end);

/** Of the container that takes the jobs. */
export function consumerStopTimeout({ stopTimeoutSeconds, consumerContainer, sidecars = {} }: JobsEnd): number {
  if (consumerContainer === undefined) return stopTimeoutSeconds;
  return sidecars[consumerContainer]?.stopTimeoutSeconds ?? SIDECAR_DEFAULTS.stopTimeoutSeconds;
}
