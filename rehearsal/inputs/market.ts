/**
 * What happens on the Spot market, before anyone's handling of it.
 *
 * A market comes from a recorded trace (`spotTrace.ts`) or from the seeded generator
 * (`generator.ts`). The world draws what differs per instance: a missing notice, a rebalance
 * recommendation before the notice, and its lead.
 */

/** The pools (instance type × Availability Zone) an event is about; an omitted member means every pool of that kind. */
export interface PoolSelector {
  readonly availabilityZone?: string;
  readonly instanceType?: string;
}

/** One thing that happens to pools. `atMs` is whole milliseconds since the start of the rehearsal. */
export type MarketEvent =
  /** How many Spot instances the selected pools can hold TOGETHER from now on; null: as many as asked for; 0: every launch is refused. */
  | { readonly atMs: number; readonly kind: "capacity"; readonly pool: PoolSelector; readonly capacity: number | null }
  /**
   * Spot instances of the pools end at `atMs` (the notice comes {@link NOTICE_MS} before):
   * a `share` in (0, 1] of those running, each at `atMs` plus its own delay in [0, spreadMs].
   */
  | {
      readonly atMs: number;
      readonly kind: "reclaim";
      readonly pool: PoolSelector;
      readonly share: number;
      readonly spreadMs: number;
    }
  /** A rebalance recommendation for a `share` in (0, 1] of the pools' instances that comes to nothing by itself (a false alarm). */
  | { readonly atMs: number; readonly kind: "recommend"; readonly pool: PoolSelector; readonly share: number };

/** Everything that happens on the market during a rehearsal. */
export interface Market {
  /** Where it comes from, in one line for the scoreboard. */
  readonly source: string;
  /** How long the market is known; null: without end. */
  readonly durationMs: number | null;
  /** In time order. */
  readonly events: readonly MarketEvent[];
}

/** The pools of the group under rehearsal, and its size in instances. */
export interface Geometry {
  readonly availabilityZones: readonly string[];
  readonly instanceTypes: readonly string[];
  readonly groupSize: number;
}

/** From the interruption notice to the end of the instance. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
export const NOTICE_MS = 120_000;
