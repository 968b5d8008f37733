/** What comes to a stack from outside the market and the load: a new AMI, and somebody who turns every instance off. */
import type { World } from "./world/world";

const HOUR_MS = 3_600_000;

export interface Happenings {
  /** When every parameter that a launch template names gets a new AMI. */
  readonly newAmiAtHours?: readonly number[];
  /** When somebody terminates every instance at once, past the groups. */
  readonly turnedOffAtHours?: readonly number[];
}

export function happenLater(world: World, startMs: number, { newAmiAtHours, turnedOffAtHours }: Happenings): void {
  for (const hours of newAmiAtHours ?? [])
    world.clock.at(startMs + hours * HOUR_MS, () => world.parameters.publishAmis());
  for (const hours of turnedOffAtHours ?? []) world.clock.at(startMs + hours * HOUR_MS, () => turnOff(world));
}

function turnOff({ ec2, context }: World): void {
  context.log.write("ec2.AllTurnedOff", { instances: ec2.living.size });
  for (const { id } of [...ec2.living.values()]) ec2.terminate(id, "turned off by hand");
}
