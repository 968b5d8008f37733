import type { Law } from "./law";

/** A cluster that no function was deployed for: whatever happens there through the API is somebody's mistake. */
export const othersUntouched: Law = {
  name: "no function changes an instance of another cluster",
  watch: (world, _promises, report) => {
    for (const cluster of world.clusters.values()) {
      const isServed = world.functions.some((fn) => fn.spec.environment.CLUSTER_ARN === cluster.spec.arn);
      if (isServed) continue;
      cluster.statusChanged.subscribe(({ instance, by }) => {
        if (by === "api") report(instance.ec2.id, `of ${cluster.spec.name} became ${instance.status} through the API`);
      });
    }
  },
};
