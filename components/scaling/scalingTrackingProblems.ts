/** What can be wrong with target tracking, alone and beside steps. */
import { rangeProblems, type Problem } from "../problems";
import type { ScalingMetric, TargetTracking } from "./scalingArgs";
import { isQueue, metricId } from "./scalingMetric";
import { boundProblems, metricProblems } from "./scalingMetricProblems";
import { LONGEST_COOLDOWN_SECONDS, type ScalingFacts } from "./scalingResolved";
import type { Step } from "./scalingSteps";

export function trackingProblems(
  policies: readonly TargetTracking[],
  steps: readonly Step[],
  facts: ScalingFacts,
): Problem[] {
  return policies.flatMap((policy, index) => {
    const property = `scaling.targetTracking[${index}]`;
    return [
      ...ownProblems(property, policy, facts),
      ...repeatedProblems(property, policy.metric, policies.slice(0, index)),
      ...besideSteps(property, policy.metric, steps),
    ];
  });
}

function ownProblems(property: string, policy: TargetTracking, facts: ScalingFacts): Problem[] {
  const { metric, target, scaleOutCooldownSeconds, scaleInCooldownSeconds } = policy;
  return [
    ...queueProblems(property, metric),
    ...metricProblems(`${property}.metric`, metric, facts),
    ...boundProblems(`${property}.target`, metric, target),
    ...(target <= 0 && typeof metric !== "string" ? [notAboveZero(property, target)] : []),
    ...rangeProblems(`${property}.scaleOutCooldownSeconds`, scaleOutCooldownSeconds, 0, LONGEST_COOLDOWN_SECONDS),
    ...rangeProblems(`${property}.scaleInCooldownSeconds`, scaleInCooldownSeconds, 0, LONGEST_COOLDOWN_SECONDS),
  ];
}

/** The types don't let it through, but a program in JavaScript may.
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html */
function queueProblems(property: string, metric: ScalingMetric): Problem[] {
  if (typeof metric === "string" || !isQueue(metric)) return [];
  const allowed = "a metric that falls as tasks are added; a queue's length doesn't";
  const change = "give steps of the queue, or a metric of your own such as messages per task";
  return [{ property: `${property}.metric`, given: metric, allowed, change }];
}

function notAboveZero(property: string, given: number): Problem {
  return { property: `${property}.target`, given, allowed: "more than 0", change: "raise it" };
}

function repeatedProblems(property: string, metric: ScalingMetric, before: readonly TargetTracking[]): Problem[] {
  const first = before.findIndex((each) => metricId(each.metric) === metricId(metric));
  if (first < 0) return [];
  const allowed = `one target per metric: scaling.targetTracking[${first}] has one already`;
  return [{ property: `${property}.metric`, given: metricId(metric), allowed, change: "remove one of the two" }];
}

function besideSteps(property: string, metric: ScalingMetric, steps: readonly Step[]): Problem[] {
  const step = steps.find((each) => metricId(each.metric) === metricId(metric));
  if (!step) return [];
  const allowed = `another metric than ${step.property}'s, or they would fight: the target is to be kept by one of the two`;
  return [
    { property: `${property}.metric`, given: metricId(metric), allowed, change: "remove that step or this target" },
  ];
}
