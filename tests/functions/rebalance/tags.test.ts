import { expect } from "chai";
import fc from "fast-check";
import { parseTagValue, serviceOfKey, tagKeyOf, tagValue, type GroupTag } from "../../../functions/rebalance/groupTag";
import { movesTag, parseMovesTag } from "../../../functions/rebalance/movesTag";

const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const count = fc.nat(5000);

const groupTag: fc.Arbitrary<GroupTag> = fc.oneof(
  fc
    .tuple(count, fc.integer({ min: 1, max: 100 }), time, fc.boolean())
    .map(([before, more, since, isVain]): GroupTag => ({
      kind: "moving",
      before,
      raised: before + more,
      since,
      isVain,
    })),
  time.map((until): GroupTag => ({ kind: "resting", until })),
);

const figures = fc.record({
  isOn: fc.boolean(),
  settleSeconds: count,
  workPatienceSeconds: count,
  healthCheckSeconds: count,
  checkIntervalSeconds: fc.integer({ min: 1, max: 900 }),
});

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html */
const ALLOWED = /^[a-zA-Z0-9 +\-=._:/@]{0,256}$/;

describe("the tags by which tasks move", () => {
  it("are read as they were written, in characters that AWS allows", () => {
    fc.assert(
      fc.property(groupTag, figures, (tag, given) => {
        expect(parseTagValue(tagValue(tag))).to.deep.equal(tag);
        expect(parseMovesTag(movesTag(given))).to.deep.equal(given);
        expect(tagValue(tag)).to.match(ALLOWED);
        expect(movesTag(given)).to.match(ALLOWED);
      }),
    );
  });

  it("name a service by their key, where that isn't too long", () => {
    expect(serviceOfKey(tagKeyOf("api")!)).to.equal("api");
    expect(serviceOfKey("team")).to.equal(undefined);
    expect(tagKeyOf("a".repeat(109))).to.equal(undefined);
  });

  it("that say something else move nothing", () => {
    for (const value of ["", "text", "4", "5 4 2026-01-01T00:00:00.000Z"])
      expect(parseTagValue(value).kind, value).to.equal("resting");
    expect(parseMovesTag("yes")).to.equal(undefined);
    expect(parseMovesTag(undefined)).to.equal(undefined);
  });
});
