/** How long protection is asked for, and when it is looked at again. */
export interface ProtectionTimes {
  /**
   * Minutes that a call protects for: 1 to 2,880, whole.
   * @default 60
   */
  readonly expiresInMinutes: number;
  /**
   * Minutes after which it is asked for again while work is in progress: 0.5 or more, and less than `expiresInMinutes`.
   * What lies between the two is the time in which calls may fail without harm.
   * @default 50
   */
  readonly renewAfterMinutes: number;
  /**
   * Seconds without work after which protection is given up, at least 1: shorter than most pauses between two
   * requests of a busy task would cost two calls each.
   * @default 15
   */
  readonly idleSeconds: number;
  /**
   * Seconds between two looks at what ECS has, while work is in progress; at least 1.
   * @default 60
   */
  readonly checkSeconds: number;
}

export const DEFAULT_TIMES: ProtectionTimes = {
  expiresInMinutes: 60,
  renewAfterMinutes: 50,
  idleSeconds: 15,
  checkSeconds: 60,
};

/** @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateTaskProtection.html */
const LONGEST_MINUTES = 2880;
const SHORTEST_RENEWAL = 0.5;

/** What is left out is the default. Throws one error that names every number that can't be. */
export function protectionTimes(given: Partial<ProtectionTimes>): ProtectionTimes {
  const times: ProtectionTimes = {
    expiresInMinutes: given.expiresInMinutes ?? DEFAULT_TIMES.expiresInMinutes,
    renewAfterMinutes: given.renewAfterMinutes ?? DEFAULT_TIMES.renewAfterMinutes,
    idleSeconds: given.idleSeconds ?? DEFAULT_TIMES.idleSeconds,
    checkSeconds: given.checkSeconds ?? DEFAULT_TIMES.checkSeconds,
  };
  const problems = timesProblems(times);
  if (problems.length > 0) throw new RangeError(`Work protection: ${problems.join("; ")}.`);
  return times;
}

export function timesProblems(times: ProtectionTimes): string[] {
  const { expiresInMinutes: expires, renewAfterMinutes: renew, idleSeconds, checkSeconds } = times;
  const problems: string[] = [];
  if (!Number.isInteger(expires) || expires < 1 || expires > LONGEST_MINUTES) {
    problems.push(`expiresInMinutes is ${expires}: ECS takes whole minutes from 1 to ${LONGEST_MINUTES}`);
  }
  if (!(renew >= SHORTEST_RENEWAL && renew < expires)) {
    problems.push(
      `renewAfterMinutes is ${renew}: at least ${SHORTEST_RENEWAL} and less than expiresInMinutes, ${expires}`,
    );
  }
  if (!(idleSeconds >= 1)) problems.push(`idleSeconds is ${idleSeconds}: at least 1`);
  if (!(checkSeconds >= 1)) problems.push(`checkSeconds is ${checkSeconds}: at least 1`);
  return problems;
}
