import type { Task } from "../world/ecs/task";
import type { Law } from "./law";
import { retiringFunctionsOf } from "./rebalanceFunction";

/** The key under which a task that retires is marked. */
const MARK = "spotproof:retiring";
/** Beyond the time to settle and for its work: time for throttled calls and killed handlers, and for the schedule to find it. */
const FORGOTTEN_MS = 10 * 60_000;
const LOOK_EVERY_MS = 60_000;

interface Marked {
  readonly mark: string;
  readonly since: number;
}

/** A mark moves on when it is set anew or taken off, or when its task stops. */
export const noMarkForgotten: Law = {
  name: "no task stays marked as retiring without an end",
  watch: (world, promises, report) => {
    const marked = new Map<Task, Marked>();
    for (const cluster of new Set(promises.map((promise) => promise.cluster))) {
      cluster.tagged.subscribe((task) => {
        const mark = task.tags[MARK];
        if (mark === undefined) marked.delete(task);
        else if (marked.get(task)?.mark !== mark) marked.set(task, { mark, since: world.clock.now });
      });
    }
    world.clock.every(world.clock.now, LOOK_EVERY_MS, () => {
      for (const [task, { mark, since }] of marked) {
        if (task.desiredStatus === "STOPPED") marked.delete(task);
        else if (world.clock.now - since > FORGOTTEN_MS + ownMs(task)) {
          report(task.arn, `has been marked as retiring since ${mark}`);
          marked.delete(task);
        }
      }
    });

    function ownMs({ service }: Task): number {
      const promise = promises.find((each) => each.service === service);
      const functions = promise === undefined ? [] : retiringFunctionsOf(world, promise);
      return Math.max(0, ...functions.map(({ settleMs, patienceMs }) => settleMs + patienceMs));
    }
  },
};
