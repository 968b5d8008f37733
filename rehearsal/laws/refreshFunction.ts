/** The function that refreshes a group's instances, as its environment names the group. */
import type { Window } from "../../functions/refresh/window";
import type { Group } from "../world/autoScaling/group";
import type { World } from "../world/world";

export interface RefreshFunction {
  readonly window: Window;
  readonly mostMs: number;
  readonly replaces: boolean;
}

export function refreshFunctionOf({ functions }: World, { spec }: Group): RefreshFunction | undefined {
  const found = functions.find(({ spec: { environment } }) => {
    const { AUTO_SCALING_GROUP_NAMES: names, WINDOW } = environment;
    return WINDOW !== undefined && names !== undefined && (JSON.parse(names) as string[]).includes(spec.name);
  });
  if (found === undefined) return undefined;
  const { WINDOW = "", MOST_MINUTES, REFRESH } = found.spec.environment;
  return { window: JSON.parse(WINDOW) as Window, mostMs: Number(MOST_MINUTES) * 60_000, replaces: REFRESH === "auto" };
}
