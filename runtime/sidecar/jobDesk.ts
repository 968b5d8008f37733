/** Hands jobs out to clients that wait for one, first come, first served, and takes no more from the queues than these. */
import type { TakenJob } from "../consumer/job";
import type { Timers } from "../timers";
import { Leases, type Lease } from "./leases";

/** What of a `JobSource` is used. */
export interface Source {
  take(): Promise<TakenJob | undefined>;
  stop(): Promise<void>;
}

export interface JobDeskOptions {
  readonly source: Source;
  /** Most jobs handed out at once. */
  readonly concurrency: number;
  readonly timers: Timers;
}

/** A job, `none` where nothing came in time, `stopping` where nothing more will come. */
export type Offer = Lease | "none" | "stopping";

interface Client {
  readonly leaseSeconds: number;
  readonly answer: (offer: Offer) => void;
  readonly timer: unknown;
}

/** A receive can't be called back: what it brings after its client has gone waits so long for the next one. */
const SPARE_SECONDS = 5;

export class JobDesk {
  readonly leases: Leases;
  readonly #options: JobDeskOptions;
  readonly #clients = new Set<Client>();
  readonly #spare = new Map<TakenJob, unknown>();
  /** Jobs asked of the source that haven't come. */
  #asked = 0;
  #stopped: Promise<void> | undefined;

  constructor(options: JobDeskOptions) {
    this.#options = options;
    this.leases = new Leases(options.timers, () => this.#ask());
  }

  get isStopping(): boolean {
    return this.#stopped !== undefined;
  }

  /** Answers once, within the time; what it returns takes a client out that waits no longer. */
  next(
    { waitSeconds, leaseSeconds }: { readonly waitSeconds: number; readonly leaseSeconds: number },
    answer: (offer: Offer) => void,
  ): () => void {
    if (this.isStopping) {
      answer("stopping");
      return () => undefined;
    }
    const timer = this.#options.timers.after(waitSeconds * 1000, () => this.#answer(client, "none"));
    const client: Client = { leaseSeconds, answer, timer };
    this.#clients.add(client);
    const [spare] = this.#spare.keys();
    if (spare !== undefined) this.#handOut(spare, client);
    else this.#ask();
    return () => this.#leave(client);
  }

  /** Nothing is handed out any more; resolves when every job is settled or given back. */
  stop(): Promise<void> {
    this.#stopped ??= this.#options.source.stop();
    for (const client of this.#clients) this.#answer(client, "stopping");
    for (const job of this.#spare.keys()) this.#giveBack(job, "it came after the stop");
    return this.#stopped;
  }

  #ask(): void {
    const { source, concurrency } = this.#options;
    while (this.#asked < this.#clients.size && this.#asked + this.leases.size + this.#spare.size < concurrency) {
      this.#asked++;
      void source.take().then((job) => {
        this.#asked--;
        if (job !== undefined) this.#came(job);
      });
    }
  }

  #came(job: TakenJob): void {
    const [client] = this.#clients;
    if (this.isStopping) return this.#giveBack(job, "it came after the stop");
    if (client !== undefined) return this.#handOut(job, client);
    const timer = this.#options.timers.after(SPARE_SECONDS * 1000, () => this.#giveBack(job, "no client asked for it"));
    this.#spare.set(job, timer);
    job.signal.addEventListener("abort", () => this.#take(job));
  }

  #handOut(job: TakenJob, client: Client): void {
    this.#take(job);
    this.#answer(client, this.leases.begin(job, client.leaseSeconds));
  }

  #giveBack(job: TakenJob, reason: string): void {
    this.#take(job);
    void job.giveBack(reason);
  }

  /** From those that nobody has. */
  #take(job: TakenJob): void {
    this.#options.timers.cancel(this.#spare.get(job));
    this.#spare.delete(job);
  }

  #answer(client: Client, offer: Offer): void {
    this.#leave(client);
    client.answer(offer);
  }

  #leave(client: Client): void {
    this.#options.timers.cancel(client.timer);
    this.#clients.delete(client);
  }
}
