/** Calls to AWS inside a deadline: batches, pages, and retries that stop while there is still time to act. */

/** What a call needs of its surroundings; a test or a rehearsal gives its own. */
export interface Surroundings {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Uniform in [0, 1). */
  random(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** What the SDK takes with a call. */
export interface CallOptions {
  /** Milliseconds after which a call without an answer is given up. */
  readonly requestTimeout: number;
}

/** How long a call may take, where there is so much time. */
export const LONGEST_CALL_MS = 4000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2000;

/**
 * Error names under which AWS refuses a call for its rate or fails for reasons of its own, and the network's.
 * A connection that was kept while the execution environment was frozen is often reset at its next use.
 */
const PASSING = [
  "ThrottlingException",
  "Throttling",
  "ThrottledException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "TooManyRequestsException",
  "ServerException",
  "InternalError",
  "InternalFailure",
  "InternalServerError",
  "ServiceUnavailable",
  "ServiceUnavailableException",
  "ResourceContention",
  "ResourceContentionFault",
  "ScalingActivityInProgress",
  "ScalingActivityInProgressFault",
  "TimeoutError",
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
];

interface AwsError {
  readonly name?: string;
  /** Of a network error. */
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Whether the same call may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  const { name, code, $metadata } = (error ?? {}) as AwsError;
  const status = $metadata?.httpStatusCode ?? 0;
  return PASSING.includes(name ?? "") || PASSING.includes(code ?? "") || status >= 500 || status === 429;
}

/** Whether the error is one of `names`, or says one of them in its message. */
export function isNamed(error: unknown, ...names: string[]): boolean {
  const { name, message } = (error ?? {}) as AwsError;
  return names.some((wanted) => name === wanted || (message ?? "").includes(wanted));
}

/**
 * Calls until it succeeds, fails for good, or the next try would begin after `deadline` (milliseconds since the epoch).
 * No call is waited for beyond it, so that AWS's silence doesn't outlast the invocation.
 * Waits are exponential with full jitter, so that many functions that were throttled together don't return together.
 */
export async function retrying<T>(
  call: (options: CallOptions) => Promise<T>,
  deadline: number,
  on: Surroundings,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    // The SDK takes 0 for no limit.
    const requestTimeout = Math.max(1, Math.min(LONGEST_CALL_MS, deadline - on.now()));
    try {
      return await call({ requestTimeout });
    } catch (error) {
      const wait = Math.ceil(on.random() * Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt));
      if (!isPassing(error) || on.now() + wait >= deadline) throw error;
      await on.sleep(wait);
    }
  }
}

/** Splits into runs of at most `size`, since every batch API has its limit. */
export function batches<T>(items: readonly T[], size: number): T[][] {
  const runs: T[][] = [];
  for (let start = 0; start < items.length; start += size) runs.push(items.slice(start, start + size));
  return runs;
}

/** Items that were not carried out, and why. */
export interface Refusal<T> {
  readonly items: readonly T[];
  readonly error: unknown;
}

/** A batch is refused whole for one of its items, so one that is refused for good is tried again item by item. */
export async function allOrEach<T>(
  items: readonly T[],
  call: (items: readonly T[], options: CallOptions) => Promise<unknown>,
  deadline: number,
  on: Surroundings,
): Promise<Refusal<T>[]> {
  try {
    await retrying((options) => call(items, options), deadline, on);
    return [];
  } catch (error) {
    if (isPassing(error) || items.length <= 1) return [{ items, error }];
    return (await Promise.all(items.map((item) => allOrEach([item], call, deadline, on)))).flat();
  }
}

/** Reads page after page of a listing until there is no next token. */
export async function pages<T>(
  page: (nextToken: string | undefined) => Promise<{ items: readonly T[] | undefined; nextToken: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let nextToken: string | undefined;
  do {
    const { items, nextToken: following } = await page(nextToken);
    all.push(...(items ?? []));
    nextToken = following;
  } while (nextToken !== undefined);
  return all;
}
