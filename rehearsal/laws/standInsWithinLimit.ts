import type { Law } from "./law";
import { fallbackFunctions, standIns } from "./standIns";

const LOOK_EVERY_MS = 60_000;

export const standInsWithinLimit: Law = {
  name: "never do more On-Demand Instances stand in than may",
  watch: (world, _promises, report) => {
    world.clock.every(world.clock.now, LOOK_EVERY_MS, () => {
      for (const fallback of fallbackFunctions(world)) {
        const { group, maxInstances } = fallback;
        const count = standIns(fallback);
        if (count > maxInstances) report(group.spec.name, `${count} stand in where ${maxInstances} may`);
      }
    });
  },
};
