/** What `SqsWorkerTier` tells its containers, by environment variables. */
import { POLLING, type ConsumerQueue, type Polling } from "./options";

export interface ConsumerSettings {
  /** In order of priority. */
  readonly queues: readonly ConsumerQueue[];
  readonly polling: Polling;
  readonly concurrency: number;
  readonly stopTimeoutSeconds: number;
  /** Whether the task is protected while it works. Where every job is done within the stop timeout, it needn't be. */
  readonly protectsWork: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const QUEUES_SHAPE =
  'a JSON array such as [{"name":"high","url":"https://sqs.eu-west-1.amazonaws.com/123456789012/high","weight":1,"visibilityTimeoutSeconds":60}]';

/**
 * Reads `SPOTPROOF_QUEUES`, `SPOTPROOF_POLLING`, `SPOTPROOF_CONCURRENCY`, `SPOTPROOF_STOP_TIMEOUT_SECONDS` and
 * `SPOTPROOF_PROTECTS_WORK`.
 * @throws Error that names every variable that is missing or wrong.
 */
export function consumerSettings(environment: Environment = process.env): ConsumerSettings {
  const problems: string[] = [];
  const wrong = (name: string, allowed: string): void => {
    const given = environment[name];
    problems.push(`${name} is ${given === undefined ? "missing" : JSON.stringify(given)}: ${allowed}`);
  };
  const wholeNumber = (name: string, least: number, otherwise: number): number => {
    const text = environment[name];
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least) wrong(name, `a whole number of at least ${least}`);
    return value;
  };
  const queues = parseQueues(environment.SPOTPROOF_QUEUES);
  if (queues === undefined) wrong("SPOTPROOF_QUEUES", QUEUES_SHAPE);
  const polling = environment.SPOTPROOF_POLLING ?? "strict";
  if (!isPolling(polling)) wrong("SPOTPROOF_POLLING", POLLING.join(" or "));
  const concurrency = wholeNumber("SPOTPROOF_CONCURRENCY", 1, 1);
  const stopTimeoutSeconds = wholeNumber("SPOTPROOF_STOP_TIMEOUT_SECONDS", 1, 60);
  const protectsWork = environment.SPOTPROOF_PROTECTS_WORK ?? "true";
  if (!["true", "false"].includes(protectsWork)) wrong("SPOTPROOF_PROTECTS_WORK", "true or false");
  if (problems.length > 0) throw new Error(`The worker's environment: ${problems.join("; ")}.`);
  return {
    queues: queues!,
    polling: polling as Polling,
    concurrency,
    stopTimeoutSeconds,
    protectsWork: protectsWork === "true",
  };
}

const isPolling = (text: string): text is Polling => (POLLING as readonly string[]).includes(text);

function parseQueues(text: string | undefined): readonly ConsumerQueue[] | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return Array.isArray(value) && value.length > 0 && value.every(isQueue) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isQueue(value: unknown): value is ConsumerQueue {
  const { name, url, weight, visibilityTimeoutSeconds } = (value ?? {}) as Partial<
    Record<keyof ConsumerQueue, unknown>
  >;
  const isText = (text: unknown): boolean => typeof text === "string" && text !== "";
  const mayBeNumber = (number: unknown): boolean => number === undefined || typeof number === "number";
  return isText(name) && isText(url) && mayBeNumber(weight) && mayBeNumber(visibilityTimeoutSeconds);
}
