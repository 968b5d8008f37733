export const REPLACEMENTS = ["detach", "capacityRebalancing"] as const;

/** Who replaces an interrupted instance: the group at once, because the drain function detached it, or the group's capacity rebalancing.
 * Never both: they would launch two instances for one. */
export type Replacement = (typeof REPLACEMENTS)[number];
