/** What of On-Demand Instances that stand in needs a person. */
import type * as pulumi from "@pulumi/pulumi";
import { anyOf, type AlarmSpec } from "./alarmSpec";

const HOUR_SECONDS = 3600;

/** By then it is no passing shortage, and the bill shows it. */
const LASTING_HOURS = 6;

export function fallbackAlarms(
  name: string,
  ofCluster: Record<string, pulumi.Input<string>>,
): Record<string, AlarmSpec> {
  const told = (metricName: string, what: string): AlarmSpec => ({
    ...anyOf("Spotproof", metricName, ofCluster),
    alarmDescription: `${name}: ${what}`,
  });
  return {
    "fallback-lasts": {
      ...told("StandIns", `On-Demand Instances have stood in for Spot for ${LASTING_HOURS} hours`),
      statistic: "Maximum",
      period: HOUR_SECONDS,
      evaluationPeriods: LASTING_HOURS,
    },
    "fallback-refused": told("StandInsRefused", "Spot is out, and onDemandFallback lets no more instances stand in"),
    "fallback-overdue": told(
      "FallbackOverdue",
      "On-Demand Instances have stood in for longer than onDemandFallback.maxHours; no more may come, and those there are stay",
    ),
    "spot-quota": told(
      "SpotQuotaReached",
      "the account's quota of Spot vCPUs is reached; On-Demand Instances stand in",
    ),
    "on-demand-quota": told(
      "OnDemandQuotaReached",
      "the account's quota of On-Demand vCPUs is reached, so that none can stand in for Spot",
    ),
  };
}
