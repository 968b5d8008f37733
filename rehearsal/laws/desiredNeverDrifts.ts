import type { Law } from "./law";

const LOOK_EVERY_MS = 60_000;

export const desiredNeverDrifts: Law = {
  name: "desired counts never drift",
  watch: (world, promises, report) => {
    world.clock.every(world.clock.now, LOOK_EVERY_MS, () => {
      for (const { service, desiredCount } of promises) {
        if (service.desiredCount !== desiredCount)
          report(service.spec.name, `wants ${service.desiredCount} tasks where ${desiredCount} were declared`);
      }
      for (const { spec, desiredCapacity } of world.groups.values()) {
        const isWithin = desiredCapacity >= spec.minSize && desiredCapacity <= spec.maxSize;
        if (!isWithin)
          report(spec.name, `wants ${desiredCapacity} instances, outside ${spec.minSize} to ${spec.maxSize}`);
      }
    });
  },
};
