/** What became of the requests. */

export const FAILURE_CAUSES = [
  "deadTarget",
  "killedInFlight",
  "withoutNotice",
  "noTarget",
  "overload",
  "drainTimeout",
  "outage",
  "recovery",
] as const;

/**
 * - `deadTarget`: routed to a target that doesn't answer any more (502, 504)
 * - `killedInFlight`: its container or host ended while it was being worked on (502)
 * - `withoutNotice`: one of these two, on an instance that was taken back without a notice: nobody could have known
 * - `noTarget`: nothing was registered (503)
 * - `overload`: more than the targets can do
 * - `drainTimeout`: still open when the deregistration delay ended (502)
 * - `outage`: for want of capacity, while no pool of the group had an instance to give
 * - `recovery`: for want of capacity, while instances boot after that
 */
export type FailureCause = (typeof FAILURE_CAUSES)[number];

export class Tally {
  /** An expected number: what was sent less what failed; whole only in the exact mode. */
  served = 0;
  readonly failedBy = Object.fromEntries(FAILURE_CAUSES.map((cause) => [cause, 0])) as Record<FailureCause, number>;

  fail(cause: FailureCause, count: number): void {
    this.failedBy[cause] += count;
  }

  get failed(): number {
    return FAILURE_CAUSES.reduce((sum, cause) => sum + this.failedBy[cause], 0);
  }
}

/** Why there is no capacity, where nobody could have had it: the cause of what fails for want of it. */
export type Shortage = Extract<FailureCause, "outage" | "recovery"> | undefined;
