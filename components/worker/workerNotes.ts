/** What is right but worth a word: what an interruption ends, and what a tier of no tasks takes to begin. */
import { usesSpot, type ServiceCapacity } from "../service/capacityStrategy";

export interface NotedTier {
  readonly capacity: ServiceCapacity;
  readonly stopTimeoutSeconds: number;
  readonly longestJobSeconds?: number;
  /** The shortest of the tier. */
  readonly acceptableLatencySeconds: number;
  readonly minCount: number;
}

/** From a message to its worker, where none runs: two minutes until CloudWatch has it, one of the alarm, the container's start. */
const START_SECONDS = 210;

/** And where no instance has room: its launch and its boot. */
export const FROM_ZERO_SECONDS = START_SECONDS + 150;

/** A job that isn't through by then isn't lost, but begins again. */
export function longJobNote({ capacity, longestJobSeconds = 0, stopTimeoutSeconds }: NotedTier): string | undefined {
  if (longestJobSeconds <= stopTimeoutSeconds || !usesSpot(capacity)) return undefined;
  return (
    `longestJobSeconds is ${longestJobSeconds}, but a job has ${stopTimeoutSeconds} s after a Spot notice (stopTimeoutSeconds): ` +
    `what isn't done by then goes back to its queue and begins again, from its last checkpoint where it saves any; ` +
    `give capacity: "onDemand" if it may not`
  );
}

export function fromZeroNote({ minCount, acceptableLatencySeconds }: NotedTier): string | undefined {
  if (minCount > 0 || acceptableLatencySeconds >= FROM_ZERO_SECONDS) return undefined;
  return (
    `acceptableLatencySeconds is ${acceptableLatencySeconds}, but the first message after a quiet time waits about ` +
    `${START_SECONDS} s for a task, and ${FROM_ZERO_SECONDS} s where an instance has to be launched for it: ` +
    `give scaling.minCount: 1, or accept ${FROM_ZERO_SECONDS} s`
  );
}
