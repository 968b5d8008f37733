import type { Service } from "../world/ecs/service";
import type { Law } from "./law";
import { rebalanceFunctionOf } from "./rebalanceFunction";

const FIVE_MINUTES_MS = 5 * 60_000;

/** A new task that has come to where it helps nobody goes again with the moves that it was for; that is none of its own. */
export const notMovedTwice: Law = {
  name: "no task is moved twice in five minutes",
  watch: (world, promises, report) => {
    for (const cluster of new Set(promises.map((promise) => promise.cluster))) {
      const name = rebalanceFunctionOf(world, cluster)?.name;
      if (name === undefined) continue;
      /** When each service's count was raised last. */
      const raisedAt = new Map<Service, number>();
      cluster.desiredCountChanged.subscribe(({ service, from, to, by }) => {
        if (by === name && to > from) raisedAt.set(service, world.clock.now);
      });
      cluster.life.stopping.subscribe(({ task, caller }) => {
        if (caller !== name) return;
        const ageMs = world.clock.now - (task.runningAt ?? world.clock.now);
        const isOfThisRound = task.createdAt >= (raisedAt.get(task.service) ?? Infinity);
        if (ageMs < FIVE_MINUTES_MS && !isOfThisRound)
          report(task.arn, `was moved ${ageMs / 1000} s after it had begun to run`);
      });
    }
  },
};
