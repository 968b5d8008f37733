import { openSince } from "../../functions/refresh/window";
import { EPOCH_MS } from "../world/constants";
import type { Law } from "./law";
import { refreshFunctionOf } from "./refreshFunction";

export const refreshesInTurn: Law = {
  name: "an instance refresh begins in its maintenance window, and none beside another",
  watch: (world, _promises, report) => {
    for (const group of world.groups.values()) {
      group.refreshes.changed.subscribe(({ status, startedAt }) => {
        if (status !== "InProgress" || startedAt !== world.clock.now) return;
        const fn = refreshFunctionOf(world, group);
        if (fn !== undefined && openSince(fn.window, EPOCH_MS + startedAt) === undefined)
          report(group.spec.name, "a refresh began outside the window");
        const active = [...world.groups.values()].filter((each) => each.refreshes.active !== undefined).length;
        if (active > 1) report(group.spec.name, `${active} groups are refreshed at once`);
      });
    }
  },
};
