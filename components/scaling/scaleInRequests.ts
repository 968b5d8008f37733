/** Scaling in a service behind a load balancer: by its requests, and by taking tasks out of the balancer. */
import type { RequestPath } from "./scalingMetric";
import { requestsMetric, suffixesOf } from "./scalingMetric";
import type { ScaleInLoad, ScaleInPace } from "./scaleInLoad";
import type { ResolvedTiers } from "./scalingResolved";

export interface RequestsSettings {
  /** Where requests are counted, and targets taken out. */
  readonly balancer: RequestPath;
  /** Between two looks at a task that retires, where the target group's health checks leave as much time. */
  readonly checkIntervalSeconds: number;
  /** The target group's. */
  readonly healthCheckIntervalSeconds: number;
  /** The target group's. */
  readonly deregistrationDelaySeconds: number;
  /** Whether its tasks are protected while they work. */
  readonly protectsWork: boolean;
}

/** Minutes in a row: one quiet minute is chance, and three are what the function itself looks at. */
const LOW_MINUTES = 3;

/** Check intervals after which a target that was taken out gets no request any more, were it registered again meanwhile. */
const SETTLE_CHECKS = 2;

/** However often the function looks: the balancer takes up to 5 s to let go, and the last request's protection 4 s to come. */
const LEAST_SETTLE_SECONDS = 10;

/** Without traffic the balancer gives no values, and that is the least load of all: what is missing counts as low. */
export function requestsLoad({ tiersPer }: ResolvedTiers, settings: RequestsSettings): ScaleInLoad {
  const { balancer } = settings;
  const metricName = tiersPer === "target" ? "RequestCountPerTarget" : "RequestCount";
  const metric = requestsMetric(metricName, { balancer: suffixesOf(balancer) });
  return {
    of: "requests",
    description: "by tasks without work, which are taken out of the load balancer first",
    lowAlarm: { ...metric, period: 60, evaluationPeriods: LOW_MINUTES, treatMissingData: "breaching" },
    unit: tiersPer === "target" ? "requests per minute and task" : "requests per minute",
    metrics: [metric],
    targetGroups: [balancer.targetGroup],
    pace: requestsPace(settings),
  };
}

/** How tasks behind a load balancer are taken out. */
export function requestsPace(settings: Omit<RequestsSettings, "balancer">): ScaleInPace {
  const { healthCheckIntervalSeconds: healthCheck } = settings;
  return { look: lookSeconds(settings), healthCheck, settle: settleSeconds(settings) };
}

/** So often that a look which comes late still finds what ECS registered again before it passes a health check. */
function lookSeconds({ checkIntervalSeconds, healthCheckIntervalSeconds }: Omit<RequestsSettings, "balancer">): number {
  return Math.min(checkIntervalSeconds, Math.floor(healthCheckIntervalSeconds / 2));
}

/** A task that doesn't protect its work may have requests until the balancer cuts them, and StopTask waits for nothing. */
function settleSeconds(settings: Omit<RequestsSettings, "balancer">): number {
  const { checkIntervalSeconds, deregistrationDelaySeconds, protectsWork } = settings;
  const settled = Math.max(LEAST_SETTLE_SECONDS, SETTLE_CHECKS * checkIntervalSeconds);
  return protectsWork ? settled : Math.max(settled, deregistrationDelaySeconds);
}
