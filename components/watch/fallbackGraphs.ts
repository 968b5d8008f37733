/** What a dashboard shows of On-Demand Instances that stand in, and of what they cost. */
import type { InstancePrices } from "./dashboardSections";
import type { Graph, GraphedMetric } from "./dashboardWidgets";

/** A metric of the cluster's functions. */
export type OursNamed = (name: string, draw?: Readonly<Record<string, string | number | boolean>>) => GraphedMetric;

export function standInGraph(ours: OursNamed): Graph {
  const counted = ["StandInsRaised", "StandInsReturned", "StandInsRefused", "SpotQuotaReached", "OnDemandQuotaReached"];
  return {
    title: "On-Demand Instances that stand in for Spot",
    metrics: [ours("StandIns", { stat: "Maximum" }), ...counted.map((name) => ours(name))],
  };
}

/**
 * What they cost more than Spot Instances would, by the hour. A line of its own: the metric is there only while some stand in, and an
 * expression has no value where one of its metrics has none.
 */
export function standInCost({ onDemandPerHour, spotPerHour }: InstancePrices, ours: OursNamed): GraphedMetric[] {
  const expression = `standIns * ${onDemandPerHour - spotPerHour}`;
  return [
    ours("StandIns", { id: "standIns", visible: false, stat: "Maximum" }),
    [{ id: "standInCost", expression, label: "and for those that stand in for Spot" }],
  ];
}
