/** A worker service's scaling with everything filled in that wasn't given. */
import { MOST_AT_ONCE } from "../../functions/scaleIn/plan";
import { withDefaults } from "../defaults";
import type { ScaleInTier, ServiceScaling } from "./scalingArgs";
import { fewestTasks } from "./scalingResolved";
import { inSteps, outSteps, type Step } from "./scalingSteps";
import {
  WORKER_SCALING_DEFAULTS as DEFAULTS,
  type WorkerScaleIn,
  type WorkerScaleInStep,
  type WorkerScaling,
} from "./workerScalingArgs";

/** What scaling must know of the workers. */
export interface WorkerFacts {
  /** How long a message may wait for a worker. */
  readonly acceptableLatencySeconds: number;
  /** How long a job takes on average, where that is known. */
  readonly msgProcessingSeconds?: number;
  /** Jobs at once per task. */
  readonly concurrency: number;
}

export type ResolvedWorkerTiers = Required<WorkerScaleIn>;

/** Who scales in. */
export type WorkersScaledIn =
  | { readonly by: "function"; readonly tiers: ResolvedWorkerTiers }
  | { readonly by: "steps"; readonly steps: readonly Step[] }
  | { readonly by: "targetTracking" | "none" };

export const followsBacklog = ({ scaleOut = DEFAULTS.scaleOut }: WorkerScaling): boolean => scaleOut === "backlog";

/** Whether there may be no task, by a schedule or always. */
export const goesToZero = (scaling: WorkerScaling): boolean => fewestTasks(resolvedBounds(scaling)) < 1;

/** As the parts of scaling take it that workers share with other services. */
export function resolvedBounds({ schedules, ...scaling }: WorkerScaling): ServiceScaling {
  const { minCount, maxCount, scaleOutCooldownSeconds } = withDefaults(scaling, DEFAULTS);
  return {
    minCount,
    maxCount,
    scaleOutCooldownSeconds,
    scaleInCooldownSeconds: scaling.scaleInCooldownSeconds,
    schedules,
  };
}

/**
 * How many messages a task may have, those that it works on and those that wait for it, so that none waits for longer than is
 * acceptable: one in each slot for a job, and as many as the slots get through meanwhile.
 *
 * 2 s per job, one at once and 60 s acceptable: 1 + 60 / 2 = 31. With jobs of an hour it is 1 + 60 / 3600, little more than the job
 * itself: each message that waits gets a task, and a task that is busy asks for no other.
 */
export function messagesOfTask({ acceptableLatencySeconds, msgProcessingSeconds, concurrency }: WorkerFacts): number {
  const waiting = msgProcessingSeconds === undefined ? 0 : acceptableLatencySeconds / msgProcessingSeconds;
  return Number((concurrency * (1 + waiting)).toPrecision(6));
}

/** The messages of all queues together; their alarms look at metric math, and no other metric of the service's has its id. */
const MESSAGES = { queueName: "messages", id: "sqs" };

export function workerOutSteps({ scaleOut = DEFAULTS.scaleOut }: WorkerScaling): Step[] {
  if (scaleOut === "backlog") return [];
  return outSteps(scaleOut.map((step) => ({ ...step, metric: MESSAGES })));
}

export function workersScaledIn({ scaleIn = {} }: WorkerScaling, { concurrency }: WorkerFacts): WorkersScaledIn {
  if (scaleIn === "none" || scaleIn === "targetTracking") return { by: scaleIn };
  if (isSteps(scaleIn)) return { by: "steps", steps: inSteps(scaleIn.map((step) => ({ ...step, metric: MESSAGES }))) };
  const { tiersPer, mostSharePercent, lowForMinutes: forMinutes } = DEFAULTS;
  const defaults = { tiers: defaultTiers(concurrency), tiersPer, mostSharePercent, forMinutes };
  return { by: "function", tiers: withDefaults(scaleIn, defaults) };
}

/** A fifth of the tasks may be idle: what they were for may come again, and a job that finds one needn't wait. */
const LOW_SHARE = 0.8;

/** As many as the function takes in one round: what it leaves is what the messages need. */
const defaultTiers = (concurrency: number): ScaleInTier[] => [{ below: LOW_SHARE * concurrency, remove: MOST_AT_ONCE }];

const isSteps = (scaleIn: WorkerScaleIn | readonly WorkerScaleInStep[]): scaleIn is readonly WorkerScaleInStep[] =>
  Array.isArray(scaleIn);
