import type { ServicePromise } from "./promises";
import type { World } from "../world/world";
import type { Law } from "./law";
import { fallbackFunctions, standIns, type FallbackFunction } from "./standIns";

const LOOK_EVERY_MS = 60_000;

/** The longest wait between two attempts, an hour, and for one instance its boot, its drain and some looks that fail. */
const LONGEST_QUIET_MINUTES = 60 + 45;

interface Watched {
  count: number;
  quietMinutes: number;
}

/** Only minutes count in which nothing keeps the function from its work: Spot can be had everywhere and the cluster is steady. */
export const standInsGiveWay: Law = {
  name: "On-Demand Instances that stand in give way to Spot, one after the other, once it can be had",
  watch: (world, promises, report) => {
    const known = new Map<string, Watched>();
    world.clock.every(world.clock.now, LOOK_EVERY_MS, () => {
      for (const fallback of fallbackFunctions(world)) {
        const { name } = fallback.group.spec;
        const count = standIns(fallback);
        const before = known.get(name) ?? { count, quietMinutes: 0 };
        const quietMinutes =
          count === 0 || count < before.count ? 0 : before.quietMinutes + (isQuiet(world, promises, fallback) ? 1 : 0);
        known.set(name, { count, quietMinutes });
        if (quietMinutes === LONGEST_QUIET_MINUTES)
          report(name, `${count} stand in after ${quietMinutes} quiet minutes`);
      }
    });
  },
};

function isQuiet(world: World, promises: readonly ServicePromise[], { group }: FallbackFunction): boolean {
  const hasSpotEverywhere = group.launcher.pools.every((pool) => world.ec2.canLaunchSpot(pool));
  const isDraining = [...world.clusters.values()].some((cluster) =>
    [...cluster.instances.values()].some(({ status }) => status === "DRAINING"),
  );
  return hasSpotEverywhere && !isDraining && promises.every(isSteady);
}

function isSteady({ service: { rollout, tasks, desiredCount } }: ServicePromise): boolean {
  const running = [...tasks].filter(({ lastStatus }) => lastStatus === "RUNNING").length;
  return rollout.older.length === 0 && rollout.primary.state === "COMPLETED" && running >= desiredCount;
}
