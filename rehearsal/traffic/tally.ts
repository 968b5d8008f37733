/** What became of the requests. */

export const FAILURE_CAUSES = ["deadTarget", "killedInFlight", "noTarget", "overload", "drainTimeout", "outage"] as const;

/**
 * - `deadTarget`: routed to a target that doesn't answer any more (502, 504)
 * - `killedInFlight`: its container or host ended while it was being worked on (502)
 * - `noTarget`: nothing was registered (503)
 * - `overload`: more than the targets can do
 * - `drainTimeout`: still open when the deregistration delay ended (502)
 * - `outage`: nothing served because no pool of the group had an instance to give
 */
export type FailureCause = (typeof FAILURE_CAUSES)[number];

export class Tally {
  /** An expected number; whole only in the exact mode. */
  served = 0;
  readonly failedBy: Record<FailureCause, number> = { deadTarget: 0, killedInFlight: 0, noTarget: 0, overload: 0, drainTimeout: 0, outage: 0 };

  fail(cause: FailureCause, count: number): void {
    this.failedBy[cause] += count;
  }

  get failed(): number {
    return FAILURE_CAUSES.reduce((sum, cause) => sum + this.failedBy[cause], 0);
  }
}
