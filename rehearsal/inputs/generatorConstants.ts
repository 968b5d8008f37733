import type { InterruptionBucket } from "./prices";

/** The figures of the generated market, each with its source. */

export const HOUR_MS = 3_600_000;

/** Hours in a month, a twelfth of a year. */
const HOURS_PER_MONTH = 730;

/**
 * The Spot Instance Advisor's buckets (<5, 5–10, 10–15, 15–20, >20 % interrupted per month) at their midpoints; the last, which has no upper end, at 25 %.
 * Only an order of magnitude: the Advisor's denominator is unpublished. https://aws.amazon.com/ec2/spot/instance-advisor/
 */
const BUCKET_MONTHLY_PROBABILITY: Readonly<Record<InterruptionBucket, number>> = {
  0: 0.025,
  1: 0.075,
  2: 0.125,
  3: 0.175,
  4: 0.25,
};

/** Interruptions of an instance per hour, constant over time. */
export function bucketHazardPerHour(bucket: InterruptionBucket): number {
  return -Math.log(1 - BUCKET_MONTHLY_PROBABILITY[bucket]) / HOURS_PER_MONTH;
}

/**
 * The share of a pool's instances that a shock takes, and within what time: co-interruptions of one type and zone fell within
 * 3 minutes in over 92 % of cases (2,635 interruptions of 68 types in 15 Regions). https://arxiv.org/abs/2604.16457
 * Read as the share taken, which is assumed: the measurement is conditional on a co-interruption.
 */
export const SHOCK_SHARE = 0.92;
export const SHOCK_SPREAD_MS = 180_000;

/**
 * How long a pool stays without capacity: mean down-run of r5.16xlarge in three zones of us-east-1, May 2023, 0.33–0.43 h.
 * https://github.com/skypilot-org/spot-traces; its exponential form is assumed.
 */
export const MEAN_DOWN_RUN_MS = 0.35 * HOUR_MS;

/**
 * Of 30 recommendations 21 were followed by nothing, and of 15 interruptions 9 had one (one fleet, 17 hours).
 * https://github.com/aws/aws-node-termination-handler/issues/141
 */
const FALSE_ALARM_SHARE = 0.7;
const INTERRUPTIONS_WITH_RECOMMENDATION = 0.6;

/** False alarms of an instance per interruption of it: 1.4. That they strike a pool together as shocks do is assumed. */
export const FALSE_ALARMS_PER_INTERRUPTION =
  (INTERRUPTIONS_WITH_RECOMMENDATION * FALSE_ALARM_SHARE) / (1 - FALSE_ALARM_SHARE);

/**
 * Shocks of all pools of a zone, and of all pools of a type: once in 500 and 333 months. Assumed, and small (a fifth of the
 * lowest bucket together), so that no pool of a group can be taken to be independent of the others.
 */
export const ZONE_SHOCKS_PER_HOUR = 0.002 / HOURS_PER_MONTH;
export const TYPE_SHOCKS_PER_HOUR = 0.003 / HOURS_PER_MONTH;
