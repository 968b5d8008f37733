/** What a consumer takes, and what it takes where nothing is given. */
import { realTimers } from "../realTimers";
import type { Timers } from "../timers";
import type { Report } from "./events";
import type { Job } from "./job";
import type { SqsPort } from "./port";

export interface ConsumerQueue {
  readonly name: string;
  readonly url: string;
  /** Its share where polling is weighted, more than 0. @default 1 */
  readonly weight?: number;
  /** How long a message stays hidden unless its heartbeat goes on, 10 to 43,200. @default 60 */
  readonly visibilityTimeoutSeconds?: number;
}

/** Units of work that keep a task from being scaled in, as `WorkProtection` counts them. */
export interface Protects {
  begin(): () => void;
}

export const POLLING = ["strict", "weighted"] as const;
export type Polling = (typeof POLLING)[number];

export interface JobSourceOptions {
  readonly sqs: SqsPort;
  /** In order of priority, one to ten. */
  readonly queues: readonly ConsumerQueue[];
  /** @default no protection */
  readonly work?: Protects;
  /** @default the machine's clock */
  readonly timers?: Timers;
  /** Uniform in [0, 1). @default Math.random */
  readonly random?: () => number;
  /**
   * Whom a free slot asks first: always the first queue, or each in turn by its weight, so that none is starved.
   * @default "strict"
   */
  readonly polling?: Polling;
  /** From SIGTERM to SIGKILL, as the task definition has it. @default 60 */
  readonly stopTimeoutSeconds?: number;
  /** Before the end of the stop timeout, what isn't done is given back. @default 5 */
  readonly giveBackMarginSeconds?: number;
  /**
   * How long a job takes in all: one that can't be done within the stop timeout is given back at once.
   * @default not known: it may go on until the margin
   */
  readonly expectedSeconds?: (job: Job) => number | undefined;
  /**
   * Called once for each job that may be taken away before it is done, with the seconds that are left: at a stop, and a minute
   * before SQS's 12 hours are over. What resolves to `"saved"` is given back at once, for another worker to go on with.
   * @default nothing is saved
   */
  readonly checkpoint?: (job: Job, remainingSeconds: number) => Promise<"saved" | void> | "saved" | void;
  /** After a failure a message stays hidden for `baseSeconds` × 2^(receives − 1), half of it by chance, and no longer than `mostSeconds`. */
  readonly backoff?: Partial<Backoff>;
  /** @default nothing is told */
  readonly report?: Report;
}

export interface Backoff {
  /** @default 5 */
  readonly baseSeconds: number;
  /** @default 900 */
  readonly mostSeconds: number;
}

const DEFAULTS = { weight: 1, visibilityTimeoutSeconds: 60, stopTimeoutSeconds: 60, giveBackMarginSeconds: 5 };
const BACKOFF: Backoff = { baseSeconds: 5, mostSeconds: 900 };

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
export const LONGEST_VISIBILITY_SECONDS = 43_200;
/** Its half must leave time for a second try. */
const SHORTEST_VISIBILITY_SECONDS = 10;
/** Each free slot may ask all of them, one after the other. */
const MOST_QUEUES = 10;

export type ResolvedQueue = Required<ConsumerQueue> & { readonly isFifo: boolean };

export type ResolvedOptions = ReturnType<typeof resolveOptions>;

/** @throws RangeError that names everything that can't be. */
export function resolveOptions(given: JobSourceOptions) {
  const { stopTimeoutSeconds = DEFAULTS.stopTimeoutSeconds, giveBackMarginSeconds = DEFAULTS.giveBackMarginSeconds } =
    given;
  const options = {
    ...given,
    queues: given.queues.map(resolveQueue),
    timers: given.timers ?? realTimers,
    random: given.random ?? Math.random,
    polling: given.polling ?? "strict",
    stopTimeoutSeconds,
    giveBackMarginSeconds,
    backoff: { ...BACKOFF, ...given.backoff },
    report: quiet(given.report),
  };
  const problems = [...queueProblems(options.queues), ...numberProblems(options)];
  if (problems.length > 0) throw new RangeError(`SQS consumer: ${problems.join("; ")}.`);
  return options;
}

const resolveQueue = (queue: ConsumerQueue): ResolvedQueue => ({
  name: queue.name,
  url: queue.url,
  weight: queue.weight ?? DEFAULTS.weight,
  visibilityTimeoutSeconds: queue.visibilityTimeoutSeconds ?? DEFAULTS.visibilityTimeoutSeconds,
  isFifo: queue.url.endsWith(".fifo"),
});

/** Whoever listens can't harm the work. */
function quiet(report: Report = () => undefined): Report {
  return (event) => {
    try {
      report(event);
    } catch {
      // What it tells of goes on.
    }
  };
}

function queueProblems(queues: readonly ResolvedQueue[]): string[] {
  const problems: string[] = [];
  if (queues.length < 1 || queues.length > MOST_QUEUES) {
    problems.push(`there are ${queues.length} queues: 1 to ${MOST_QUEUES} can be asked in order`);
  }
  const names = queues.map(({ name }) => name);
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  for (const name of new Set(twice)) problems.push(`two queues are called ${name}: give each a name of its own`);
  if (queues.some(({ isFifo }) => isFifo !== queues[0]?.isFifo)) {
    problems.push("some queues are FIFO and some standard: one list has one kind");
  }
  for (const { name, weight, visibilityTimeoutSeconds: seconds } of queues) {
    if (!(weight > 0)) problems.push(`weight of ${name} is ${weight}: more than 0`);
    if (!(seconds >= SHORTEST_VISIBILITY_SECONDS && seconds <= LONGEST_VISIBILITY_SECONDS)) {
      const range = `${SHORTEST_VISIBILITY_SECONDS} to ${LONGEST_VISIBILITY_SECONDS}`;
      problems.push(`visibilityTimeoutSeconds of ${name} is ${seconds}: ${range}`);
    }
  }
  return problems;
}

function numberProblems(options: {
  readonly stopTimeoutSeconds: number;
  readonly giveBackMarginSeconds: number;
  readonly backoff: Backoff;
}): string[] {
  const { stopTimeoutSeconds: stop, giveBackMarginSeconds: margin, backoff } = options;
  const problems: string[] = [];
  if (!(stop >= 1)) problems.push(`stopTimeoutSeconds is ${stop}: at least 1`);
  if (!(margin >= 0 && margin < stop)) {
    problems.push(`giveBackMarginSeconds is ${margin}: 0 or more, and less than stopTimeoutSeconds, ${stop}`);
  }
  if (!(backoff.baseSeconds >= 0)) problems.push(`backoff.baseSeconds is ${backoff.baseSeconds}: 0 or more`);
  if (!(backoff.mostSeconds >= backoff.baseSeconds && backoff.mostSeconds <= LONGEST_VISIBILITY_SECONDS)) {
    problems.push(
      `backoff.mostSeconds is ${backoff.mostSeconds}: from baseSeconds, ${backoff.baseSeconds}, to ${LONGEST_VISIBILITY_SECONDS}`,
    );
  }
  return problems;
}
