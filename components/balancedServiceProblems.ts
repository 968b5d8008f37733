/** What can be wrong with a BalancedService's args, alone and on its cluster. */
import {
  INTERRUPTION_NOTICE_SECONDS,
  longestDeregistrationDelay,
  secondsNeeded,
  secondsOver,
} from "../functions/timeBudget";
import {
  AVAILABILITY_ZONE_REBALANCING,
  BALANCED_SERVICE_DEFAULTS,
  PLACEMENT_TYPES,
  type BalancedServiceArgs,
} from "./balancedServiceArgs";
import type { SmallestInstance } from "./spotClusterArgs";
import { logRetentionProblems } from "./logRetention";
import { choiceProblems, rangeProblems, type Problem } from "./problems";

/** What a service must know of its cluster to be checked. */
export interface ClusterFacts {
  readonly stopTimeoutSeconds: number;
  readonly checkIntervalSeconds: number;
  readonly smallestInstance?: SmallestInstance;
}

const CPU_UNITS_PER_VCPU = 1024;

/** Docker's least, and more than any instance has. */
const FEWEST_MEMORY_MIB = 6;
const MOST_MEMORY_MIB = 24 * 1024 * 1024;

/** An instance registers less memory than its type has: the kernel and the agent take theirs first.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html */
const REGISTERED_MEMORY_SHARE = 0.92;

type Args = Omit<BalancedServiceArgs, "cluster" | "image">;

/** Everything that is wrong; empty where nothing is. */
export function balancedServiceProblems(args: Args, cluster: ClusterFacts): Problem[] {
  return [
    ...budgetProblems(args, cluster),
    ...containerProblems(args),
    ...sizeProblems(args, cluster),
    ...healthCheckProblems(args, cluster),
    ...deploymentProblems(args),
    ...placementProblems(args),
    ...cidrProblems(args.clientCidrs ?? []),
  ];
}

function budgetProblems(args: Args, cluster: ClusterFacts): Problem[] {
  const stopTimeoutSeconds = args.stopTimeoutSeconds ?? cluster.stopTimeoutSeconds;
  const deregistrationDelaySeconds =
    args.deregistrationDelaySeconds ?? BALANCED_SERVICE_DEFAULTS.deregistrationDelaySeconds;
  const problems = [
    ...rangeProblems("stopTimeoutSeconds", args.stopTimeoutSeconds, 1, INTERRUPTION_NOTICE_SECONDS - 1),
    ...rangeProblems("deregistrationDelaySeconds", args.deregistrationDelaySeconds, 0, 3600),
  ];
  if (problems.length > 0) return problems;
  const budget = { stopTimeoutSeconds, deregistrationDelaySeconds };
  return [...overBudget(budget), ...overCluster(stopTimeoutSeconds, cluster)];
}

function overBudget(budget: { stopTimeoutSeconds: number; deregistrationDelaySeconds: number }): Problem[] {
  const over = secondsOver(budget);
  if (over <= 0) return [];
  const longestDelay = longestDeregistrationDelay(budget.stopTimeoutSeconds);
  const lowerDelay = longestDelay >= 0 ? `lower deregistrationDelaySeconds by ${over} (to ${longestDelay}) or ` : "";
  return [
    {
      property: "deregistrationDelaySeconds + stopTimeoutSeconds",
      given: `${budget.deregistrationDelaySeconds} + ${budget.stopTimeoutSeconds}`,
      allowed: `at most ${longestDeregistrationDelay(0)} together: a graceful stop would need ${secondsNeeded(budget)} of a Spot notice's ${INTERRUPTION_NOTICE_SECONDS} s`,
      change: `${lowerDelay}lower stopTimeoutSeconds by ${over}${longestDelay >= 0 ? "" : " and the delay"}`,
    },
  ];
}

function overCluster(stopTimeoutSeconds: number, cluster: ClusterFacts): Problem[] {
  const over = stopTimeoutSeconds - cluster.stopTimeoutSeconds;
  if (over <= 0) return [];
  return [
    {
      property: "stopTimeoutSeconds",
      given: stopTimeoutSeconds,
      allowed: `at most the cluster's ${cluster.stopTimeoutSeconds}, because its drain function leaves a stopped task no longer`,
      change: `lower it by ${over}, or raise the cluster's stopTimeoutSeconds by ${over}`,
    },
  ];
}

function containerProblems(args: Args): Problem[] {
  return [
    ...rangeProblems("containerPort", args.containerPort, 1, 65535),
    ...rangeProblems("cpu", args.cpu, 1, 196608),
    ...rangeProblems("memoryReservationMiB", args.memoryReservationMiB, FEWEST_MEMORY_MIB, MOST_MEMORY_MIB),
    ...rangeProblems("memoryMiB", args.memoryMiB, args.memoryReservationMiB, MOST_MEMORY_MIB),
    ...rangeProblems("desiredCount", args.desiredCount, 0, 5000),
    ...logRetentionProblems("logRetentionDays", args.logRetentionDays),
  ];
}

/** A task that doesn't fit the smallest type never makes managed scaling launch anything.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-scaling-behavior.html */
function sizeProblems({ cpu, memoryReservationMiB }: Args, { smallestInstance }: ClusterFacts): Problem[] {
  if (!smallestInstance) return [];
  const why =
    "of the cluster's smallest instance, because managed scaling launches nothing for a task that doesn't fit it";
  const most = (property: string, given: number, limit: number, unit: string): Problem[] => {
    if (!(given > limit)) return [];
    return [
      {
        property,
        given,
        allowed: `at most the ${limit} ${unit} ${why}`,
        change: `lower ${property} by ${given - limit} or give larger instances`,
      },
    ];
  };
  return [
    ...most("cpu", cpu, smallestInstance.vcpu * CPU_UNITS_PER_VCPU, "CPU units"),
    ...most(
      "memoryReservationMiB",
      memoryReservationMiB,
      Math.floor(smallestInstance.memoryMiB * REGISTERED_MEMORY_SHARE),
      "MiB for tasks",
    ),
  ];
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

function deploymentProblems(args: Args): Problem[] {
  const minimum = args.minimumHealthyPercent ?? BALANCED_SERVICE_DEFAULTS.minimumHealthyPercent;
  const maximum = args.maximumPercent ?? BALANCED_SERVICE_DEFAULTS.maximumPercent;
  const problems = [
    ...rangeProblems("minimumHealthyPercent", args.minimumHealthyPercent, 0, 100),
    ...rangeProblems("maximumPercent", args.maximumPercent, 100, 200),
  ];
  if (problems.length > 0 || minimum < 100 || maximum > 100) return problems;
  const allowed = "a minimum below 100 or a maximum above, because with neither ECS can replace no task";
  return [
    {
      property: "minimumHealthyPercent",
      given: minimum,
      allowed,
      change: "lower minimumHealthyPercent to 50, or raise maximumPercent to 200",
    },
  ];
}

function cidrProblems(cidrs: readonly string[]): Problem[] {
  return cidrs.flatMap((cidr, index) => {
    if (/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(cidr)) return [];
    const allowed = "an IPv4 range, e.g. 10.0.0.0/8";
    return [{ property: `clientCidrs[${index}]`, given: cidr, allowed, change: "give address and prefix length" }];
  });
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html */
function placementProblems(args: Args): Problem[] {
  const strategies = args.placementStrategies ?? BALANCED_SERVICE_DEFAULTS.placementStrategies;
  const problems = [
    ...strategies.flatMap(({ type }, index) =>
      choiceProblems(`placementStrategies[${index}].type`, type, PLACEMENT_TYPES),
    ),
    ...choiceProblems("availabilityZoneRebalancing", args.availabilityZoneRebalancing, AVAILABILITY_ZONE_REBALANCING),
  ];
  if (problems.length > 0 || args.availabilityZoneRebalancing !== "ENABLED" || rebalancingFits(args)) return problems;
  const allowed =
    "ENABLED only where zones are spread over first, or no strategy is set, and maximumPercent is over 100";
  return [
    {
      property: "availabilityZoneRebalancing",
      given: "ENABLED",
      allowed,
      change: "remove it, or put the spread over zones first",
    },
  ];
}

/** Whether ECS may move tasks between Availability Zones with this placement. */
export function rebalancingFits({
  placementStrategies,
  maximumPercent,
}: Pick<BalancedServiceArgs, "placementStrategies" | "maximumPercent">): boolean {
  const [first] = placementStrategies ?? BALANCED_SERVICE_DEFAULTS.placementStrategies;
  const zonesFirst =
    first === undefined || (first.type === "spread" && first.field === "attribute:ecs.availability-zone");
  return zonesFirst && (maximumPercent ?? BALANCED_SERVICE_DEFAULTS.maximumPercent) > 100;
}
