/** All laws, and the one place in which their breaches are gathered. */
import { JobLedger } from "../jobs/ledger";
import type { BrokenLaw } from "../measure/result";
import type { World } from "../world/world";
import { deregisteredBeforeSigterm } from "./deregisteredBeforeSigterm";
import { desiredNeverDrifts } from "./desiredNeverDrifts";
import { drainingBeforeTheEnd } from "./drainingBeforeTheEnd";
import { functionsStart } from "./functionsStart";
import { jobsRepeatedForCause } from "./jobsRepeatedForCause";
import type { Law } from "./law";
import { minimumWhileCapacity } from "./minimumWhileCapacity";
import { neverBelowMinimum } from "./neverBelowMinimum";
import { nobodyUndoesAnother } from "./nobodyUndoesAnother";
import { noJobLost } from "./noJobLost";
import { noMarkForgotten } from "./noMarkForgotten";
import { noneEndedByFunctions } from "./noneEndedByFunctions";
import { noPlacementOnDraining } from "./noPlacementOnDraining";
import { notMovedTwice } from "./notMovedTwice";
import { othersUntouched } from "./othersUntouched";
import type { ServicePromise } from "./promises";
import { protectedNeverStopped } from "./protectedNeverStopped";
import { recommendationBudget } from "./recommendationBudget";
import { recommendationsEnd } from "./recommendationsEnd";
import { refreshesEnd } from "./refreshesEnd";
import { refreshesInTurn } from "./refreshesInTurn";
import { retiredHaveNoTarget } from "./retiredHaveNoTarget";
import { standInsGiveWay } from "./standInsGiveWay";
import { standInsWithinLimit } from "./standInsWithinLimit";
import { surgesEnd } from "./surgesEnd";
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
  recommendationBudget,
  recommendationsEnd,
  standInsWithinLimit,
  standInsGiveWay,
  surgesEnd,
  notMovedTwice,
  nobodyUndoesAnother,
  othersUntouched,
  functionsStart,
  refreshesInTurn,
  refreshesEnd,
  noJobLost,
  jobsRepeatedForCause,
];

/** A law that is broken all the time is told this often, and then only counted. */
const MOST_TOLD = 100;

/** Without `jobs` there are none. */
export function watchLaws(
  world: World,
  startMs: number,
  promises: readonly ServicePromise[],
  jobs = new JobLedger(world.clock),
): BrokenLaw[] {
  const broken: BrokenLaw[] = [];
  for (const law of LAWS) {
    const report = (object: string, message: string): void => {
      const atSeconds = (world.clock.now - startMs) / 1000;
      world.context.log.write("law.Broken", { law: law.name, object, message });
      if (broken.length < MOST_TOLD) broken.push({ law: law.name, atSeconds, object, message });
    };
    law.watch(world, promises, report, jobs);
  }
  return broken;
}
