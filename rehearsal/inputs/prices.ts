import { InputError } from "./inputError";
import { type Neighbour, nearestType } from "./instanceTypeNeighbour";
import { lastAtOrBefore } from "./lastAtOrBefore";
import { readPriceFile, type SpotPriceStep } from "./priceFiles";
import { type InterruptionBucket, REFERENCE_REGION, REGION_PRICE_RATIO, SHIPPED_FACTS } from "./prices.data";

export type { InterruptionBucket } from "./prices.data";

/**
 * What instances cost in a Region, and how often they are interrupted. A type without a fact of its own gets that of its
 * nearest neighbour, scaled by size, and `estimated` says so; every lookup of a type without a neighbour throws InputError.
 */
export interface PriceTable {
  /** Where the facts come from, in one line for the scoreboard. */
  readonly source: string;
  onDemandUsdPerHour(type: string): number;
  /** Price at a moment of the rehearsal; without a price history, on-demand less the average saving at all times. */
  spotUsdPerHour(type: string, atMs: number): number;
  /** The lowest that it is at any moment from one to the other, both included. */
  lowestSpotUsdPerHour(type: string, fromMs: number, toMs: number): number;
  interruptionBucket(type: string): InterruptionBucket;
  /** What about this type's facts is an estimate, for a reader; null: nothing. */
  estimated(type: string): string | null;
}

interface OnDemandPrice {
  readonly usdPerHour: number;
  readonly estimate: string | null;
}

interface PriceBook {
  readonly region: string;
  readonly onDemand: Map<string, OnDemandPrice>;
  readonly advisor: Map<string, { readonly savingsPercent: number; readonly bucket: InterruptionBucket }>;
  readonly spot: Map<string, readonly SpotPriceStep[]>;
}

/**
 * The prices of a Region: the shipped facts, and what files say instead (a later file over an earlier one).
 * A price history starts with the rehearsal.
 *
 * @throws InputError if a file is wrong, or nothing is known of the Region
 */
export function priceTable(region: string, files: readonly string[] = []): PriceTable {
  const book = shippedBook(region);
  const facts = files.map((path) => readPriceFile(path, region));
  for (const { onDemand, advisor, spot } of facts) {
    onDemand.forEach((usdPerHour, type) => book.onDemand.set(type, { usdPerHour, estimate: null }));
    advisor.forEach((value, type) => book.advisor.set(type, value));
    spot.forEach((steps, type) => book.spot.set(type, steps));
  }
  if (book.advisor.size === 0) throw unknownRegion(region);
  const isShipped = SHIPPED_FACTS[region] !== undefined;
  const shipped = isShipped
    ? `shipped table of ${region}`
    : `shipped prices of ${REFERENCE_REGION} × ${REGION_PRICE_RATIO}`;
  const source = [shipped, ...facts.map(({ name }) => name)].join(", then ");
  return { source, ...lookups(book) };
}

function lookups(book: PriceBook): Omit<PriceTable, "source"> {
  const onDemand = (type: string): number => {
    const { found, sizeRatio } = lookUp(book, book.onDemand, type);
    return found.usdPerHour * sizeRatio;
  };
  const advisor = (type: string) => lookUp(book, book.advisor, type).found;
  const spot = (type: string, atMs: number): number => {
    const history = book.spot.get(type);
    if (history === undefined) return onDemand(type) * (1 - advisor(type).savingsPercent / 100);
    return (lastAtOrBefore(history, atMs) ?? history[0]!).usdPerHour;
  };
  return {
    onDemandUsdPerHour: onDemand,
    spotUsdPerHour: spot,
    lowestSpotUsdPerHour: (type, fromMs, toMs) => {
      const within = (book.spot.get(type) ?? []).filter(({ atMs }) => atMs > fromMs && atMs <= toMs);
      return Math.min(spot(type, fromMs), ...within.map(({ usdPerHour }) => usdPerHour));
    },
    interruptionBucket: (type) => advisor(type).bucket,
    estimated: (type) => describeEstimates(book, type),
  };
}

/** A type's own fact, or its nearest neighbour's. @throws InputError without a neighbour */
function lookUp<Fact>(
  book: PriceBook,
  facts: ReadonlyMap<string, Fact>,
  type: string,
): { readonly found: Fact; readonly sizeRatio: number; readonly from: string } {
  const own = facts.get(type);
  if (own !== undefined) return { found: own, sizeRatio: 1, from: type };
  const neighbour: Neighbour | undefined = nearestType(type, facts.keys());
  if (neighbour === undefined) throw unknownType(book.region, type);
  return { found: facts.get(neighbour.type)!, sizeRatio: neighbour.sizeRatio, from: neighbour.type };
}

function describeEstimates(book: PriceBook, type: string): string | null {
  const price = lookUp(book, book.onDemand, type);
  const advisor = lookUp(book, book.advisor, type);
  const notes = [
    price.from === type ? null : `on-demand price from ${price.from} by size`,
    price.found.estimate,
    advisor.from === type ? null : `saving and interruption bucket of ${advisor.from}`,
  ].filter((note) => note !== null);
  return notes.length === 0 ? null : notes.join(", ");
}

function shippedBook(region: string): PriceBook {
  const book: PriceBook = { region, onDemand: new Map(), advisor: new Map(), spot: new Map() };
  for (const [type, facts] of SHIPPED_FACTS[REFERENCE_REGION]!) {
    const own = SHIPPED_FACTS[region]?.get(type);
    const price = own?.onDemandUsdPerHour ?? null;
    book.onDemand.set(
      type,
      price === null
        ? {
            usdPerHour: facts.onDemandUsdPerHour! * REGION_PRICE_RATIO,
            estimate: `on-demand price from ${REFERENCE_REGION} × ${REGION_PRICE_RATIO}`,
          }
        : { usdPerHour: price, estimate: null },
    );
    if (own !== undefined) book.advisor.set(type, own);
  }
  return book;
}

function unknownType(region: string, type: string): InputError {
  const problem = {
    where: "instance type",
    given: type,
    allowed: "a type of the shipped table, or one of a series and size that it can be estimated from",
    fix: "give its price with --prices FILE (instance_type,ondemand_usd_per_h, and region,instance_type,savings_pct,interruption_bucket)",
  };
  return new InputError(`Prices of ${region}`, [problem]);
}

function unknownRegion(region: string): InputError {
  const problem = {
    where: "region",
    given: region,
    allowed: Object.keys(SHIPPED_FACTS).join(" or "),
    fix: "use one of these, or give the Region's facts with --prices FILE (region,instance_type,savings_pct,interruption_bucket)",
  };
  return new InputError("Prices", [problem]);
}
