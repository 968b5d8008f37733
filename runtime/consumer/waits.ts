/** How free slots wait where no queue has a message. */
import type { ResolvedQueue } from "./options";

export interface Wait {
  readonly queue: ResolvedQueue;
  readonly seconds: number;
}

export interface WaitLimits {
  /** 0 to 20, for the first queue. */
  readonly first: number;
  /** Messages of the first queue must not wait for a slot that waits elsewhere, nor where few slots wait at one after the other. */
  readonly others: number;
}

/** Most messages of one receive. */
export const MOST_AT_ONCE = 10;

/**
 * A slot for each queue where nobody waits yet; the rest wait for what these find, free to ask whichever queue has more. With fewer
 * slots than queues, `turn` says whose turn it is. A receive isn't given up once it waits: what SQS has handed out would stay
 * hidden.
 */
export function planWaits(
  slots: number,
  queues: readonly ResolvedQueue[],
  waitsAt: ReadonlySet<ResolvedQueue>,
  turn: number,
  limits: WaitLimits,
): Wait[] {
  const open = queues.filter((queue) => !waitsAt.has(queue));
  if (slots >= open.length) {
    return open.map((queue) => ({ queue, seconds: queue === queues[0] ? limits.first : limits.others }));
  }
  return Array.from({ length: slots }, (_, index) => {
    return { queue: open[(turn + index) % open.length]!, seconds: limits.others };
  });
}
