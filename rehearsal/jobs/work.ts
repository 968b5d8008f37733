/** What a worker's handler does: it works for as long as the job takes, on the world's clock, or throws on the way. */
import type { Timers } from "../../runtime/timers";
import type { JobsProfile } from "../inputs/jobsProfile";
import type { Random } from "../world/context";
import type { Attempt, AttemptEnd, JobRecord } from "./job";
import type { JobLedger } from "./ledger";

export interface WorkOptions {
  readonly ledger: JobLedger;
  readonly timers: Timers;
  readonly profile: JobsProfile;
  /** ARN of the task. */
  readonly worker: string;
  readonly random: Random;
}

/** A message that is none of the rehearsal's jobs takes no time. */
export class Work {
  /** By message; the consumer doesn't begin one beside itself. */
  private readonly running = new Map<string, Attempt>();

  constructor(private readonly options: WorkOptions) {}

  get inProgress(): number {
    return this.running.size;
  }

  /** Resolves when the job is done; rejects when it fails, or is taken away. */
  async run(messageId: string, receiveCount: number, signal?: AbortSignal): Promise<void> {
    const { ledger, worker } = this.options;
    const job = ledger.of(messageId);
    if (job === undefined) return;
    const attempt = ledger.begin(job, worker, receiveCount);
    this.running.set(messageId, attempt);
    try {
      await this.workOn(attempt, signal);
      ledger.end(attempt, "done");
    } finally {
      ledger.end(attempt, "failed");
      if (this.running.get(messageId) === attempt) this.running.delete(messageId);
    }
  }

  /** The consumer has taken it from the handler, which is told so next. */
  takenAway(messageId: string, end: AttemptEnd): void {
    const attempt = this.running.get(messageId);
    if (attempt !== undefined) this.options.ledger.end(attempt, end);
  }

  /** What has been done of it until now is kept, where the program can do so. */
  checkpoint(messageId: string): "saved" | undefined {
    const attempt = this.running.get(messageId);
    if (attempt === undefined || !this.options.profile.checkpoints) return undefined;
    this.options.ledger.checkpoint(attempt);
    return "saved";
  }

  /** How long it takes in all, where the program can tell. */
  expectedSeconds(messageId: string): number | undefined {
    const job = this.options.ledger.of(messageId);
    return job === undefined || !this.options.profile.tellsLength ? undefined : leftMs(job) / 1000;
  }

  private workOn({ job }: Attempt, signal: AbortSignal | undefined): Promise<void> {
    const { timers, random, profile } = this.options;
    const fails = random() < profile.failShare;
    const ms = fails ? random() * leftMs(job) : leftMs(job);
    return new Promise((resolve, reject) => {
      const timer = timers.after(ms, () => (fails ? reject(new Error("the handler failed")) : resolve()));
      signal?.addEventListener("abort", () => {
        timers.cancel(timer);
        reject(signal.reason as Error);
      });
    });
  }
}

const leftMs = ({ workMs, savedMs }: JobRecord): number => workMs - savedMs;
