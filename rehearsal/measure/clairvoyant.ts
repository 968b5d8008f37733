/**
 * What the cheapest instances cost that hold so much: the bound that a clairvoyant keeps to, who knows prices, capacity and load
 * in advance and wastes nothing. Why no variant can cost less is in docs/cost-rehearsed.md.
 */

/** An instance type at a moment. */
export interface Offer {
  /** Units that one instance holds: tasks where all are alike, else CPU units or MiB. */
  readonly holds: number;
  /** Undefined: no pool of the type has a Spot instance to give. */
  readonly spotUsdPerHour: number | undefined;
  readonly onDemandUsdPerHour: number;
}

/** What can be had at a moment. */
export interface Choice {
  readonly offers: readonly Offer[];
  /** Spot instances of all pools together; Infinity: as many as asked for. */
  readonly spotAtMost: number;
  /** Whether the units are tasks, which can't be cut into pieces. */
  readonly isWhole: boolean;
}

/** Above it, instances are reckoned as if they could be cut: with so many tasks a part of an instance is a small error. */
const MOST_WHOLE_UNITS = 500;

/**
 * USD an hour of the cheapest instances that hold `units`: exactly, over every combination, where units are whole and few; else
 * at most that. 0 for nothing; Infinity where no instance type holds any.
 */
export function cheapestUsdPerHour(units: number, { offers, spotAtMost, isWhole }: Choice): number {
  if (units <= 0) return 0;
  const sizes = bySize(offers);
  if (!isWhole || units > MOST_WHOLE_UNITS) return asIfCut(units, sizes, spotAtMost);
  return sizes.length === 1 ? alike(units, sizes[0]!, spotAtMost) : combined(units, sizes, spotAtMost);
}

/** The cheapest of the types that hold the same. */
interface Size {
  readonly holds: number;
  /** Infinity where none has Spot. */
  readonly spot: number;
  readonly onDemand: number;
}

function bySize(offers: readonly Offer[]): Size[] {
  const sizes = new Map<number, Size>();
  for (const { holds, spotUsdPerHour = Infinity, onDemandUsdPerHour } of offers) {
    if (holds <= 0) continue;
    const { spot, onDemand } = sizes.get(holds) ?? { spot: Infinity, onDemand: Infinity };
    sizes.set(holds, {
      holds,
      spot: Math.min(spot, spotUsdPerHour),
      onDemand: Math.min(onDemand, onDemandUsdPerHour),
    });
  }
  return [...sizes.values()];
}

function alike(units: number, { holds, spot, onDemand }: Size, spotAtMost: number): number {
  const instances = Math.ceil(units / holds);
  const onSpot = spot < onDemand ? Math.min(spotAtMost, instances) : 0;
  return (onSpot === 0 ? 0 : onSpot * spot) + (instances - onSpot) * onDemand;
}

/** Line by line for one Spot instance more: what holding 0, 1, 2, … units costs with at most so many of them. */
function combined(units: number, sizes: readonly Size[], spotAtMost: number): number {
  const lines = Math.min(spotAtMost, units);
  let line = lineOf(units, sizes, ({ onDemand }) => onDemand);
  // Each holds one unit at least, so that more Spot instances than units are as many as asked for.
  if (lines === units) return lineOf(units, sizes, ({ spot, onDemand }) => Math.min(spot, onDemand))[units]!;
  for (let spots = 1; spots <= lines; spots++) {
    const before = line;
    line = before.map((without, held) => {
      const withOneMore = sizes.map(({ holds, spot }) => spot + before[Math.max(0, held - holds)]!);
      return Math.min(without, ...withOneMore);
    });
  }
  return line[units]!;
}

function lineOf(units: number, sizes: readonly Size[], price: (size: Size) => number): number[] {
  const costs = [0];
  for (let held = 1; held <= units; held++) {
    costs.push(Math.min(...sizes.map((size) => price(size) + costs[Math.max(0, held - size.holds)]!)));
  }
  return costs;
}

/** Each unit at the least that one costs in any type; of Spot, no more than the largest instances hold. */
function asIfCut(units: number, sizes: readonly Size[], spotAtMost: number): number {
  const least = (price: (size: Size) => number): number => Math.min(...sizes.map((size) => price(size) / size.holds));
  const spot = least((size) => size.spot);
  const onDemand = least((size) => size.onDemand);
  const largest = Math.max(0, ...sizes.filter((size) => size.spot < Infinity).map(({ holds }) => holds));
  const onSpot = spot < onDemand && largest > 0 ? Math.min(units, spotAtMost * largest) : 0;
  return (onSpot === 0 ? 0 : onSpot * spot) + (units - onSpot === 0 ? 0 : (units - onSpot) * onDemand);
}
