/** A result that is right, to change one thing at a time. */
import { REPEAT_CAUSES } from "../../../rehearsal/jobs/job";
import type { RehearsalResult, VariantResult } from "../../../rehearsal/measure/result";
import { FAILURE_CAUSES } from "../../../rehearsal/traffic/tally";

export function variantResult(changes: Partial<VariantResult> = {}): VariantResult {
  return {
    requests: {
      served: 1_234_567,
      retried: 0,
      failed: 36,
      failedBy: Object.fromEntries(
        FAILURE_CAUSES.map((cause, index) => [cause, index + 1]),
      ) as VariantResult["requests"]["failedBy"],
    },
    jobs: {
      submitted: 0,
      completed: 0,
      lost: 0,
      deadLettered: 0,
      open: 0,
      repeated: 0,
      repeatedBy: Object.fromEntries(REPEAT_CAUSES.map((cause) => [cause, 0])) as VariantResult["jobs"]["repeatedBy"],
      givenBack: 0,
      queueSeconds: {},
      workSeconds: 0,
      thrownAwaySeconds: 0,
      taskSeconds: 0,
      usdPerThousand: 0,
    },
    interruptions: { notices: 12, withoutNotice: 1, recommendations: 30, instancesLost: 13 },
    capacityMinutesLost: { total: 17.25, meanPerInterruption: 1.44, p95: 8.06 },
    surplusInstanceMinutes: { total: 26, meanPerInterruption: 2 },
    cost: {
      usd: 1234.5,
      onDemandUsd: 3500,
      ratio: 0.3527,
      clairvoyantUsd: 1000,
      ofClairvoyant: 1.2345,
      overClairvoyantUsd: { tasks: 4.5, headroom: 100, comingAndGoing: 30, pools: 100 },
    },
    tasks: { started: 40, stopped: 40, killed: 2 },
    scaling: { taskHours: 1680.25, desiredMin: 4, desiredMax: 20, scaleOuts: 31, scaleIns: 29 },
    evenness: {
      times: 0,
      withinTwentyMinutes: 0,
      minutes: { total: 0, mean: 0, p95: 0, max: 0 },
      moves: 0,
      leastMoves: 0,
    },
    deployments: { completed: 3, rolledBack: 1 },
    lambda: { invocations: 10_080, errors: 0, billedMs: 900_000 },
    lawsBroken: [],
    notModelled: [],
    policies: { checked: 19, violations: [] },
    ...changes,
  };
}

export function result(variants: RehearsalResult["variants"]): RehearsalResult {
  return { schema: "spotproof/rehearsal/1", seed: 7, simulatedSeconds: 604_800, wallSeconds: 3.2, variants };
}

export const breach = (atSeconds: number, object: string) => ({
  law: "no task is placed on an instance that is not ACTIVE",
  atSeconds,
  object,
  message: "it was placed while DRAINING",
});
