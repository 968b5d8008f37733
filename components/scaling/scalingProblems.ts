/** What can be wrong with a service's scaling, all at once; and what is right but worth a word. */
import { rangeProblems, type Problem } from "../problems";
import type { ServiceScaling } from "./scalingArgs";
import { isOfTasks } from "./scalingMetric";
import { idProblems } from "./scalingMetricProblems";
import {
  LARGEST_COUNT,
  LONGEST_COOLDOWN_SECONDS,
  scaleInOf,
  scaleOutSteps,
  type ScaleIn,
  type ScalingFacts,
} from "./scalingResolved";
import { scheduleProblems } from "./scalingScheduleProblems";
import { fightProblems, stepProblems } from "./scalingStepProblems";
import { inSteps, outSteps, type Step } from "./scalingSteps";
import { tierProblems } from "./scalingTierProblems";
import { trackingProblems } from "./scalingTrackingProblems";

type ScalingBounds = Pick<ServiceScaling, "minCount" | "maxCount">;
type Cooldowns = Pick<ServiceScaling, "scaleOutCooldownSeconds" | "scaleInCooldownSeconds">;

/** Everything that is wrong; empty where nothing is. */
export function scalingProblems(scaling: ServiceScaling, facts: ScalingFacts): Problem[] {
  const { targetTracking = [], schedules = [] } = scaling;
  const scaleIn = scaleInOf(scaling, facts);
  const outwards = outSteps(scaleOutSteps(scaling, facts));
  const inwards = inSteps(scaleIn.by === "steps" ? scaleIn.steps : []);
  const tracked = targetTracking.map(({ metric }, index) => ({ property: `scaling.targetTracking[${index}]`, metric }));
  const single = [...stepProblems("out", outwards, facts), ...stepProblems("in", inwards, facts)];
  return [
    ...countProblems(scaling, facts, outwards),
    ...single,
    ...(single.length > 0 ? [] : fightProblems(outwards, inwards)),
    ...trackingProblems(targetTracking, [...outwards, ...inwards], facts),
    ...idProblems([...outwards, ...inwards, ...tracked].map(({ property, metric }) => ({ property, metric }))),
    ...scaleOutProblems(scaling),
    ...scaleInProblems(scaling, scaleIn),
    ...(scaleIn.by === "function"
      ? tierProblems(scaleIn.tiers, facts, { minCount: scaling.minCount, steps: outwards, targetTracking })
      : []),
    ...scheduleProblems(schedules, scaling, facts.hasBalancer ? 1 : 0),
    ...cooldownProblems(scaling),
  ];
}

/** Steps that AWS takes, but that can't do all they say. */
export function scalingNotes(scaling: ServiceScaling, facts: ScalingFacts): string[] {
  const { minCount, maxCount } = scaling;
  const scaleIn = scaleInOf(scaling, facts);
  const range = maxCount - minCount;
  if (range === 0) return [alwaysAsMany(minCount)];
  const large = outSteps(scaleOutSteps(scaling, facts))
    .filter(({ tasks }) => tasks > range)
    .map(({ property, tasks }) => `${property} adds ${tasks}, and from minCount to maxCount there are only ${range}`);
  const back = scaleIn.by === "steps" ? inSteps(scaleIn.steps).flatMap((step) => backNotes(step, scaling, facts)) : [];
  return [...large, ...back];
}

export const alwaysAsMany = (count: number): string =>
  `minCount and maxCount are both ${count}: nothing scales until a schedule changes one`;

/** A removal that could put so much on the tasks left that scaling out adds them again. */
function backNotes(step: Step, scaling: ServiceScaling, facts: ScalingFacts): string[] {
  const { minCount } = scaling;
  if (step.metric !== "cpu" && step.metric !== "requestsPerTarget") return [];
  const bounds = outSteps(scaleOutSteps(scaling, facts))
    .filter(({ metric }) => metric === step.metric)
    .map(({ bound }) => bound);
  const after = (step.bound * (minCount + step.tasks)) / minCount;
  if (bounds.length === 0 || after < Math.min(...bounds)) return [];
  const what = `${step.property} may leave ${minCount} of ${minCount + step.tasks} tasks`;
  return [
    `${what}, at up to ${Math.round(after)}, and scaling out begins at ${Math.min(...bounds)}: they would come back`,
  ];
}

function countProblems(scaling: ServiceScaling, facts: ScalingFacts, outwards: readonly Step[]): Problem[] {
  const { minCount, targetTracking = [] } = scaling;
  const problems = boundsProblems(scaling, facts.hasBalancer ? 1 : 0);
  if (problems.length > 0) return problems;
  const metrics = [...outwards, ...targetTracking].map(({ metric }) => metric);
  return [...fromZeroProblems(minCount, metrics.every(isOfTasks)), ...desiredProblems(scaling, facts)];
}

/** `fewest`: what minCount may be at least. */
export function boundsProblems({ minCount, maxCount }: ScalingBounds, fewest: number): Problem[] {
  const problems = [
    ...rangeProblems("scaling.minCount", minCount, fewest, LARGEST_COUNT),
    ...rangeProblems("scaling.maxCount", maxCount, 1, LARGEST_COUNT),
  ];
  if (problems.length > 0 || maxCount >= minCount) return problems;
  const allowed = `at least minCount, which is ${minCount}`;
  const change = `raise it to ${minCount} or more, or lower minCount`;
  return [{ property: "scaling.maxCount", given: maxCount, allowed, change }];
}

export function cooldownProblems({ scaleOutCooldownSeconds, scaleInCooldownSeconds }: Cooldowns): Problem[] {
  return [
    ...rangeProblems("scaling.scaleOutCooldownSeconds", scaleOutCooldownSeconds, 0, LONGEST_COOLDOWN_SECONDS),
    ...rangeProblems("scaling.scaleInCooldownSeconds", scaleInCooldownSeconds, 0, LONGEST_COOLDOWN_SECONDS),
  ];
}

function fromZeroProblems(minCount: number, onlyOfTasks: boolean): Problem[] {
  if (minCount > 0 || !onlyOfTasks) return [];
  const allowed =
    "at least 1 where only tasks are measured: of none there is nothing to measure, and nothing would scale out";
  const change = "raise it to 1, or scale out on a queue or a metric of your own";
  return [{ property: "scaling.minCount", given: minCount, allowed, change }];
}

function desiredProblems({ minCount, maxCount }: ServiceScaling, { desiredCount }: ScalingFacts): Problem[] {
  if (desiredCount === undefined || (desiredCount >= minCount && desiredCount <= maxCount)) return [];
  const allowed = `from minCount to maxCount, ${minCount} to ${maxCount}: outside, it would be changed at once`;
  return [
    { property: "desiredCount", given: desiredCount, allowed, change: "remove it: the service begins with minCount" },
  ];
}

function scaleOutProblems({ scaleOut, targetTracking = [], schedules = [] }: ServiceScaling): Problem[] {
  if (scaleOut?.length !== 0 || targetTracking.length > 0 || schedules.length > 0) return [];
  const allowed = "at least one step, target or schedule: nothing would scale out";
  return [{ property: "scaling.scaleOut", given: scaleOut, allowed, change: "add a step, or remove scaling" }];
}

function scaleInProblems({ scaleIn: given, targetTracking = [] }: ServiceScaling, scaleIn: ScaleIn): Problem[] {
  const property = "scaling.scaleIn";
  if (scaleIn.by === "unsaid") {
    const allowed = 'steps, or "none": without a load balancer there are no requests for the function to go by';
    return [{ property, given, allowed, change: "say who scales in" }];
  }
  if (scaleIn.by === "steps" && scaleIn.steps.length === 0) {
    return [{ property, given, allowed: "at least one step", change: 'add one, or give "none"' }];
  }
  if (scaleIn.by === "targetTracking" && targetTracking.length === 0) {
    const allowed = '"targetTracking" only with targetTracking';
    return [{ property, given, allowed, change: "give targetTracking, or another scaleIn" }];
  }
  return [];
}
