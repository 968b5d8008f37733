/** What can be wrong with a metric that scaling looks at, and with a bound of it. */
import { choiceProblems, type Problem } from "../problems";
import { SERVICE_METRICS, STATISTICS, type ScalingMetric } from "./scalingArgs";
import { isQueue, isSameMetric, metricId } from "./scalingMetric";
import type { ScalingFacts } from "./scalingResolved";

export function metricProblems(property: string, metric: ScalingMetric, facts: ScalingFacts): Problem[] {
  if (typeof metric !== "string") {
    return isQueue(metric) ? [] : choiceProblems(`${property}.statistic`, metric.statistic, STATISTICS);
  }
  if (metric !== "requestsPerTarget" || facts.hasBalancer) return choiceProblems(property, metric, SERVICE_METRICS);
  const allowed =
    "cpu, memory, a queue or a metric of your own: without a load balancer there are no requests to count";
  return [{ property, given: metric, allowed, change: "give another metric" }];
}

export function boundProblems(property: string, metric: ScalingMetric, given: number): Problem[] {
  if (!Number.isFinite(given)) return [{ property, given, allowed: "a number", change: "give a number" }];
  if ((metric === "cpu" || metric === "memory") && !(given > 0 && given <= 100)) {
    const allowed = `more than 0 and at most 100: ${metric} is in percent of what the tasks reserve`;
    return [{ property, given, allowed, change: given > 100 ? "lower it to 100 or less" : "raise it" }];
  }
  const counts = metric === "requestsPerTarget" || isQueue(metric);
  if (!counts || given > 0) return [];
  return [{ property, given, allowed: "more than 0", change: "raise it" }];
}

/** Two metrics of one id would share a policy and an alarm. */
export function idProblems(uses: readonly { readonly property: string; readonly metric: ScalingMetric }[]): Problem[] {
  return uses.flatMap(({ property, metric }, index) => {
    const id = metricId(metric);
    const first = uses.slice(0, index).find((each) => metricId(each.metric) === id);
    if (!first || isSameMetric(first.metric, metric)) return [];
    const allowed = `an id of its own: ${first.property} is another metric with this one`;
    return [{ property: `${property}.id`, given: id, allowed, change: "give one of the two metrics an id" }];
  });
}
