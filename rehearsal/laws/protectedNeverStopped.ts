import type { StopCause } from "../world/ecs/task";
import type { Law } from "./law";
import { scaleInFunctionOf } from "./scaleInFunction";

/** What protection holds against; a host that goes or a failed health check takes protected tasks too. */
const HOLDS_AGAINST = new Set<StopCause | undefined>(["scaleIn", "deployment", "zoneRebalancing"]);

/** ECS itself skips protected tasks, so this is broken by whoever takes a container's protection away; StopTask doesn't. */
export const protectedNeverStopped: Law = {
  name: "no scale-in and no deployment stops a task that its own container has protected",
  watch: (world, _promises, report) => {
    for (const cluster of world.clusters.values()) {
      cluster.life.stopping.subscribe(({ task, caller }) => {
        const isWorking = (task.ownProtectionUntil ?? 0) > world.clock.now;
        const { service } = task;
        const isScaledIn = caller !== undefined && caller === scaleInFunctionOf(world, { cluster, service })?.name;
        if (isWorking && (isScaledIn || HOLDS_AGAINST.has(task.stopCause)))
          report(task.arn, `was stopped (${task.stoppedReason}) while its container protected it`);
      });
    }
  },
};
