/**
 * Who may act on a cluster while somebody else does. What EC2 takes back can't wait and never does; whatever could as well be done
 * a quarter of an hour later waits for all that can't. Who waits begins nothing; what he has begun he ends, by his own rules for a
 * state that has changed under him. So no two of the functions undo each other's work, and once nothing disturbs the cluster any
 * more, each of them has its turn.
 *
 * The rules are data: `docs/who-acts-when.md` shows them as a table, which a test holds to these.
 */

/** What is going on in a cluster, as AWS tells it: nobody remembers what he has begun. */
export const ACTIVITIES = {
  /** A container instance is DRAINING and not yet empty, whoever drains it. */
  draining: "an instance drains",
  deployment: "a deployment is in progress",
  /** Fewer tasks of a service run than it wants. */
  shortage: "fewer tasks run than desired",
  /** Tasks are marked as retiring by the scale-in. */
  scaleIn: "tasks retire for less load",
  /** A service runs more tasks than it wants because some of them move. */
  rebalance: "tasks move to other instances",
  /** An instance refresh of a group of the cluster's. */
  refresh: "the instances are being refreshed",
  /** On-Demand Instances stand in for Spot ones. */
  fallback: "on-demand capacity stands in for Spot",
  /** One of them is to be drained, or is being drained, for the Spot Instance that takes its place. */
  returnToSpot: "an On-Demand Instance is being replaced",
} as const;

export type Activity = keyof typeof ACTIVITIES;

type Rule = "acts" | "waits";

/** What a function does, in the order in which the more urgent comes first. */
export const RULES = {
  /** Empties an instance whose interruption was noticed. */
  drain: {
    draining: "acts",
    deployment: "acts",
    shortage: "acts",
    scaleIn: "acts",
    rebalance: "acts",
    refresh: "acts",
    fallback: "acts",
    returnToSpot: "acts",
  },
  /** Raises the share of On-Demand Instances for tasks that wait. */
  fallback: {
    draining: "acts",
    deployment: "acts",
    shortage: "acts",
    scaleIn: "acts",
    rebalance: "acts",
    refresh: "acts",
    fallback: "acts",
    returnToSpot: "acts",
  },
  /** Empties an instance that EC2 recommends to replace: within its budget beside others, but not where no Spot can be had or all are replaced anyway. */
  recommendation: {
    draining: "acts",
    deployment: "acts",
    shortage: "waits",
    scaleIn: "acts",
    rebalance: "acts",
    refresh: "waits",
    fallback: "waits",
    returnToSpot: "waits",
  },
  /** Retires tasks that the load doesn't need. */
  scaleIn: {
    draining: "waits",
    deployment: "waits",
    shortage: "waits",
    scaleIn: "acts",
    rebalance: "waits",
    refresh: "acts",
    fallback: "acts",
    returnToSpot: "acts",
  },
  /** Replaces an On-Demand Instance that stood in by a Spot one. */
  returnToSpot: {
    draining: "waits",
    deployment: "waits",
    shortage: "waits",
    scaleIn: "acts",
    rebalance: "waits",
    refresh: "waits",
    fallback: "acts",
    returnToSpot: "acts",
  },
  /** Moves tasks from full instances to empty ones. */
  rebalance: {
    draining: "waits",
    deployment: "waits",
    shortage: "waits",
    scaleIn: "waits",
    rebalance: "acts",
    refresh: "waits",
    fallback: "acts",
    returnToSpot: "waits",
  },
  /** Begins to replace all instances. */
  refresh: {
    draining: "waits",
    deployment: "waits",
    shortage: "waits",
    scaleIn: "acts",
    rebalance: "waits",
    refresh: "waits",
    fallback: "waits",
    returnToSpot: "waits",
  },
} as const satisfies Record<string, Record<Activity, Rule>>;

export type Actor = keyof typeof RULES;

/** Whether each of the activities goes on for which an actor waits: it has to look for exactly these. */
export type WaitsFor<A extends Actor> = {
  readonly [K in Activity as (typeof RULES)[A][K] extends "waits" ? K : never]: boolean;
};

/** Why somebody may not act now; undefined where he may. */
export function reasonToLeaveTurn<A extends Actor>(actor: A, goesOn: WaitsFor<A>): string | undefined {
  const rules: Record<Activity, Rule> = RULES[actor];
  const isGoingOn = goesOn as Readonly<Partial<Record<Activity, boolean>>>;
  const held = (Object.keys(ACTIVITIES) as Activity[]).find((each) => rules[each] === "waits" && isGoingOn[each]);
  return held && ACTIVITIES[held];
}
