/** Whoever wants new instances and has nothing to replace them with turns all off, and waits for the group to launch others. */
import type { World } from "./world/world";

const HOUR_MS = 3_600_000;

/** @param atHours hours after `startMs` at which every instance is terminated at once */
export function turnOffLater(atHours: readonly number[], world: World, startMs: number): void {
  for (const hours of atHours) {
    world.clock.at(startMs + hours * HOUR_MS, () => {
      world.context.log.write("ec2.AllTurnedOff", { instances: world.ec2.living.size });
      for (const { id } of [...world.ec2.living.values()]) world.ec2.terminate(id, "turned off");
    });
  }
}
