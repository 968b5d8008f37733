import type { Law } from "./law";
import { refreshFunctionOf } from "./refreshFunction";

/** The function looks every five minutes; a look may fail, and its message come back. */
const LOOKS_MS = 15 * 60_000;

export const refreshesEnd: Law = {
  name: "an instance refresh ends, or is cancelled at its limit",
  watch: (world, _promises, report) => {
    for (const group of world.groups.values()) {
      group.refreshes.changed.subscribe((refresh) => {
        const fn = refreshFunctionOf(world, group);
        if (fn?.replaces !== true || refresh.status !== "InProgress" || refresh.startedAt !== world.clock.now) return;
        world.clock.after(fn.mostMs + LOOKS_MS, () => {
          if (refresh.status === "InProgress")
            report(group.spec.name, `a refresh goes on after ${fn.mostMs / 60_000} min`);
        });
      });
    }
  },
};
