import type { World } from "../world/world";
import { hintFunctionsOf, hintOf, isMember, type HintFunction } from "./hintFunctions";
import type { Law } from "./law";

const BUDGET_PERCENT = 10;
const LOOK_EVERY_MS = 5_000;
/** A desired capacity that has just been lowered was higher when the function read it. */
const LOOKS_BACK = 12;

/** Those of an interruption aren't hints any more, and are as many as EC2 takes. */
export const recommendationBudget: Law = {
  name: "no more instances than their budget are on their way out for recommendations",
  watch: (world, _promises, report) => {
    for (const fn of hintFunctionsOf(world)) watchOne(world, fn, report);
  },
};

function watchOne(world: World, fn: HintFunction, report: (object: string, message: string) => void): void {
  const sizes: number[] = [];
  world.clock.every(world.clock.now, LOOK_EVERY_MS, () => {
    sizes.push(fn.group.desiredCapacity);
    if (sizes.length > LOOKS_BACK) sizes.shift();
  });
  fn.group.detached.subscribe(({ id, interruption }) => {
    const detached = fn.cluster.instanceOf(id);
    if (detached === undefined || hintOf(detached) === undefined || interruption !== undefined) return;
    const size = Math.max(fn.group.desiredCapacity, ...sizes);
    const budget = Math.max(1, Math.floor((size * BUDGET_PERCENT) / 100));
    const out = [...fn.cluster.instances.values()].filter(
      (each) =>
        hintOf(each) !== undefined &&
        !isMember(fn, each) &&
        each.ec2.interruption === undefined &&
        // An empty one waits for nothing but its end.
        !(each.status === "DRAINING" && each.tasks.size === 0),
    );
    if (out.length > budget) report(id, `is the ${out.length}th of ${size} on its way out: at most ${budget}`);
  });
}
