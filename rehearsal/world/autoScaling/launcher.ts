/** Asks EC2 for a group's next instance: which zone, which type, Spot or on demand. */
import type { Ec2 } from "../ec2/ec2";
import type { Instance, Lifecycle } from "../ec2/instance";
import type { Pool } from "../ec2/spotMarket";
import type { GroupSpec, PoolRanking } from "./groupSpec";

export class Launcher {
  readonly pools: readonly Pool[];

  constructor(
    private readonly spec: GroupSpec,
    private readonly ec2: Ec2,
    private readonly ranking: PoolRanking,
  ) {
    this.pools = spec.availabilityZones.flatMap((availabilityZone) =>
      spec.instanceTypes.map((instanceType) => ({ instanceType, availabilityZone })),
    );
  }

  /** Whether some pool, other than those to avoid, would give a Spot instance. */
  hasSpot(avoid?: (pool: Pool) => boolean): boolean {
    return this.pools.some((pool) => avoid?.(pool) !== true && this.ec2.canLaunchSpot(pool));
  }

  /** Zone by zone in the given order, then by the allocation strategy; pools to avoid come last. */
  launch(
    lifecycle: Lifecycle,
    zones: readonly string[],
    avoid: (pool: Pool) => boolean = () => false,
  ): Instance | undefined {
    const types = this.typesFor(lifecycle);
    const inOrder = zones.flatMap((availabilityZone) =>
      this.safestFirst(
        types.map((instanceType) => ({ instanceType, availabilityZone })),
        lifecycle,
      ),
    );
    return (
      this.firstOf(
        inOrder.filter((pool) => !avoid(pool)),
        lifecycle,
      ) ?? this.firstOf(inOrder.filter(avoid), lifecycle)
    );
  }

  /** On demand in the order of the overrides; Spot by the ranking, which may change with the prices. */
  private typesFor(lifecycle: Lifecycle): readonly string[] {
    const { instanceTypes, spotAllocationStrategy } = this.spec;
    if (lifecycle === "on-demand") return instanceTypes;
    return instanceTypes
      .map((type) => ({ type, rank: this.ranking.rank(spotAllocationStrategy, type) }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ type }) => type);
  }

  /** "The pools that we believe have the lowest chance of interruption in the near term"; EC2's recommendations tell of that chance.
   * @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotOptions.html */
  private safestFirst(pools: readonly Pool[], lifecycle: Lifecycle): readonly Pool[] {
    if (lifecycle === "on-demand" || !this.spec.spotAllocationStrategy.includes("capacity-optimized")) return pools;
    const isAtRisk = (pool: Pool): boolean => this.ec2.isAtRisk(pool);
    return [...pools.filter((pool) => !isAtRisk(pool)), ...pools.filter(isAtRisk)];
  }

  private firstOf(pools: readonly Pool[], lifecycle: Lifecycle): Instance | undefined {
    const { userData, launchTags: tags, name: autoScalingGroupName, source } = this.spec;
    const from = source?.next();
    for (const pool of pools) {
      const launched = this.ec2.launch({ ...pool, lifecycle, userData, tags, autoScalingGroupName, ...from });
      if (typeof launched !== "string") return launched;
    }
    return undefined;
  }
}
