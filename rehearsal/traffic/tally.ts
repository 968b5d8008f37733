/** What became of the requests. */
import { Topic } from "../world/topic";

export const FAILURE_CAUSES = [
  "deadTarget",
  "killedInFlight",
  "scaleIn",
  "outlastsNotice",
  "withoutNotice",
  "noTarget",
  "overload",
  "drainTimeout",
  "keepAlive",
  "outage",
  "recovery",
] as const;

/**
 * - `deadTarget`: routed to a target that doesn't answer any more (502, 504)
 * - `killedInFlight`: its container or host ended while it was being worked on (502)
 * - `scaleIn`: one of the two, or `drainTimeout`, because ECS took the task: the service scaled in, a deployment replaced it or it was moved
 * - `outlastsNotice`: cut by an announced interruption, and longer than the notice: whatever is done, its instance is gone before it ends
 * - `withoutNotice`: routed to or worked on by an instance that was taken back without a notice: nobody could have known
 * - `noTarget`: nothing was registered (503)
 * - `overload`: more than the targets can do
 * - `drainTimeout`: still open when the deregistration delay ended (502)
 * - `keepAlive`: sent on a connection that the server was just closing, since it keeps them for less long than the balancer (502)
 * - `outage`: for want of capacity, while no pool of the group had an instance to give
 * - `recovery`: for want of capacity, while instances boot after that
 */
export type FailureCause = (typeof FAILURE_CAUSES)[number];

/** Where a container's end, or its connections', cuts what it works on. */
export type CutCause = Extract<
  FailureCause,
  "killedInFlight" | "scaleIn" | "outlastsNotice" | "withoutNotice" | "drainTimeout"
>;

export class Tally {
  /** An expected number: what was sent less what failed; whole only in the exact mode. */
  served = 0;
  /** Of the served ones, those that failed at first. */
  retried = 0;
  /** As failures are counted: at once, or when the flow is settled that they are part of. */
  readonly failing = new Topic<{ readonly cause: FailureCause; readonly count: number }>();
  readonly failedBy = Object.fromEntries(FAILURE_CAUSES.map((cause) => [cause, 0])) as Record<FailureCause, number>;

  fail(cause: FailureCause, count: number): void {
    this.failedBy[cause] += count;
    this.failing.publish({ cause, count });
  }

  get failed(): number {
    return FAILURE_CAUSES.reduce((sum, cause) => sum + this.failedBy[cause], 0);
  }

  /** Forgets what was counted. */
  clear(): void {
    this.served = 0;
    this.retried = 0;
    for (const cause of FAILURE_CAUSES) this.failedBy[cause] = 0;
  }
}

/** Why there is no capacity, where nobody could have had it: the cause of what fails for want of it. */
export type Shortage = Extract<FailureCause, "outage" | "recovery"> | undefined;
