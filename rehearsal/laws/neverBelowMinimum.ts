import type { Law } from "./law";

const LOOK_EVERY_MS = 60_000;

export const neverBelowMinimum: Law = {
  name: "no service is scaled in below its minimum",
  watch: (world, promises, report) => {
    const look = (): void => {
      for (const { service, minCapacity } of world.scalableTargets.values()) {
        if (service.desiredCount < minCapacity)
          report(service.spec.name, `wants ${service.desiredCount} tasks where its minimum is ${minCapacity}`);
      }
    };
    for (const cluster of new Set(promises.map((promise) => promise.cluster))) {
      // Once more a minute is for a minimum that rises.
      cluster.desiredCountChanged.subscribe(({ from, to }) => {
        if (to < from) look();
      });
    }
    world.clock.every(world.clock.now, LOOK_EVERY_MS, look);
  },
};
