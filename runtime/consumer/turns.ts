/** Who is asked first: by priority alone, or each in turn by its weight. */
import type { Polling, ResolvedQueue } from "./options";

/**
 * Weights as nginx's smooth round robin turns them: each turn, every queue gains its weight, the one with most is first and
 * pays the sum of all. Nobody waits for longer than the sum of weights over its own.
 */
export class Turns {
  readonly #credit = new Map<ResolvedQueue, number>();

  constructor(
    private readonly queues: readonly ResolvedQueue[],
    private readonly polling: Polling,
  ) {}

  /** In which order the next free slots ask: who has nothing is followed by the others in order of priority. */
  next(): readonly ResolvedQueue[] {
    if (this.polling === "strict" || this.queues.length === 1) return this.queues;
    const first = this.#turn();
    return [first, ...this.queues.filter((queue) => queue !== first)];
  }

  #turn(): ResolvedQueue {
    let sum = 0;
    let first = this.queues[0]!;
    for (const queue of this.queues) {
      sum += queue.weight;
      this.#credit.set(queue, (this.#credit.get(queue) ?? 0) + queue.weight);
      if (this.#credit.get(queue)! > this.#credit.get(first)!) first = queue;
    }
    this.#credit.set(first, this.#credit.get(first)! - sum);
    return first;
  }
}
