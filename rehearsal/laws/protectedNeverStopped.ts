import { DEFAULT_TIMES } from "../../runtime/protectionOptions";
import type { StopCause, Task } from "../world/ecs/task";
import type { Law } from "./law";
import { retiringFunctionsOf } from "./rebalanceFunction";

/** What protection holds against; a host that goes or a failed health check takes protected tasks too. */
const HOLDS_AGAINST = new Set<StopCause | undefined>(["scaleIn", "deployment", "zoneRebalancing"]);

/** From the function's last look at protection to its StopTask, tried again and again. */
const UNSEEN_MS = 5000;

/**
 * A worker may take a job after the function's last look: it finishes or gives it back on SIGTERM, and nothing is lost. Who has
 * targets gets no request any more by then.
 */
function isUnseen({ service, ownProtectionUntil = 0 }: Task, now: number): boolean {
  const since = ownProtectionUntil - DEFAULT_TIMES.expiresInMinutes * 60_000;
  return service.spec.loadBalancers.length === 0 && now - since < UNSEEN_MS;
}

/** ECS itself skips protected tasks, so this is broken by whoever takes a container's protection away; StopTask doesn't. */
export const protectedNeverStopped: Law = {
  name: "no scale-in, no move and no deployment stops a task that its own container has protected",
  watch: (world, _promises, report) => {
    for (const cluster of world.clusters.values()) {
      cluster.life.stopping.subscribe(({ task, caller }) => {
        const isWorking = (task.ownProtectionUntil ?? 0) > world.clock.now;
        const { service } = task;
        const isByFunction = retiringFunctionsOf(world, { cluster, service }).some(({ name }) => name === caller);
        const isScaledIn = isByFunction && !isUnseen(task, world.clock.now);
        if (isWorking && (isScaledIn || HOLDS_AGAINST.has(task.stopCause)))
          report(task.arn, `was stopped (${task.stoppedReason}) while its container protected it`);
      });
    }
  },
};
