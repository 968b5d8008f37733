/** What the agent sees in one of its variables. */
export type Setting =
  { readonly kind: "known"; readonly value: string } | { readonly kind: "undecided"; readonly reason: string };

export interface AgentSettings {
  /** By the agent's variable name (`ECS_CLUSTER`, …), as the agent sees them once the instance has booted; the last one
   * wins. Bottlerocket's settings stand under the variable that they set. */
  readonly settings: ReadonlyMap<string, Setting>;
  /** What couldn't be read, each a phrase that names the place ("line 12: `source /opt/x.sh`"); any variable may have
   * been set there. Empty where all was read. */
  readonly unread: readonly string[];
}

/** A setting in its own type. */
export type Decided<T> =
  { readonly kind: "known"; readonly value: T } | { readonly kind: "undecided"; readonly reason: string };

export const NOTHING_SET: AgentSettings = { settings: new Map(), unread: [] };

export function unreadable(...unread: string[]): AgentSettings {
  return { settings: new Map(), unread };
}
