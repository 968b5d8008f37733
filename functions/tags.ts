/**
 * What the functions keep in AWS, as tags, so that a crash forgets nothing and everybody can read what goes on.
 *
 * Those of a group stand on the Auto Scaling group and aren't propagated to its instances. No update of Pulumi's takes them off
 * (`components/cluster/groupTags.ts`).
 */

import type { Retirer } from "./retire/state";

/** On a task: it retires. `<ISO time of the mark>`, and for whom: `<ISO time> rebalance`, by the scale-in unless it says so. */
export const MARK_TAG = "spotproof:retiring";

export const markOf = (at: number, by: Retirer = "scaleIn"): string =>
  [new Date(at).toISOString(), ...(by === "scaleIn" ? [] : [by])].join(" ");

/** A mark that is no time is as old as can be. */
export function parseMark(value: string): { readonly markedAt: number; readonly markedBy: Retirer } {
  const [time = "", by] = value.split(" ");
  return { markedAt: Date.parse(time) || 0, markedBy: by === "rebalance" ? by : "scaleIn" };
}

/** On an ECS service, declared with it: how its tasks are moved. {@link movesTag} */
export const MOVES_TAG = "spotproof:moves";

/**
 * On the group, with a service's name behind it: it runs more tasks because some move, `<desired before> <desired while they move>
 * <ISO time since when>`; with the same number twice none move any more, and none are moved until that time.
 */
export const REBALANCE_TAG_PREFIX = "spotproof:rebalance:";

/** On the group: on-demand capacity stands in for Spot. `<instances above the declared base> <ISO time since when>` */
export const FALLBACK_TAG = "spotproof:fallback";

/** On a container instance that EC2 recommends to replace. `<ISO time of the recommendation>` */
export const RECOMMENDATION_TAG = "spotproof:recommendation";

/** On the group: its instances went back from this AMI, so that it doesn't get it again. `<AMI>` */
export const REFUSED_IMAGE_TAG = "spotproof:refused-ami";
