/** What can be wrong with a service, web or worker, alone and on its cluster. */
import {
  INTERRUPTION_NOTICE_SECONDS,
  longestDeregistrationDelay,
  secondsNeeded,
  secondsOver,
} from "../../functions/timeBudget";
import { capacityProblems, usesSpot, type ServiceCapacity } from "./capacityStrategy";
import { choiceProblems, rangeProblems, type Problem } from "../problems";
import {
  AVAILABILITY_ZONE_REBALANCING,
  CONSTRAINT_TYPES,
  PLACEMENT_TYPES,
  PROPAGATE_TAGS,
  SERVICE_DEFAULTS,
  type PlacementConstraint,
  type PlacementStrategy,
  type ServiceArgs,
} from "./serviceArgs";
import type { TaskArgs } from "../task/taskArgs";
import {
  containersOf,
  cycleOf,
  stopSeconds,
  stopSecondsBesideMain,
  stopSequences,
  type Container,
} from "../task/taskContainers";
import type { TaskSurroundings } from "../task/taskProblems";

/** What a service must know of its cluster to be checked. */
export interface ClusterFacts extends TaskSurroundings {
  readonly stopTimeoutSeconds: number;
  readonly checkIntervalSeconds: number;
  /** Undefined where that isn't known. */
  readonly hasOnDemandCapacity?: boolean;
}

type Args = Omit<ServiceArgs, "cluster">;

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html */
const LONGEST_DEREGISTRATION_DELAY_SECONDS = 3600;
const MOST_STRATEGIES = 5;
const MOST_CONSTRAINTS = 10;

export function serviceProblems(args: Args, cluster: ClusterFacts): Problem[] {
  return [
    ...rangeProblems("desiredCount", args.desiredCount, 0, 5000),
    ...capacityProblems(args.capacity, cluster.hasOnDemandCapacity),
    ...deploymentProblems(args),
    ...placementProblems(args),
    ...constraintsProblems(args.placementConstraints ?? []),
    ...choiceProblems("propagateTags", args.propagateTags, PROPAGATE_TAGS),
  ];
}

/** What is left of the cluster's stop timeout for the main container: sidecars may stop before and after it. */
export function mainStopTimeoutSeconds(name: string, args: TaskArgs, cluster: ClusterFacts): number {
  if (args.stopTimeoutSeconds !== undefined) return args.stopTimeoutSeconds;
  const containers = containersOf(name, args);
  if (cycleOf(containers)) return cluster.stopTimeoutSeconds;
  return Math.max(1, cluster.stopTimeoutSeconds - stopSecondsBesideMain(containers));
}

/** Without a load balancer, the deregistration delay is 0. On-demand capacity has no notice that the times must fit into. */
export function budgetProblems(
  name: string,
  args: TaskArgs,
  cluster: ClusterFacts,
  deregistrationDelaySeconds = 0,
  capacity: ServiceCapacity = SERVICE_DEFAULTS.capacity,
): Problem[] {
  const most = INTERRUPTION_NOTICE_SECONDS - 1;
  const containers = containersOf(name, args);
  const problems = [
    ...containers.flatMap(({ path, stopTimeoutSeconds }) =>
      rangeProblems(`${path}stopTimeoutSeconds`, stopTimeoutSeconds, 1, most),
    ),
    ...rangeProblems("deregistrationDelaySeconds", deregistrationDelaySeconds, 0, LONGEST_DEREGISTRATION_DELAY_SECONDS),
  ];
  if (problems.length > 0 || cycleOf(containers)) return problems;
  const stop = longestStop(
    containersOf(name, { ...args, stopTimeoutSeconds: mainStopTimeoutSeconds(name, args, cluster) }),
  );
  const onSpot = usesSpot(capacity) ? overBudget(stop, deregistrationDelaySeconds) : [];
  return [...onSpot, ...overCluster(stop, cluster)];
}

/** The longest stop of a task, and which containers stop one after the other in it. */
interface Stop {
  readonly seconds: number;
  /** Where there are several. */
  readonly why: string;
}

function longestStop(containers: readonly Container[]): Stop {
  const [longest = []] = stopSequences(containers).sort((a, b) => stopSeconds(b) - stopSeconds(a));
  const names = longest.map((container) => container.name);
  return {
    seconds: stopSeconds(longest),
    why: names.length > 1 ? ` (${names.join(", then ")}: one stops after the other)` : "",
  };
}

function overBudget({ seconds: stopTimeoutSeconds, why }: Stop, deregistrationDelaySeconds: number): Problem[] {
  const budget = { stopTimeoutSeconds, deregistrationDelaySeconds };
  const over = secondsOver(budget);
  if (over <= 0) return [];
  const needed = `a graceful stop would need ${secondsNeeded(budget)} of a Spot notice's ${INTERRUPTION_NOTICE_SECONDS} s${why}`;
  if (deregistrationDelaySeconds === 0) {
    const allowed = `at most ${longestDeregistrationDelay(0)}: ${needed}`;
    return [{ property: "stopTimeoutSeconds", given: stopTimeoutSeconds, allowed, change: `lower it by ${over}` }];
  }
  const longestDelay = longestDeregistrationDelay(stopTimeoutSeconds);
  const lowerDelay = longestDelay >= 0 ? `lower deregistrationDelaySeconds by ${over} (to ${longestDelay}) or ` : "";
  return [
    {
      property: "deregistrationDelaySeconds + stopTimeoutSeconds",
      given: `${deregistrationDelaySeconds} + ${stopTimeoutSeconds}`,
      allowed: `at most ${longestDeregistrationDelay(0)} together: ${needed}`,
      change: `${lowerDelay}lower stopTimeoutSeconds by ${over}${longestDelay >= 0 ? "" : " and the delay"}`,
    },
  ];
}

function overCluster({ seconds, why }: Stop, cluster: ClusterFacts): Problem[] {
  const over = seconds - cluster.stopTimeoutSeconds;
  if (over <= 0) return [];
  return [
    {
      property: "stopTimeoutSeconds",
      given: seconds,
      allowed: `at most the cluster's ${cluster.stopTimeoutSeconds}, because its drain function leaves a stopped task no longer${why}`,
      change: `lower it by ${over}, or raise the cluster's stopTimeoutSeconds by ${over}`,
    },
  ];
}

function deploymentProblems(args: Args): Problem[] {
  const minimum = args.minimumHealthyPercent ?? SERVICE_DEFAULTS.minimumHealthyPercent;
  const maximum = args.maximumPercent ?? SERVICE_DEFAULTS.maximumPercent;
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

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html */
function placementProblems(args: Args): Problem[] {
  const strategies = args.placementStrategies ?? SERVICE_DEFAULTS.placementStrategies;
  const problems = [
    ...strategies.flatMap((strategy, index) => strategyProblems(`placementStrategies[${index}]`, strategy)),
    ...atMost("placementStrategies", strategies.length, MOST_STRATEGIES),
    ...choiceProblems("availabilityZoneRebalancing", args.availabilityZoneRebalancing, AVAILABILITY_ZONE_REBALANCING),
  ];
  if (problems.length > 0 || args.availabilityZoneRebalancing !== "ENABLED" || rebalancingFits(args)) return problems;
  const allowed =
    "ENABLED only where zones are spread over first, or no strategy is set, no constraint is on zones, and maximumPercent is over 100";
  return [
    {
      property: "availabilityZoneRebalancing",
      given: "ENABLED",
      allowed,
      change: "remove it, or put the spread over zones first",
    },
  ];
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html */
function strategyProblems(property: string, { type, field }: PlacementStrategy): Problem[] {
  const problems = choiceProblems(`${property}.type`, type, PLACEMENT_TYPES);
  if (problems.length > 0) return problems;
  if (type === "binpack") return choiceProblems(`${property}.field`, field ?? "", ["cpu", "memory"]);
  const fits = type === "random" ? field === undefined : /^(instanceId|host|attribute:\S+)$/.test(field ?? "");
  if (fits) return [];
  const allowed = type === "random" ? "none" : "instanceId, host or attribute:…, e.g. attribute:ecs.availability-zone";
  const change = type === "random" ? "remove it" : "give one of these";
  return [{ property: `${property}.field`, given: field, allowed, change }];
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-constraints.html */
function constraintsProblems(constraints: readonly PlacementConstraint[]): Problem[] {
  return [
    ...constraints.flatMap((constraint, index) => constraintProblems(`placementConstraints[${index}]`, constraint)),
    ...atMost("placementConstraints", constraints.length, MOST_CONSTRAINTS),
  ];
}

function constraintProblems(property: string, { type, expression }: PlacementConstraint): Problem[] {
  const problems = choiceProblems(`${property}.type`, type, CONSTRAINT_TYPES);
  if (problems.length > 0) return problems;
  const given = { property: `${property}.expression`, given: expression };
  if (type === "distinctInstance" && expression !== undefined) {
    return [{ ...given, allowed: "none with distinctInstance", change: "remove it, or give memberOf" }];
  }
  if (type === "memberOf" && (expression ?? "").trim() === "") {
    const allowed = "an expression of the cluster query language";
    return [{ ...given, allowed, change: 'give e.g. "attribute:ecs.instance-type =~ m6i.*"' }];
  }
  return [];
}

function atMost(property: string, count: number, most: number): Problem[] {
  if (count <= most) return [];
  return [{ property, given: count, allowed: `at most ${most}`, change: `remove ${count - most}` }];
}

/** Whether ECS may move tasks between Availability Zones with this placement. */
export function rebalancingFits({
  placementStrategies,
  placementConstraints = [],
  maximumPercent,
}: Pick<ServiceArgs, "placementStrategies" | "placementConstraints" | "maximumPercent">): boolean {
  const [first] = placementStrategies ?? SERVICE_DEFAULTS.placementStrategies;
  const zonesFirst =
    first === undefined || (first.type === "spread" && first.field === "attribute:ecs.availability-zone");
  const boundToZones = placementConstraints.some(({ expression }) => expression?.includes("availability-zone"));
  return zonesFirst && !boundToZones && (maximumPercent ?? SERVICE_DEFAULTS.maximumPercent) > 100;
}
