import type { StopCause } from "../world/ecs/task";
import type { Law } from "./law";

/** What protection holds against; a host that goes or a failed health check takes protected tasks too. */
const HOLDS_AGAINST = new Set<StopCause | undefined>(["scaleIn", "deployment", "zoneRebalancing"]);

/** ECS itself skips protected tasks, so this is broken by whoever takes a container's protection away. */
export const protectedNeverStopped: Law = {
  name: "no scale-in and no deployment stops a task that its own container has protected",
  watch: (world, _promises, report) => {
    for (const { life } of world.clusters.values()) {
      life.stopping.subscribe(({ task }) => {
        const isWorking = (task.ownProtectionUntil ?? 0) > world.clock.now;
        if (isWorking && HOLDS_AGAINST.has(task.stopCause))
          report(task.arn, `was stopped (${task.stoppedReason}) while its container protected it`);
      });
    }
  },
};
