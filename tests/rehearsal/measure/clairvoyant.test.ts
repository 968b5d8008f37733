import { expect } from "chai";
import fc from "fast-check";
import { cheapestUsdPerHour, type Choice, type Offer } from "../../../rehearsal/measure/clairvoyant";

const offer = (holds: number, spotUsdPerHour: number | undefined, onDemandUsdPerHour: number): Offer => ({
  holds,
  spotUsdPerHour,
  onDemandUsdPerHour,
});

const anyOffer = fc.record({
  holds: fc.integer({ min: 0, max: 4 }),
  spotUsdPerHour: fc.option(fc.integer({ min: 1, max: 20 }), { nil: undefined }),
  onDemandUsdPerHour: fc.integer({ min: 1, max: 30 }),
});

const anyOffers = fc
  .array(anyOffer, { minLength: 1, maxLength: 3 })
  .filter((offers) => offers.some(({ holds }) => holds > 0));

const anySpotAtMost = fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(Infinity));

const whole = (offers: readonly Offer[], spotAtMost = Infinity): Choice => ({ offers, spotAtMost, isWhole: true });

/** Tries every combination of instances. */
function bruteForce(units: number, { offers, spotAtMost, isWhole }: Choice): number {
  if (units <= 0) return 0;
  const costs = offers
    .filter(({ holds }) => holds > 0)
    .flatMap(({ holds, spotUsdPerHour, onDemandUsdPerHour }) => {
      const rest = (spots: number): number =>
        bruteForce(units - holds, { offers, spotAtMost: spotAtMost - spots, isWhole });
      const onDemand = onDemandUsdPerHour + rest(0);
      return spotUsdPerHour === undefined || spotAtMost === 0 ? [onDemand] : [onDemand, spotUsdPerHour + rest(1)];
    });
  return Math.min(...costs);
}

describe("the cheapest instances that hold some tasks", () => {
  it("are the fewest of the cheapest pool", () => {
    const offers = [offer(4, 3, 10), offer(4, 2, 12)];
    expect(cheapestUsdPerHour(9, whole(offers))).to.equal(3 * 2);
  });

  it("are On-Demand Instances of the cheapest type only for what no pool holds", () => {
    const offers = [offer(4, 3, 10), offer(4, undefined, 8)];
    expect(cheapestUsdPerHour(12, whole(offers, 1))).to.equal(3 + 8 + 8);
    expect(cheapestUsdPerHour(12, whole(offers, 0))).to.equal(3 * 8);
  });

  it("are of several sizes where one large instance would be half empty", () => {
    expect(cheapestUsdPerHour(5, whole([offer(4, 7, 20), offer(1, 2, 5)]))).to.equal(7 + 2);
  });

  it("are none for no task, and can't be had where no type holds one", () => {
    expect(cheapestUsdPerHour(0, whole([]))).to.equal(0);
    expect(cheapestUsdPerHour(1, whole([offer(0, 1, 1)]))).to.equal(Infinity);
  });

  it("cost what the best of all combinations costs", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), anyOffers, anySpotAtMost, (units, offers, spotAtMost) => {
        const choice = whole(offers, spotAtMost);
        expect(cheapestUsdPerHour(units, choice)).to.equal(bruteForce(units, choice));
      }),
    );
  });

  it("never cost less for more tasks, nor more where more Spot can be had", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), anyOffers, fc.nat(10), fc.nat(10), (a, b, offers, spots, more) => {
        const few = cheapestUsdPerHour(Math.min(a, b), whole(offers, spots));
        const many = cheapestUsdPerHour(Math.max(a, b), whole(offers, spots));
        expect(few).to.be.at.most(many);
        expect(cheapestUsdPerHour(a, whole(offers, spots + more))).to.be.at.most(
          cheapestUsdPerHour(a, whole(offers, spots)),
        );
      }),
    );
  });

  it("cost at most that where they are reckoned as if they could be cut, which is a bound still", () => {
    fc.assert(
      fc.property(fc.nat(40), anyOffers, anySpotAtMost, (units, offers, spotAtMost) => {
        const cut = cheapestUsdPerHour(units, { offers, spotAtMost, isWhole: false });
        expect(cut).to.be.at.most(cheapestUsdPerHour(units, whole(offers, spotAtMost)) + 1e-9);
        if (units > 0) expect(cut).to.be.above(0);
      }),
    );
  });

  it("are reckoned so for thousands of tasks, off by less than an instance of each kind", () => {
    const offers = [offer(4, 3, 10)];
    expect(cheapestUsdPerHour(4001, whole(offers))).to.be.within(3000, 3003);
  });
});
