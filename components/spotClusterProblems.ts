/** What can be wrong with a SpotCluster's args. */
import { instancePricesProblems } from "./watch/dashboardProblems";
import { SCHEDULE_MINUTES } from "../functions/rebalance/event";
import { INTERRUPTION_NOTICE_SECONDS, longestDeregistrationDelay, secondsNeeded } from "../functions/timeBudget";
import { instanceRequirementsProblems } from "./cluster/instanceRequirements";
import { instanceTypesProblems } from "./cluster/instanceTypes";
import { SMALLEST_ROOT_VOLUME_GIB } from "./cluster/launchTemplate";
import { logRetentionProblems } from "./logRetention";
import { NAT_GATEWAY_STRATEGIES } from "./cluster/network";
import { onDemandFallbackProblems } from "./cluster/onDemandFallback";
import { choiceProblems, rangeProblems, type Problem } from "./problems";
import { recommendationProblems } from "./cluster/recommendations";
import { refreshProblems } from "./cluster/refreshProblems";
import { REPLACEMENTS } from "./cluster/replacement";
import {
  CONTAINER_INSIGHTS,
  SPOT_CLUSTER_DEFAULTS,
  type OnDemandCapacity,
  type SpotClusterArgs,
} from "./spotClusterArgs";
import { IMAGE_PULL_BEHAVIORS } from "./cluster/userData";

/** Below this, one pool's shortage takes most of a cluster: an instance type in one Availability Zone is a pool. */
export const FEWEST_POOLS = 4;
const FEWEST_ZONES = 2;
const MOST_INSTANCES = 5000;
const LARGEST_ROOT_VOLUME_GIB = 16384;

/** The longest stop timeout that fits the notice for a service without a load balancer. */
export const LONGEST_STOP_TIMEOUT_SECONDS = longestDeregistrationDelay(0);

/** Everything that is wrong; empty where nothing is. Outputs aren't known yet, and aren't checked. */
export function spotClusterProblems(args: SpotClusterArgs): Problem[] {
  return [
    ...instancePricesProblems("instancePrices", args.instancePrices),
    ...networkProblems(args),
    ...instanceProblems(args),
    ...sizeProblems(args),
    ...onDemandFallbackProblems("onDemandFallback", args.onDemandFallback, MOST_INSTANCES),
    ...settingProblems(args),
    ...refreshProblems(args),
    ...rebalanceProblems(args),
  ];
}

/** A day between two rounds at most: an instance that joins brings one in any case. */
function rebalanceProblems(args: SpotClusterArgs): Problem[] {
  return [
    ...rangeProblems("rebalanceMostApartPercent", args.rebalanceMostApartPercent, 1, 100),
    ...rangeProblems("rebalanceIntervalMinutes", args.rebalanceIntervalMinutes, SCHEDULE_MINUTES, 1440),
    ...rangeProblems("rebalanceMostMoves", args.rebalanceMostMoves, 1, 100),
  ];
}

function networkProblems({ vpcId, subnetIds, availabilityZoneCount, natGatewayStrategy }: SpotClusterArgs): Problem[] {
  const pair = "vpcId and subnetIds together, or neither to have a VPC made";
  if (vpcId === undefined && subnetIds !== undefined) {
    return [{ property: "vpcId", given: undefined, allowed: pair, change: "give the id of the subnets' VPC" }];
  }
  if (vpcId !== undefined && subnetIds === undefined) {
    return [
      {
        property: "subnetIds",
        given: undefined,
        allowed: pair,
        change: "give subnets in at least two Availability Zones",
      },
    ];
  }
  return [
    ...subnetProblems(subnetIds),
    ...rangeProblems("availabilityZoneCount", availabilityZoneCount, FEWEST_ZONES, 6),
    ...choiceProblems("natGatewayStrategy", natGatewayStrategy, NAT_GATEWAY_STRATEGIES),
  ];
}

function subnetProblems(subnetIds: SpotClusterArgs["subnetIds"]): Problem[] {
  if (!Array.isArray(subnetIds) || new Set(subnetIds).size >= FEWEST_ZONES) return [];
  const allowed =
    "at least two subnets, in different Availability Zones, because Spot capacity of a zone can go all at once";
  return [{ property: "subnetIds", given: subnetIds, allowed, change: "add a subnet in another Availability Zone" }];
}

function instanceProblems(args: SpotClusterArgs): Problem[] {
  const { instanceTypes, instanceRequirements } = args;
  if (instanceTypes && instanceRequirements) {
    const allowed = "instanceTypes or instanceRequirements";
    return [
      { property: "instanceRequirements", given: instanceRequirements, allowed, change: "remove one of the two" },
    ];
  }
  if (instanceRequirements) return instanceRequirementsProblems("instanceRequirements", instanceRequirements);
  if (!instanceTypes || instanceTypes.length === 0) {
    const allowed = "at least two instance types, or instanceRequirements";
    return [
      {
        property: "instanceTypes",
        given: instanceTypes,
        allowed,
        change: 'give e.g. ["m5.large", "m5a.large", "m6i.large"]',
      },
    ];
  }
  return [
    ...instanceTypesProblems("instanceTypes", instanceTypes),
    ...poolProblems(args),
    ...architectureProblems(args),
  ];
}

function poolProblems({ instanceTypes = [], subnetIds, availabilityZoneCount }: SpotClusterArgs): Problem[] {
  const made = availabilityZoneCount ?? SPOT_CLUSTER_DEFAULTS.availabilityZoneCount;
  const zones = Math.max(FEWEST_ZONES, Array.isArray(subnetIds) ? new Set(subnetIds).size : made);
  const fewestTypes = Math.max(2, Math.ceil(FEWEST_POOLS / zones));
  const types = new Set(instanceTypes).size;
  if (types >= fewestTypes) return [];
  const allowed = `at least ${fewestTypes} types, so that the shortage of one Spot pool leaves others to launch from`;
  return [
    {
      property: "instanceTypes",
      given: instanceTypes,
      allowed,
      change: `add ${fewestTypes - types} of about the same size`,
    },
  ];
}

function architectureProblems({ instanceTypes, architecture }: SpotClusterArgs): Problem[] {
  if (architecture === undefined) return [];
  return [
    {
      property: "architecture",
      given: architecture,
      allowed: "only with instanceRequirements; instance types have their own",
      change: `remove it, or the instanceTypes (${(instanceTypes ?? []).join(", ")})`,
    },
  ];
}

function sizeProblems(args: SpotClusterArgs): Problem[] {
  const { maxSize, onDemandBaseCapacity, onDemandPercentageAboveBaseCapacity, onDemandCapacity } = args;
  const problems = [
    ...rangeProblems("onDemandBaseCapacity", onDemandBaseCapacity, 0, MOST_INSTANCES),
    ...rangeProblems("onDemandPercentageAboveBaseCapacity", onDemandPercentageAboveBaseCapacity, 0, 100),
  ];
  return [
    ...groupSizeProblems("", args),
    ...problems,
    ...(problems.length > 0 ? [] : atMost("onDemandBaseCapacity", onDemandBaseCapacity ?? 0, "maxSize", maxSize)),
    ...(onDemandCapacity ? groupSizeProblems("onDemandCapacity.", onDemandCapacity) : []),
  ];
}

function groupSizeProblems(path: string, { minSize, maxSize }: OnDemandCapacity): Problem[] {
  const problems = [
    ...rangeProblems(`${path}minSize`, minSize, 0, MOST_INSTANCES),
    ...rangeProblems(`${path}maxSize`, maxSize, 1, MOST_INSTANCES),
  ];
  return problems.length > 0 ? problems : atMost(`${path}minSize`, minSize, `${path}maxSize`, maxSize);
}

function atMost(property: string, given: number, limit: string, most: number): Problem[] {
  if (given <= most) return [];
  return [
    {
      property,
      given,
      allowed: `at most ${limit}, which is ${most}`,
      change: `lower ${property} by ${given - most} or raise ${limit} to ${given}`,
    },
  ];
}

function settingProblems(args: SpotClusterArgs): Problem[] {
  return [
    ...choiceProblems("replacement", args.replacement, REPLACEMENTS),
    ...recommendationProblems(args),
    ...rangeProblems("targetCapacityPercent", args.targetCapacityPercent, 1, 100),
    ...rangeProblems("instanceWarmupPeriodSeconds", args.instanceWarmupPeriodSeconds, 0, 10000),
    ...clusterStopTimeoutProblems(args.stopTimeoutSeconds),
    ...rangeProblems("checkIntervalSeconds", args.checkIntervalSeconds, 1, 30),
    ...choiceProblems("imagePullBehavior", args.imagePullBehavior, IMAGE_PULL_BEHAVIORS),
    ...rangeProblems("rootVolumeSizeGiB", args.rootVolumeSizeGiB, SMALLEST_ROOT_VOLUME_GIB, LARGEST_ROOT_VOLUME_GIB),
    ...choiceProblems("containerInsights", args.containerInsights, CONTAINER_INSIGHTS),
    ...logRetentionProblems("logRetentionDays", args.logRetentionDays),
  ];
}

function clusterStopTimeoutProblems(stopTimeoutSeconds: number | undefined): Problem[] {
  if (stopTimeoutSeconds === undefined || !Number.isInteger(stopTimeoutSeconds) || stopTimeoutSeconds < 1) {
    return rangeProblems("stopTimeoutSeconds", stopTimeoutSeconds, 1, LONGEST_STOP_TIMEOUT_SECONDS);
  }
  const over = stopTimeoutSeconds - LONGEST_STOP_TIMEOUT_SECONDS;
  if (over <= 0) return [];
  const needed = secondsNeeded({ deregistrationDelaySeconds: 0, stopTimeoutSeconds });
  return [
    {
      property: "stopTimeoutSeconds",
      given: stopTimeoutSeconds,
      allowed: `from 1 to ${LONGEST_STOP_TIMEOUT_SECONDS}: with it a stop needs ${needed} of a Spot notice's ${INTERRUPTION_NOTICE_SECONDS} s`,
      change: `lower stopTimeoutSeconds by ${over}`,
    },
  ];
}
