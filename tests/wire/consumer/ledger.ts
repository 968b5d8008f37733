/** What became of each job, as its workers told it. */
import type { ConsumerEvent } from "../../../runtime";

/** As a worker prints it. */
export type Told = ConsumerEvent & { readonly at: number };

export interface Attempt {
  readonly worker: string;
  readonly jobId: string;
  readonly queue: string;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  /** Open until its worker says more. */
  end: "open" | EndKind;
}

const ENDS = ["done", "failed", "givenBack", "limit", "takenOver"] as const;
type EndKind = (typeof ENDS)[number];

export interface Repeat {
  readonly jobId: string;
  readonly by: string;
  /** Of the attempt before. */
  readonly ended: Attempt["end"];
}

export class Ledger {
  readonly attempts: Attempt[] = [];
  readonly done = new Set<string>();
  /** What no worker should have to tell. */
  readonly troubles: Told[] = [];
  readonly #open = new Map<string, Attempt>();

  note(worker: string, told: Told): void {
    const key = "jobId" in told ? `${worker} ${told.jobId}` : "";
    if (told.kind === "started") {
      const { jobId, queue, at: begunAt } = told;
      const attempt: Attempt = { worker, jobId, queue, begunAt, end: "open" };
      this.attempts.push(attempt);
      this.#open.set(key, attempt);
    } else if (isEnd(told.kind)) {
      this.#open.get(key)!.end = told.kind;
      this.#open.delete(key);
      if (told.kind === "done" && "jobId" in told) this.done.add(told.jobId);
    } else if (told.kind.endsWith("Failed")) {
      this.troubles.push(told);
    }
  }

  /** Jobs in the hands of a worker, as far as it has told. */
  open(worker: string): readonly string[] {
    return [...this.#open.values()].filter((each) => each.worker === worker).map(({ jobId }) => jobId);
  }

  /** Each attempt that another one followed, with how it had ended. */
  repeats(): Repeat[] {
    const last = new Map<string, Attempt>();
    const repeats: Repeat[] = [];
    for (const attempt of [...this.attempts].sort((a, b) => a.begunAt - b.begunAt)) {
      const before = last.get(attempt.jobId);
      if (before !== undefined) repeats.push({ jobId: attempt.jobId, by: before.worker, ended: before.end });
      last.set(attempt.jobId, attempt);
    }
    return repeats;
  }
}

const isEnd = (kind: string): kind is EndKind => (ENDS as readonly string[]).includes(kind);
