import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { World } from "../world/world";
import type { Law } from "./law";
import { rebalanceFunctionOf } from "./rebalanceFunction";

/** Minutes in a row in which nothing kept the function from ending what it has begun: a lost message, the schedule, a round. */
const QUIET_MINUTES = 20;
const LOOK_EVERY_MS = 60_000;

interface Surge {
  /** The desired count before it was raised. */
  readonly before: number;
  quietMinutes: number;
}

/** Whoever else changes the count meanwhile has the last word. */
export const surgesEnd: Law = {
  name: "what is raised to move tasks comes down again, and never below what it was",
  watch: (world, promises, report) => {
    for (const cluster of new Set(promises.map((promise) => promise.cluster))) {
      const name = rebalanceFunctionOf(world, cluster)?.name;
      if (name !== undefined) watchCluster(world, cluster, name, report);
    }
  },
};

function watchCluster(
  world: World,
  cluster: Cluster,
  name: string,
  report: (object: string, message: string) => void,
): void {
  const surges = new Map<Service, Surge>();
  cluster.desiredCountChanged.subscribe(({ service, from, to, by }) => {
    const surge = surges.get(service);
    if (by !== name) surges.delete(service);
    else if (to > from) surges.set(service, { before: from, quietMinutes: 0 });
    else if (surge === undefined || to < surge.before)
      report(
        service.spec.name,
        `was set from ${from} to ${to} where it had been ${surge?.before ?? "nobody's to lower"}`,
      );
    else if (to === surge.before) surges.delete(service);
  });
  world.clock.every(world.clock.now, LOOK_EVERY_MS, () => {
    for (const [service, surge] of surges) {
      surge.quietMinutes = isQuiet(cluster, service) ? surge.quietMinutes + 1 : 0;
      if (surge.quietMinutes < QUIET_MINUTES) continue;
      report(
        service.spec.name,
        `wants ${service.desiredCount} tasks where it wanted ${surge.before}, and nothing moves`,
      );
      surges.delete(service);
    }
  });
}

/** Every task runs and serves, and one of them has no work. */
function isQuiet(cluster: Cluster, service: Service): boolean {
  const tasks = [...service.tasks];
  return (
    !service.deploymentInProgress &&
    tasks.length === service.desiredCount &&
    tasks.every((task) => service.isHealthy(task) && task.instance?.status === "ACTIVE") &&
    tasks.some((task) => !service.isShielded(task)) &&
    [...cluster.instances.values()].every(({ status }) => status !== "DRAINING")
  );
}
