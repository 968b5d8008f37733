import { expect } from "chai";
import fc from "fast-check";
import { generateMarket } from "../../../rehearsal/inputs/generator";
import {
  bucketHazardPerHour,
  FALSE_ALARMS_PER_INTERRUPTION,
  SHOCK_SHARE,
} from "../../../rehearsal/inputs/generatorConstants";
import { type Market, type MarketEvent, NOTICE_MS } from "../../../rehearsal/inputs/market";
import { type InterruptionBucket, priceTable } from "../../../rehearsal/inputs/prices";

const WEEK_MS = 7 * 24 * 3_600_000;
const prices = priceTable("us-east-1");
const geometry = { availabilityZones: ["a", "b"], instanceTypes: ["m5.large", "c7i.large"], groupSize: 6 };
const shape = { seed: 7, durationMs: WEEK_MS, geometry, prices, hazardScale: 520 };

const kinds = (market: Market, kind: MarketEvent["kind"]) => market.events.filter((event) => event.kind === kind);
const ofPool = ({ events }: Market, zone: string, type: string) =>
  events.filter(({ pool }) => pool.availabilityZone === zone && pool.instanceType === type);

describe("a generated market", () => {
  it("is the same for the same seed and another for another", () => {
    expect(generateMarket(shape)).to.deep.equal(generateMarket(shape));
    expect(generateMarket({ ...shape, seed: 8 }).events).to.not.deep.equal(generateMarket(shape).events);
  });

  it("says what it is", () => {
    expect(generateMarket(shape).source).to.equal("generated, seed 7: 4 pools, interruptions × 520");
    expect(generateMarket({ ...shape, hazardScale: undefined }).source).to.contain("interruptions as measured");
  });

  it("strikes an instance as often as its bucket says", () => {
    const oneType = { ...geometry, instanceTypes: ["m5.large"], availabilityZones: ["a"] };
    const years = generateMarket({ ...shape, geometry: oneType, durationMs: 20 * WEEK_MS });
    const expected = bucketHazardPerHour(prices.interruptionBucket("m5.large")) * 520 * 20 * 168;
    expect(kinds(years, "reclaim").length * SHOCK_SHARE).to.be.closeTo(expected, 4 * Math.sqrt(expected));
    const falseAlarms = expected * FALSE_ALARMS_PER_INTERRUPTION;
    expect(kinds(years, "recommend").length * SHOCK_SHARE).to.be.closeTo(falseAlarms, 4 * Math.sqrt(falseAlarms));
  });

  it("has the published hazards per bucket", () => {
    const hazards = ([0, 1, 2, 3, 4] as InterruptionBucket[]).map((bucket) => bucketHazardPerHour(bucket) * 1e4);
    [0.35, 1.07, 1.83, 2.64, 3.94].forEach((hazard, i) => expect(hazards[i]).to.be.closeTo(hazard, 0.01));
  });

  it("has at times several pools of a zone or a type struck together", () => {
    const instants = (events: readonly MarketEvent[]) => new Set(events.map(({ atMs }) => atMs));
    const long = generateMarket({ ...shape, durationMs: 500 * WEEK_MS });
    const reclaims = kinds(long, "reclaim");
    const shared = reclaims.length - instants(reclaims).size;
    expect(shared).to.be.above(0);
    expect(shared / reclaims.length).to.be.below(0.1);
  });

  it("has no interruption at scale 0", () => {
    expect(generateMarket({ ...shape, hazardScale: 0 }).events).to.deep.equal([]);
  });

  it("refuses a scale or a duration without meaning", () => {
    expect(() => generateMarket({ ...shape, hazardScale: -1 })).to.throw(RangeError, "hazardScale is -1");
    expect(() => generateMarket({ ...shape, durationMs: 0 })).to.throw(RangeError, "durationMs is 0");
  });
});

describe("the laws of a generated market", () => {
  const seeds = (law: (seed: number) => void) => fc.assert(fc.property(fc.integer(), law), { numRuns: 30 });

  it("has its events in time order and within the rehearsal", () => {
    seeds((seed) => {
      const { events } = generateMarket({ ...shape, seed });
      events.forEach(({ atMs }, i) => {
        expect(Number.isInteger(atMs)).to.equal(true);
        expect(atMs).to.be.within(events[i - 1]?.atMs ?? 0, WEEK_MS - 1);
      });
    });
  });

  it("leaves the events of the others as they were when a type or a zone is added", () => {
    seeds((seed) => {
      const larger = {
        availabilityZones: ["c", "a", "b"],
        instanceTypes: ["r5.large", "m5.large", "c7i.large"],
        groupSize: 60,
      };
      const before = generateMarket({ ...shape, seed });
      const after = generateMarket({ ...shape, seed, geometry: larger });
      for (const zone of geometry.availabilityZones) {
        for (const type of geometry.instanceTypes) {
          expect(ofPool(after, zone, type)).to.deep.equal(ofPool(before, zone, type));
        }
      }
    });
  });

  it("gives a pool no capacity from each notice to the last end that it announces", () => {
    seeds((seed) => {
      const market = generateMarket({ ...shape, seed });
      for (const event of kinds(market, "reclaim")) {
        const capacities = ofPool(market, event.pool.availabilityZone!, event.pool.instanceType!).filter(
          ({ kind }) => kind === "capacity",
        ) as Extract<MarketEvent, { kind: "capacity" }>[];
        const at = (atMs: number) => capacities.findLast((other) => other.atMs <= atMs)?.capacity ?? null;
        const { atMs, spreadMs } = event as Extract<MarketEvent, { kind: "reclaim" }>;
        expect(at(Math.max(0, atMs - NOTICE_MS))).to.equal(0);
        expect(at(atMs + spreadMs - 1)).to.equal(0);
      }
    });
  });

  it("alternates between no capacity and all", () => {
    seeds((seed) => {
      const market = generateMarket({ ...shape, seed });
      const changes = ofPool(market, "a", "c7i.large").flatMap((event) =>
        event.kind === "capacity" ? [event.capacity] : [],
      );
      changes.forEach((capacity, i) => expect(capacity).to.equal(i % 2 === 0 ? 0 : null));
    });
  });
});
