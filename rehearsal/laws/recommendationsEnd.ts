import type { ContainerInstance } from "../world/ecs/containerInstance";
import type { World } from "../world/world";
import { hintFunctionsOf, hintOf, isMember, type HintFunction } from "./hintFunctions";
import type { Law } from "./law";

const LOOK_EVERY_MS = 60_000;
/** Beyond a recommendation's own time: one step a look, for lost sweeps, killed handlers and throttled calls. */
const LONGER_MS = 30 * 60_000;
/** How long an instance may serve outside its group without a hint: until a notice ends it, or ECS hears that it is no more. */
const OUTSIDE_MS = 20 * 60_000;

export const recommendationsEnd: Law = {
  name: "what was recommended to be replaced is gone in the end, or in its group and ACTIVE",
  watch: (world, _promises, report) => {
    for (const fn of hintFunctionsOf(world)) watchOne(world, fn, report);
  },
};

function watchOne(world: World, fn: HintFunction, report: (object: string, message: string) => void): void {
  const outside = new Map<ContainerInstance, number>();
  const wereHinted = new Set<ContainerInstance>();
  const hinted = new Map<ContainerInstance, number>();
  const { minSize, maxSize } = fn.group.spec;
  // A group of a fixed size has no room for both.
  const canReturn = minSize < maxSize;
  world.clock.every(world.clock.now, LOOK_EVERY_MS, () => {
    const { now } = world.clock;
    for (const instance of fn.cluster.instances.values()) {
      const isHinted = hintOf(instance) !== undefined;
      if (isHinted) wereHinted.add(instance);
      const isOutside =
        wereHinted.has(instance) && !isHinted && instance.status === "ACTIVE" && !isMember(fn, instance);
      const tell = (since: Map<ContainerInstance, number>, is: boolean, longestMs: number, message: string): void => {
        if (!is) return void since.delete(instance);
        const from = since.get(instance) ?? now;
        since.set(instance, from);
        if (now - from <= longestMs) return;
        report(instance.ec2.id, message);
        since.delete(instance);
      };
      tell(hinted, isHinted && canReturn, fn.patienceMs + LONGER_MS, `is still hinted at: ${hintOf(instance)}`);
      tell(outside, isOutside, OUTSIDE_MS, "serves outside its group without a hint");
    }
  });
}
