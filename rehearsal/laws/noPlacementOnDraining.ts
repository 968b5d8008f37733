import type { Law } from "./law";

export const noPlacementOnDraining: Law = {
  name: "no task is placed on an instance that is not ACTIVE",
  watch: (world, _promises, report) => {
    for (const cluster of world.clusters.values()) {
      cluster.placed.subscribe((task) => {
        if (task.instance?.status !== "ACTIVE")
          report(task.instance?.ec2.id ?? task.arn, `${task.arn} was placed on it while ${task.instance?.status}`);
      });
    }
  },
};
