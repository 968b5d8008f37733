/** The queues' jobs for clients over HTTP, and what is told of them. */
import { JobSource } from "../consumer/jobSource";
import { eventRecord, isRoutine } from "../consumer/eventRecord";
import type { ConsumerEvent } from "../consumer/events";
import type { JobSourceOptions } from "../consumer/options";
import type { Timers } from "../timers";
import { JobDesk } from "./jobDesk";
import { JobRoutes, type JobTimes } from "./jobRoutes";
import { addOne, counter, gauge, type Metric } from "./metrics";

export interface JobsOptions extends JobSourceOptions, JobTimes {
  readonly concurrency: number;
  readonly timers: Timers;
  readonly stopTimeoutSeconds: number;
  readonly log: (record: Readonly<Record<string, unknown>>) => void;
}

const GIVE_BACK_MARGIN_SECONDS = 5;
/** The sidecar tells itself of its stop. */
const isOfStop = ({ kind }: ConsumerEvent): boolean => kind === "stopping" || kind === "stopped";
const OUTCOMES = ["done", "failed", "givenBack", "takenOver", "limit"] as const;

export class Jobs {
  readonly routes: JobRoutes;
  readonly #desk: JobDesk;
  readonly #outcomes = new Map<string, number>(OUTCOMES.map((outcome) => [outcome, 0]));

  constructor(private readonly options: JobsOptions) {
    const { concurrency, timers, stopTimeoutSeconds } = options;
    const giveBackMarginSeconds = Math.min(GIVE_BACK_MARGIN_SECONDS, stopTimeoutSeconds / 2);
    const report = (event: ConsumerEvent): void => this.#happened(event);
    const source = new JobSource({ ...options, giveBackMarginSeconds, report });
    this.#desk = new JobDesk({ source, concurrency, timers });
    this.routes = new JobRoutes(this.#desk, options);
  }

  /** Jobs that clients work on. */
  get inHand(): number {
    return this.#desk.leases.size;
  }

  get isStopping(): boolean {
    return this.#desk.isStopping;
  }

  /** Resolves when every job is settled or given back, or after `mostMs`. */
  async stop(mostMs: number): Promise<void> {
    const { timers } = this.options;
    let timer: unknown;
    const late = new Promise<void>((resolve) => (timer = timers.after(mostMs, resolve)));
    await Promise.race([this.#desk.stop(), late]);
    timers.cancel(timer);
  }

  metrics(): Metric[] {
    const { leases } = this.#desk;
    return [
      gauge("spotproof_jobs_in_hand", "Jobs that clients work on.", leases.size),
      counter("spotproof_jobs_total", "Jobs that ended, by how.", { label: "outcome", counts: this.#outcomes }),
      counter("spotproof_job_leases_expired_total", "Jobs whose clients were not heard of in time.", leases.expired),
    ];
  }

  #happened(event: ConsumerEvent): void {
    if (this.#outcomes.has(event.kind)) addOne(this.#outcomes, event.kind);
    if (!isRoutine(event) && !isOfStop(event)) this.options.log(eventRecord(event));
    this.options.report?.(event);
  }
}
