/**
 * Prices and interruption buckets of common instance types, Linux.
 *
 * - On-demand, us-east-1: aws/karpenter-provider-aws (Apache-2.0), July 2026.
 * - On-demand, eu-west-1: published by third parties, not confirmed; null where none was found.
 * - Saving and bucket: AWS Spot Instance Advisor as mirrored by alexei-led/spotinfo (Apache-2.0), June 2025.
 *   https://aws.amazon.com/ec2/spot/instance-advisor/
 */

/** How often a type is interrupted per month: 0: <5 %, 1: 5–10 %, 2: 10–15 %, 3: 15–20 %, 4: >20 %. */
export type InterruptionBucket = 0 | 1 | 2 | 3 | 4;

/** What is known of a type in a Region. */
export interface TypeFacts {
  /** null: not known. */
  readonly onDemandUsdPerHour: number | null;
  /** How much less than on-demand Spot costs on average, in percent. */
  readonly savingsPercent: number;
  readonly bucket: InterruptionBucket;
}

/** Type; on-demand USD/h, Spot saving in percent and bucket in us-east-1; the same in eu-west-1. */
type Row = readonly [string, number, number, InterruptionBucket, number | null, number, InterruptionBucket];

// prettier-ignore
const ROWS: readonly Row[] = [
  ["m5.large", 0.096, 66, 3, 0.107, 57, 1],
  ["m5.xlarge", 0.192, 66, 4, 0.214, 56, 2],
  ["m5.2xlarge", 0.384, 54, 2, null, 55, 1],
  ["m5.4xlarge", 0.768, 58, 3, null, 55, 2],
  ["m5a.large", 0.086, 60, 3, 0.096, 50, 0],
  ["m5a.xlarge", 0.172, 54, 3, 0.192, 53, 3],
  ["m5a.2xlarge", 0.344, 54, 4, null, 54, 4],
  ["m5a.4xlarge", 0.688, 58, 4, null, 54, 4],
  ["m6i.large", 0.096, 63, 2, 0.107, 54, 0],
  ["m6i.xlarge", 0.192, 55, 1, 0.214, 56, 1],
  ["m6i.2xlarge", 0.384, 58, 4, null, 53, 1],
  ["m6i.4xlarge", 0.768, 66, 4, null, 56, 4],
  ["m6a.large", 0.0864, 59, 1, null, 53, 0],
  ["m6a.xlarge", 0.1728, 57, 4, null, 54, 1],
  ["m6a.2xlarge", 0.3456, 54, 4, null, 53, 3],
  ["m6a.4xlarge", 0.6912, 54, 3, null, 53, 4],
  ["m6g.large", 0.077, 60, 2, 0.086, 53, 1],
  ["m6g.xlarge", 0.154, 68, 1, 0.172, 57, 1],
  ["m6g.2xlarge", 0.308, 64, 1, null, 55, 0],
  ["m6g.4xlarge", 0.616, 66, 2, null, 56, 0],
  ["m7g.large", 0.0816, 64, 2, null, 53, 1],
  ["m7g.xlarge", 0.1632, 62, 1, null, 53, 1],
  ["m7g.2xlarge", 0.3264, 64, 1, null, 55, 1],
  ["m7g.4xlarge", 0.6528, 62, 1, null, 54, 0],
  ["m7i.large", 0.1008, 68, 3, null, 54, 2],
  ["m7i.xlarge", 0.2016, 53, 3, null, 53, 1],
  ["m7i.2xlarge", 0.4032, 62, 4, null, 55, 3],
  ["m7i.4xlarge", 0.8064, 52, 1, null, 46, 1],
  ["c5.large", 0.085, 59, 0, 0.096, 54, 0],
  ["c5.xlarge", 0.17, 56, 0, 0.192, 51, 0],
  ["c5.2xlarge", 0.34, 56, 1, null, 51, 0],
  ["c5.4xlarge", 0.68, 66, 4, null, 56, 1],
  ["c6i.large", 0.085, 63, 1, null, 54, 0],
  ["c6i.xlarge", 0.17, 60, 3, null, 56, 2],
  ["c6i.2xlarge", 0.34, 51, 1, null, 55, 4],
  ["c6i.4xlarge", 0.68, 57, 3, null, 54, 4],
  ["c6g.large", 0.068, 59, 1, null, 53, 0],
  ["c6g.xlarge", 0.136, 61, 1, null, 53, 1],
  ["c6g.2xlarge", 0.272, 66, 0, null, 53, 1],
  ["c6g.4xlarge", 0.544, 71, 0, null, 57, 0],
  ["c7g.large", 0.0725, 49, 0, null, 52, 0],
  ["c7g.xlarge", 0.145, 62, 0, null, 52, 0],
  ["c7g.2xlarge", 0.29, 69, 0, null, 54, 1],
  ["c7g.4xlarge", 0.58, 71, 0, null, 56, 0],
  ["c7i.large", 0.08925, 66, 4, null, 54, 4],
  ["c7i.xlarge", 0.1785, 61, 4, null, 55, 4],
  ["c7i.2xlarge", 0.357, 59, 4, null, 56, 4],
  ["c7i.4xlarge", 0.714, 61, 3, null, 55, 3],
  ["r5.large", 0.126, 60, 0, 0.141, 55, 1],
  ["r5.xlarge", 0.252, 69, 3, 0.282, 55, 1],
  ["r5.2xlarge", 0.504, 61, 4, null, 55, 3],
  ["r5.4xlarge", 1.008, 65, 4, null, 55, 2],
  ["r6i.large", 0.126, 68, 4, null, 55, 3],
  ["r6i.xlarge", 0.252, 58, 4, null, 55, 4],
  ["r6i.2xlarge", 0.504, 55, 4, null, 55, 3],
  ["r6i.4xlarge", 1.008, 58, 4, null, 57, 4],
  ["r7g.large", 0.1071, 68, 2, null, 55, 4],
  ["r7g.xlarge", 0.2142, 71, 4, null, 54, 3],
  ["r7g.2xlarge", 0.4284, 67, 4, null, 56, 1],
  ["r7g.4xlarge", 0.8568, 67, 4, null, 55, 2],
  ["t3.small", 0.0208, 65, 0, null, 55, 0],
  ["t3.medium", 0.0416, 56, 0, null, 56, 0],
  ["t3.large", 0.0832, 62, 1, null, 56, 0],
  ["t3.xlarge", 0.1664, 60, 2, null, 55, 0],
  ["t3.2xlarge", 0.3328, 65, 2, null, 56, 0],
  ["t4g.small", 0.0168, 51, 1, null, 57, 3],
  ["t4g.medium", 0.0336, 64, 4, null, 55, 4],
  ["t4g.large", 0.0672, 72, 4, null, 56, 4],
  ["t4g.xlarge", 0.1344, 63, 4, null, 55, 3],
  ["t4g.2xlarge", 0.2688, 66, 4, null, 55, 4],
  ["g4dn.xlarge", 0.526, 64, 3, null, 54, 1],
  ["p3.2xlarge", 3.06, 80, 4, null, 56, 4],
];

/** The shipped facts by Region and type. */
export const SHIPPED_FACTS: Readonly<Record<string, ReadonlyMap<string, TypeFacts>>> = {
  "us-east-1": new Map(
    ROWS.map(([type, onDemandUsdPerHour, savingsPercent, bucket]) => [
      type,
      { onDemandUsdPerHour, savingsPercent, bucket },
    ]),
  ),
  "eu-west-1": new Map(
    ROWS.map(([type, , , , onDemandUsdPerHour, savingsPercent, bucket]) => [
      type,
      { onDemandUsdPerHour, savingsPercent, bucket },
    ]),
  ),
};

/** The Region whose on-demand prices are known for every shipped type. */
export const REFERENCE_REGION = "us-east-1";

/**
 * On-demand price of another Region over us-east-1's, for a type whose price there isn't known:
 * the median of the twelve types whose eu-west-1 price is (1.115–1.129).
 */
export const REGION_PRICE_RATIO = 1.117;
