import { SCALING, type DesiredCountChange } from "../world/ecs/cluster";
import type { World } from "../world/world";
import type { Law } from "./law";
import type { ServicePromise } from "./promises";
import { rebalanceFunctionOf } from "./rebalanceFunction";
import { scaleInFunctionOf } from "./scaleInFunction";

const LOOK_EVERY_MS = 60_000;

/**
 * A policy or a schedule may move a count, the scale-in function may lower it, and the rebalance function may raise it and lower it again,
 * to which another law holds it; nobody else has any business with it.
 */
export const desiredNeverDrifts: Law = {
  name: "desired counts never drift",
  watch: (world, promises, report) => {
    for (const promise of promises) watchOne(world, promise, (message) => report(promise.service.spec.name, message));
    world.clock.every(world.clock.now, LOOK_EVERY_MS, () => {
      for (const { spec, desiredCapacity } of world.groups.values()) {
        const isWithin = desiredCapacity >= spec.minSize && desiredCapacity <= spec.maxSize;
        if (!isWithin)
          report(spec.name, `wants ${desiredCapacity} instances, outside ${spec.minSize} to ${spec.maxSize}`);
      }
    });
  },
};

function watchOne(world: World, promise: ServicePromise, report: (message: string) => void): void {
  const { cluster, service } = promise;
  let expected = service.desiredCount;
  let source = "were declared";
  cluster.desiredCountChanged.subscribe((change) => {
    if (change.service !== service) return;
    if (!mayChange(world, promise, change))
      return report(`was set from ${change.from} to ${change.to} by ${change.by}`);
    expected = change.to;
    source = `were left by ${change.by}`;
  });
  world.clock.every(world.clock.now, LOOK_EVERY_MS, () => {
    if (service.desiredCount !== expected) report(`wants ${service.desiredCount} tasks where ${expected} ${source}`);
  });
}

function mayChange(world: World, promise: ServicePromise, { from, to, by }: DesiredCountChange): boolean {
  if (by === SCALING) return [...world.scalableTargets.values()].some(({ service }) => service === promise.service);
  if (by === rebalanceFunctionOf(world, promise.cluster)?.name) return true;
  return to < from && by === scaleInFunctionOf(world, promise)?.name;
}
