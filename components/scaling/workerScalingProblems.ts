/** What can be wrong with the scaling of workers, all at once; and what is right but worth a word. */
import { choiceProblems, rangeProblems, type Problem } from "../problems";
import { MOST_METRICS } from "./metricMath";
import { MOST_QUEUES, MOST_QUEUES_PER_TASK } from "./queueMetrics";
import { alwaysAsMany, boundsProblems, cooldownProblems } from "./scalingProblems";
import { scheduleProblems } from "./scalingScheduleProblems";
import { fightProblems, MOST_MINUTES, stepProblems } from "./scalingStepProblems";
import type { Step } from "./scalingSteps";
import { tierTableProblems } from "./scalingTierProblems";
import { WORKER_TIERS_PER, type WorkerScaling } from "./workerScalingArgs";
import {
  followsBacklog,
  goesToZero,
  resolvedBounds,
  workerOutSteps,
  workersScaledIn,
  type ResolvedWorkerTiers,
  type WorkerFacts,
  type WorkersScaledIn,
} from "./workerScalingResolved";

/** What scaling must know of the workers to be checked. */
export interface WorkerScalingFacts extends WorkerFacts {
  /** Queues that one service takes from. */
  readonly queueCount: number;
}

/** Everything that is wrong; empty where nothing is. */
export function workerScalingProblems(scaling: WorkerScaling = {}, facts: WorkerScalingFacts): Problem[] {
  const shapes = shapeProblems(scaling);
  if (shapes.length > 0) return shapes;
  const bounds = resolvedBounds(scaling);
  const scaledIn = workersScaledIn(scaling, facts);
  return [
    ...boundsProblems(bounds, 0),
    ...backlogProblems(scaling, facts),
    ...allStepProblems(scaling, scaledIn),
    ...(scaledIn.by === "function" ? workerTierProblems(scaledIn.tiers, facts) : []),
    ...queueProblems(scaling, scaledIn, facts),
    ...scheduleProblems(scaling.schedules ?? [], bounds, 0),
    ...cooldownProblems(scaling),
  ];
}

/** Right for AWS, but not what one may expect. */
export function workerScalingNotes(scaling: WorkerScaling): string[] {
  const { minCount, maxCount } = resolvedBounds(scaling);
  return minCount === maxCount ? [alwaysAsMany(minCount)] : [];
}

/** The types don't let these through, but a program in JavaScript may. */
function shapeProblems({ scaleOut, scaleIn }: WorkerScaling): Problem[] {
  const words = [
    { property: "scaling.scaleOut", given: scaleOut, choices: ["backlog"] },
    { property: "scaling.scaleIn", given: scaleIn, choices: ["targetTracking", "none"] },
  ];
  return words.flatMap(({ property, given, choices }) => {
    if (typeof given === "string")
      return choiceProblems(property, given, choices).map((problem) => ({
        ...problem,
        allowed: `steps, or ${choices.map((choice) => JSON.stringify(choice)).join(" or ")}`,
      }));
    if (!Array.isArray(given) || given.length > 0) return [];
    const change = `add one, or give ${JSON.stringify(choices.at(-1))}`;
    return [{ property, given, allowed: "at least one step", change }];
  });
}

function backlogProblems(scaling: WorkerScaling, { msgProcessingSeconds }: WorkerFacts): Problem[] {
  if (!followsBacklog(scaling)) {
    if (scaling.scaleIn !== "targetTracking") return [];
    const allowed = '"targetTracking" only with scaleOut: "backlog"';
    return [{ property: "scaling.scaleIn", given: scaling.scaleIn, allowed, change: "give another scaleIn" }];
  }
  if (msgProcessingSeconds !== undefined && Number.isFinite(msgProcessingSeconds) && msgProcessingSeconds > 0)
    return [];
  const allowed = "more than 0: how many messages a task may have follows from it";
  const change = "say how many seconds a job takes on average, or give scaling.scaleOut steps";
  return [{ property: "msgProcessingSeconds", given: msgProcessingSeconds, allowed, change }];
}

/** What steps must know; that they are of messages, whose number says nothing of a balancer. */
const FACTS = { hasBalancer: false, deregistrationDelaySeconds: 0, checkIntervalSeconds: 0 };

function allStepProblems(scaling: WorkerScaling, scaledIn: WorkersScaledIn): Problem[] {
  const outwards = workerOutSteps(scaling);
  const inwards = scaledIn.by === "steps" ? scaledIn.steps : [];
  const single = [...stepProblems("out", outwards, FACTS), ...stepProblems("in", inwards, FACTS)];
  return single.length > 0 ? single : [...fights(outwards, inwards), ...forgottenProblems(scaling, outwards)];
}

/** Scaling in counts what is being worked on, too: where both bounds are one, nothing waits any more when a task is removed. */
function fights(outwards: readonly Step[], inwards: readonly Step[]): Problem[] {
  const lowest = Math.min(...outwards.map(({ bound }) => bound));
  return fightProblems(
    outwards,
    inwards.filter(({ bound }) => bound > lowest),
  );
}

/** With no task at all, fewer messages than the lowest step would wait for ever. */
function forgottenProblems(scaling: WorkerScaling, outwards: readonly Step[]): Problem[] {
  const [lowest] = [...outwards].sort((a, b) => a.bound - b.bound);
  if (lowest === undefined || lowest.bound <= 1 || !goesToZero(scaling)) return [];
  const allowed = "1 for one of the steps where there may be no task: fewer messages would wait for ever";
  const change = "lower it to 1, add such a step, or raise minCount to 1";
  return [{ property: `${lowest.property}.atLeast`, given: lowest.bound, allowed, change }];
}

function workerTierProblems(tiers: ResolvedWorkerTiers, { concurrency }: WorkerFacts): Problem[] {
  const property = "scaling.scaleIn";
  return [
    ...tierTableProblems(tiers.tiers, "messages", () => busyProblems(tiers, concurrency)),
    ...choiceProblems(`${property}.tiersPer`, tiers.tiersPer, WORKER_TIERS_PER),
    ...rangeProblems(`${property}.mostSharePercent`, tiers.mostSharePercent, 1, 100),
    ...rangeProblems(`${property}.forMinutes`, tiers.forMinutes, 1, MOST_MINUTES),
  ];
}

/** A tier that could never remove a task. */
function busyProblems({ tiers, tiersPer }: ResolvedWorkerTiers, concurrency: number): Problem[] {
  if (tiersPer !== "task") return [];
  return tiers.flatMap(({ below }, index) => {
    if (below <= concurrency) return [];
    const allowed = `at most ${concurrency}, the jobs that a task works on at once: with as many messages each, none is idle`;
    const change = `lower it to ${concurrency} or less`;
    return [{ property: `scaling.scaleIn.tiers[${index}].below`, given: below, allowed, change }];
  });
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html */
function queueProblems(
  scaling: WorkerScaling,
  scaledIn: WorkersScaledIn,
  { queueCount }: WorkerScalingFacts,
): Problem[] {
  const perTask = followsBacklog(scaling) || (scaledIn.by === "function" && scaledIn.tiers.tiersPer === "task");
  const most = perTask ? MOST_QUEUES_PER_TASK : scaledIn.by === "none" ? MOST_METRICS : MOST_QUEUES;
  if (queueCount <= most) return [];
  const allowed = `at most ${most} for one service, since an alarm looks at ${MOST_METRICS} metrics`;
  const change = 'give services: "perQueue", or make two tiers';
  return [{ property: "queues", given: `${queueCount} queues`, allowed, change }];
}
