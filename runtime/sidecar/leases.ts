/** Jobs that clients work on: each is its client's for as long as it is heard of within its lease. */
import type { TakenJob } from "../consumer/job";
import type { Timers } from "../timers";

export interface Lease {
  /** Of this attempt: a client that comes back late can't settle what another has now. */
  readonly id: string;
  readonly job: TakenJob;
  readonly seconds: number;
}

/** How a lease ended. */
export type Ended =
  | { readonly kind: "done" | "failed" | "givenBack" }
  /** The job is somebody else's. */
  | { readonly kind: "gone"; readonly reason: string };

/** So many are remembered, for clients that say something twice or too late. */
const REMEMBERED = 1000;

interface Held extends Lease {
  timer: unknown;
}

export class Leases {
  readonly #held = new Map<string, Held>();
  readonly #ended = new Map<string, Ended>();
  #begun = 0;
  #expired = 0;

  constructor(
    private readonly timers: Timers,
    /** Called whenever one has ended. */
    private readonly onEnd: () => void,
  ) {}

  get size(): number {
    return this.#held.size;
  }

  /** How many clients went unheard. */
  get expired(): number {
    return this.#expired;
  }

  begin(job: TakenJob, seconds: number): Lease {
    const id = `${job.id}.${++this.#begun}`;
    const held: Held = { id, job, seconds, timer: undefined };
    this.#held.set(id, held);
    this.#wait(held);
    job.signal.addEventListener("abort", () => this.end(id, { kind: "gone", reason: reasonOf(job.signal) }));
    return held;
  }

  held(id: string): Lease | undefined {
    return this.#held.get(id);
  }

  ended(id: string): Ended | undefined {
    return this.#ended.get(id);
  }

  renew(id: string): void {
    const held = this.#held.get(id);
    if (held !== undefined) this.#wait(held);
  }

  end(id: string, how: Ended): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.timers.cancel(held.timer);
    this.#held.delete(id);
    this.#ended.set(id, how);
    if (this.#ended.size > REMEMBERED) this.#ended.delete(this.#ended.keys().next().value!);
    this.onEnd();
  }

  #wait(held: Held): void {
    this.timers.cancel(held.timer);
    held.timer = this.timers.after(held.seconds * 1000, () => {
      this.#expired++;
      void held.job.giveBack(`its client wasn't heard of for ${held.seconds} s`);
    });
  }
}

const reasonOf = ({ reason }: AbortSignal): string => (reason instanceof Error ? reason.message : String(reason));
