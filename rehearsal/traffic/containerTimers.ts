/** A container's timers on the world's clock: nothing of it runs once it is gone. */
import type { Timers } from "../../runtime/timers";
import type { Clock, Timer } from "../world/clock";
import { EPOCH_MS } from "../world/constants";

export function containerTimers(clock: Clock, isAlive: () => boolean): Timers {
  return {
    now: () => EPOCH_MS + clock.now,
    after: (ms, run): Timer =>
      clock.after(ms, () => {
        if (!isAlive()) return;
        run();
        // What was called goes on in promises.
        clock.handlersWoken = true;
      }),
    cancel: (timer) => clock.cancel(timer as Timer | undefined),
  };
}
