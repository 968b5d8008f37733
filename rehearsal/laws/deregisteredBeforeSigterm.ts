import type { Law } from "./law";

export const deregisteredBeforeSigterm: Law = {
  name: "the scheduler sends no SIGTERM before deregistration has ended",
  watch: (world, _promises, report) => {
    for (const { life } of world.clusters.values()) {
      life.signalled.subscribe(({ task, by, targetsDrained }) => {
        if (by === "scheduler" && !targetsDrained) report(task.arn, "got SIGTERM while its target was registered");
      });
    }
  },
};
