/** What can be wrong with a BalancedService's args, alone and on its cluster. */
import { BALANCED_SERVICE_DEFAULTS, type BalancedServiceArgs } from "./balancedServiceArgs";
import { rangeProblems, type Problem } from "./problems";
import { routingProblems } from "./balancer/routingProblems";
import { scalingProblems } from "./scaling/scalingProblems";
import type { ScalingFacts } from "./scaling/scalingResolved";
import { budgetProblems, serviceProblems, type ClusterFacts } from "./service/serviceProblems";
import { taskProblems } from "./task/taskProblems";

export type { ClusterFacts } from "./service/serviceProblems";

const MOST_5XX = 1_000_000;
const SECONDS_PER_DAY = 86400;

type Args = Omit<BalancedServiceArgs, "cluster">;

/** Everything that is wrong; empty where nothing is. The main container has the service's name. */
export function balancedServiceProblems(args: Args, cluster: ClusterFacts, name = "service"): Problem[] {
  const { deregistrationDelaySeconds = BALANCED_SERVICE_DEFAULTS.deregistrationDelaySeconds } = args;
  return [
    ...budgetProblems(name, args, cluster, deregistrationDelaySeconds, args.capacity),
    ...rangeProblems("containerPort", args.containerPort, 1, 65535),
    ...rangeProblems("longestRequestSeconds", args.longestRequestSeconds, 1, SECONDS_PER_DAY),
    ...rangeProblems("most5xxPerMinute", args.most5xxPerMinute, 0, MOST_5XX),
    ...taskProblems(name, args, cluster),
    ...healthCheckProblems(args, cluster),
    ...serviceProblems(args, cluster),
    ...routingProblems(name, args, cluster),
    ...(args.scaling ? scalingProblems(args.scaling, scalingFacts(args, cluster)) : []),
  ];
}

function scalingFacts(args: Args, { checkIntervalSeconds }: ClusterFacts): ScalingFacts {
  const { desiredCount, deregistrationDelaySeconds = BALANCED_SERVICE_DEFAULTS.deregistrationDelaySeconds } = args;
  return { hasBalancer: true, deregistrationDelaySeconds, checkIntervalSeconds, desiredCount };
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
function healthCheckProblems(args: Args, cluster: ClusterFacts): Problem[] {
  const problems = [
    ...rangeProblems("healthCheckIntervalSeconds", args.healthCheckIntervalSeconds, 5, 300),
    ...rangeProblems("healthCheckTimeoutSeconds", args.healthCheckTimeoutSeconds, 2, 120),
    ...rangeProblems("healthyThresholdCount", args.healthyThresholdCount, 2, 10),
    ...rangeProblems("unhealthyThresholdCount", args.unhealthyThresholdCount, 2, 10),
    ...rangeProblems("healthCheckGracePeriodSeconds", args.healthCheckGracePeriodSeconds, 0, 2147483647),
    ...pathProblems(args.healthCheckPath),
  ];
  return problems.length > 0 ? problems : healthCheckTimeProblems(args, cluster);
}

function healthCheckTimeProblems(args: Args, { checkIntervalSeconds }: ClusterFacts): Problem[] {
  const interval = args.healthCheckIntervalSeconds ?? BALANCED_SERVICE_DEFAULTS.healthCheckIntervalSeconds;
  const timeout = args.healthCheckTimeoutSeconds ?? BALANCED_SERVICE_DEFAULTS.healthCheckTimeoutSeconds;
  const problems: Problem[] = [];
  if (timeout >= interval) {
    const allowed = `less than healthCheckIntervalSeconds, which is ${interval}`;
    problems.push({
      property: "healthCheckTimeoutSeconds",
      given: timeout,
      allowed,
      change: `lower it to ${interval - 1} or less`,
    });
  }
  if (interval < checkIntervalSeconds) {
    const allowed = `at least the cluster's checkIntervalSeconds, which is ${checkIntervalSeconds}: a target that ECS registers again must be seen before it passes a check`;
    const change = `raise it to ${checkIntervalSeconds} or lower the cluster's checkIntervalSeconds`;
    problems.push({ property: "healthCheckIntervalSeconds", given: interval, allowed, change });
  }
  return problems;
}

function pathProblems(path: string | undefined): Problem[] {
  if (path === undefined || path.startsWith("/")) return [];
  return [
    { property: "healthCheckPath", given: path, allowed: "a path that begins with /", change: `give "/${path}"` },
  ];
}
