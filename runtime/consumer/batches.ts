/** Calls for single messages, made for up to ten at once. */
import { backoff } from "../backoff";
import type { Timers } from "../timers";
import type { PortFailure } from "./port";
import { MOST_AT_ONCE } from "./waits";

/** So long a call waits for others to go with it: nothing beside a job, and much less than a call each. */
const LINGER_MS = 20;
const RETRY_MS = { first: 200, longest: 2000 };
/** Some ten seconds in all. */
const MOST_TRIES = 8;

interface Waiting<T> {
  readonly item: T;
  readonly answer: (failure: PortFailure | undefined) => void;
}

export interface BatchesOptions<T> {
  readonly timers: Timers;
  readonly random: () => number;
  readonly call: (items: readonly T[]) => Promise<readonly PortFailure[]>;
}

export class Batches<T extends { readonly receiptHandle: string }> {
  #waiting: Waiting<T>[] = [];
  #timer: unknown;

  constructor(private readonly options: BatchesOptions<T>) {}

  /** Resolves with what is wrong at last, or with undefined. What may go away is tried again while `goesOn`. */
  async make(item: T, goesOn: () => boolean = () => true): Promise<PortFailure | undefined> {
    for (let tries = 1; ; tries++) {
      const failure = await this.#once(item);
      if (failure === undefined || failure.isFinal || tries === MOST_TRIES || !goesOn()) return failure;
      await this.#pause(tries);
      if (!goesOn()) return failure;
    }
  }

  #once(item: T): Promise<PortFailure | undefined> {
    return new Promise((answer) => {
      this.#waiting.push({ item, answer });
      if (this.#waiting.length >= MOST_AT_ONCE) this.#flush();
      else this.#timer ??= this.options.timers.after(LINGER_MS, () => this.#flush());
    });
  }

  #flush(): void {
    this.options.timers.cancel(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    void this.#send(batch);
  }

  async #send(batch: readonly Waiting<T>[]): Promise<void> {
    const items = batch.map(({ item }) => item);
    const failures = await this.options.call(items).catch((error: unknown): PortFailure[] => {
      return items.map(({ receiptHandle }) => ({ receiptHandle, reason: String(error), isFinal: false }));
    });
    if (failures.length === 0) return batch.forEach(({ answer }) => answer(undefined));
    const byReceipt = new Map(failures.map((failure) => [failure.receiptHandle, failure]));
    for (const { item, answer } of batch) answer(byReceipt.get(item.receiptHandle));
  }

  #pause(tries: number): Promise<void> {
    const { timers, random } = this.options;
    return new Promise((resolve) => timers.after(backoff(RETRY_MS, tries, random()), resolve));
  }
}
