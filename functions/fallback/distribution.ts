/** How a mixed instances policy divides a group: a base of On-Demand Instances, and a share of those above it, rounded up.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html */

export interface Distribution {
  readonly base: number;
  readonly percentageAboveBase: number;
}

/** Of `total` instances, so many are on demand. */
export function onDemandShare({ base, percentageAboveBase }: Distribution, total: number): number {
  const above = Math.max(0, total - base);
  return Math.min(total, base + Math.ceil((above * percentageAboveBase) / 100));
}

/** The smallest base, the declared one or above, with which `more` instances than by the declared one are on demand. */
export function raisedBase(declared: Distribution, more: number, total: number): number {
  const wanted = Math.min(total, onDemandShare(declared, total) + more);
  let { base } = declared;
  while (onDemandShare({ ...declared, base }, total) < wanted) base++;
  return base;
}
