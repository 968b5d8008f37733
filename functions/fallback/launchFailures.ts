/** Why a launch failed, from what the group says of it. */

/** What was lacking: capacity that EC2 has, or a quota of the account's, for the one kind of instance or for the other. */
export type LaunchFailureCause = "spotCapacity" | "spotQuota" | "onDemandCapacity" | "onDemandQuota";

interface Sign {
  readonly cause: LaunchFailureCause;
  /** EC2's error code in the status message, or the words that come without one. */
  readonly words: string;
}

/**
 * Status messages read `Could not launch Spot Instances. <code> - <words>. Launching EC2 instance failed.`, or with `On-Demand`. The codes:
 * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 * Whole messages as users report them: UnfulfillableCapacity in buildkite/elastic-ci-stack-for-aws#851, InsufficientInstanceCapacity in
 * cortexlabs/cortex#1258, a quota without a code in aws/aws-parallelcluster#1115. A Spot price above the group's most is lack of
 * capacity at that price.
 */
const OF_SPOT: readonly Sign[] = [
  { cause: "spotQuota", words: "MaxSpotInstanceCountExceeded" },
  { cause: "spotQuota", words: "Max spot instance count exceeded" },
  { cause: "spotQuota", words: "VcpuLimitExceeded" },
  { cause: "spotCapacity", words: "UnfulfillableCapacity" },
  { cause: "spotCapacity", words: "InsufficientInstanceCapacity" },
  { cause: "spotCapacity", words: "InsufficientCapacity" },
  { cause: "spotCapacity", words: "SpotMaxPriceTooLow" },
  { cause: "spotCapacity", words: "no Spot capacity available" },
];

const OF_ON_DEMAND: readonly Sign[] = [
  { cause: "onDemandQuota", words: "VcpuLimitExceeded" },
  { cause: "onDemandQuota", words: "InstanceLimitExceeded" },
  { cause: "onDemandQuota", words: "more vCPU capacity than your current vCPU limit" },
  { cause: "onDemandCapacity", words: "InsufficientInstanceCapacity" },
  { cause: "onDemandCapacity", words: "UnfulfillableCapacity" },
];

/** Undefined where something else went wrong, which no other kind of instance would mend: a template, a right, a subnet. */
export function causeOf(message: string): LaunchFailureCause | undefined {
  const signs = isOfSpot(message) ? OF_SPOT : OF_ON_DEMAND;
  return signs.find(({ words }) => message.includes(words))?.cause;
}

/** Without the sentence that says so, the words tell. */
const isOfSpot = (message: string): boolean => !message.includes("On-Demand Instances") && /spot/i.test(message);
