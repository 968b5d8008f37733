/** A tier's queues with everything filled in that wasn't given. */
import { withDefaults } from "../defaults";
import { WORKER_QUEUE_DEFAULTS, type WorkerQueueArgs } from "./workerQueueArgs";

/** So long a message stays hidden whose worker is gone without a word. A consumer's heartbeat prolongs it well before it ends. */
const HEARTBEAT_VISIBILITY_SECONDS = 60;

/** Without a heartbeat: what receiving and deleting take, beside the job. */
const VISIBILITY_MARGIN_SECONDS = 30;

/** From a receive on, however often it is prolonged.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
export const LONGEST_VISIBILITY_SECONDS = 12 * 3600;

/** What a tier says of all its queues. */
export interface QueuesSettings<Name extends string = string> {
  readonly queues: readonly (Name | WorkerQueueArgs<Name>)[];
  readonly acceptableLatencySeconds?: number;
  readonly longestJobSeconds?: number;
  readonly heartbeat?: boolean;
}

export const queueArgs = <Name extends string>(given: Name | WorkerQueueArgs<Name>): WorkerQueueArgs<Name> =>
  typeof given === "string" ? { name: given } : given;

export type ResolvedQueue<Name extends string = string> = ReturnType<typeof resolvedQueues<Name>>[number];

const DEFAULT_ACCEPTABLE_LATENCY_SECONDS = 60;

export function resolvedQueues<Name extends string>(settings: QueuesSettings<Name>) {
  const { acceptableLatencySeconds = DEFAULT_ACCEPTABLE_LATENCY_SECONDS } = settings;
  const defaults = {
    ...WORKER_QUEUE_DEFAULTS,
    acceptableLatencySeconds,
    visibilityTimeoutSeconds: visibility(settings),
  };
  return settings.queues.map((given) => withDefaults(queueArgs(given), defaults));
}

/** Of queues that one service takes from: the most urgent sets how many tasks there are. */
export const shortestLatency = (queues: readonly ResolvedQueue[]): number =>
  Math.min(...queues.map(({ acceptableLatencySeconds }) => acceptableLatencySeconds));

function visibility({ heartbeat = true, longestJobSeconds = 0 }: QueuesSettings): number {
  if (heartbeat) return HEARTBEAT_VISIBILITY_SECONDS;
  return Math.min(LONGEST_VISIBILITY_SECONDS, longestJobSeconds + VISIBILITY_MARGIN_SECONDS);
}
