/** All laws, and the one place in which their breaches are gathered. */
import type { BrokenLaw } from "../measure/result";
import type { World } from "../world/world";
import { deregisteredBeforeSigterm } from "./deregisteredBeforeSigterm";
import { desiredNeverDrifts } from "./desiredNeverDrifts";
import { drainingBeforeTheEnd } from "./drainingBeforeTheEnd";
import { functionsStart } from "./functionsStart";
import type { Law } from "./law";
import { minimumWhileCapacity } from "./minimumWhileCapacity";
import { neverBelowMinimum } from "./neverBelowMinimum";
import { noMarkForgotten } from "./noMarkForgotten";
import { noneEndedByFunctions } from "./noneEndedByFunctions";
import { noPlacementOnDraining } from "./noPlacementOnDraining";
import { othersUntouched } from "./othersUntouched";
import type { ServicePromise } from "./promises";
import { protectedNeverStopped } from "./protectedNeverStopped";
import { retiredHaveNoTarget } from "./retiredHaveNoTarget";
import { stoppedBeforeTheEnd } from "./stoppedBeforeTheEnd";

export const LAWS: readonly Law[] = [
  noPlacementOnDraining,
  noneEndedByFunctions,
  deregisteredBeforeSigterm,
  drainingBeforeTheEnd,
  stoppedBeforeTheEnd,
  minimumWhileCapacity,
  desiredNeverDrifts,
  neverBelowMinimum,
  protectedNeverStopped,
  retiredHaveNoTarget,
  noMarkForgotten,
  othersUntouched,
  functionsStart,
];

/** A law that is broken all the time is told this often, and then only counted. */
const MOST_TOLD = 100;

export function watchLaws(world: World, startMs: number, promises: readonly ServicePromise[]): BrokenLaw[] {
  const broken: BrokenLaw[] = [];
  for (const law of LAWS) {
    law.watch(world, promises, (object, message) => {
      const atSeconds = (world.clock.now - startMs) / 1000;
      world.context.log.write("law.Broken", { law: law.name, object, message });
      if (broken.length < MOST_TOLD) broken.push({ law: law.name, atSeconds, object, message });
    });
  }
  return broken;
}
