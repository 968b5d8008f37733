/**
 * Works off SQS queues in order of priority, in a container that may be told to end at any moment.
 *
 * @example
 * const consumer = new SqsConsumer({ sqs: sdkSqs(new SQS()), queues, handler: async (job) => send(JSON.parse(job.body)), work });
 * consumer.start();
 * process.once("SIGTERM", () => void consumer.stop().then(() => process.exit(0)));
 */
import { JobSource } from "./jobSource";
import type { Job, TakenJob } from "./job";
import type { JobSourceOptions } from "./options";
import { MOST_AT_ONCE } from "./waits";

interface CommonOptions extends JobSourceOptions {
  /** Jobs that are worked on at once. @default 1; with batchHandler as many as a batch */
  readonly concurrency?: number;
}

interface SingleOptions extends CommonOptions {
  /**
   * Does a job. Once it resolves, the message is deleted; if it throws, the message comes back after the backoff, or after the
   * error's own `retryAfterSeconds`.
   */
  readonly handler: (job: Job) => Promise<unknown>;
  /** Runs the handler in a surrounding of yours, a span or a transaction. @default just runs it */
  readonly around?: (job: Job, run: () => Promise<unknown>) => Promise<unknown>;
  readonly batchHandler?: undefined;
}

interface BatchOptions extends CommonOptions {
  /** Does several jobs of one queue at once, and resolves with the ids of those that failed. If it throws, all have. */
  readonly batchHandler: (jobs: readonly Job[]) => Promise<readonly string[] | void>;
  /** Most jobs of a batch, 1 to 10. A batch waits for nobody: it has what a receive brings. @default 10 */
  readonly batchSize?: number;
  readonly handler?: undefined;
}

/** Delivery is at least once: a handler may see a job again that was done, see README.md. */
export type SqsConsumerOptions = SingleOptions | BatchOptions;

export class SqsConsumer {
  readonly #source: JobSource;
  readonly #work: (jobs: readonly TakenJob[]) => Promise<void>;
  readonly #loops: number;
  #started = false;

  /** @throws RangeError that names every option that can't be */
  constructor(options: SqsConsumerOptions) {
    const batchSize = options.batchHandler === undefined ? 1 : (options.batchSize ?? MOST_AT_ONCE);
    const { concurrency = batchSize } = options;
    if (!(Number.isInteger(concurrency) && concurrency >= batchSize)) {
      throw new RangeError(`SQS consumer: concurrency is ${concurrency}: a whole number of at least ${batchSize}.`);
    }
    this.#source = new JobSource(options, batchSize);
    this.#loops = Math.floor(concurrency / batchSize);
    this.#work = options.batchHandler === undefined ? ([job]) => single(job!, options) : (jobs) => batch(jobs, options);
  }

  /** Jobs in hand: received, and not yet deleted or given back. */
  get inProgress(): number {
    return this.#source.inProgress;
  }

  /** Begins to receive. A second time changes nothing. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    for (let loop = 0; loop < this.#loops; loop++) void this.#run();
  }

  /**
   * Takes no more jobs: at SIGTERM, or at an interruption notice that comes another way. What fits in the stop timeout is
   * finished, the rest is given back. Resolves when nothing is in hand; the process should end then.
   */
  stop(): Promise<void> {
    return this.#source.stop();
  }

  async #run(): Promise<void> {
    for (;;) {
      const jobs = await this.#source.takeSome();
      if (jobs.length === 0) return;
      await this.#work(jobs);
    }
  }
}

/** A slot is free as soon as its work is done: messages are deleted meanwhile. */
async function single(job: TakenJob, { handler, around }: SingleOptions): Promise<void> {
  try {
    await (around === undefined ? handler(job) : around(job, () => handler(job)));
    void job.done();
  } catch (error) {
    void job.failed(error, retryAfterOf(error));
  }
}

async function batch(jobs: readonly TakenJob[], { batchHandler }: BatchOptions): Promise<void> {
  try {
    const failed = new Set((await batchHandler(jobs)) ?? []);
    for (const job of jobs) {
      if (failed.has(job.id)) void job.failed(new Error("The batch handler said that it failed"));
      else void job.done();
    }
  } catch (error) {
    for (const job of jobs) void job.failed(error, retryAfterOf(error));
  }
}

/** An error may say when it makes sense to try again. */
function retryAfterOf(error: unknown): number | undefined {
  const seconds = (error as { readonly retryAfterSeconds?: unknown } | null | undefined)?.retryAfterSeconds;
  return typeof seconds === "number" && seconds >= 0 ? seconds : undefined;
}
