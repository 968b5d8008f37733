import { expect } from "chai";
import fc from "fast-check";
import { afterKey, clamped, moved, zoomed, type View } from "../../../rehearsal/report/view";

const WHOLE = { from: 0, to: 86_400 };

const view = fc
  .record({
    from: fc.double({ min: 0, max: 86_000, noNaN: true }),
    length: fc.double({ min: 60, max: 86_400, noNaN: true }),
  })
  .map(({ from, length }) => clamped({ from, to: from + length }, WHOLE));

const expectWithin = ({ from, to }: View): void => {
  expect(from).to.be.at.least(0);
  expect(to).to.be.at.most(86_400 + 1e-6);
  expect(to - from).to.be.at.least(60 - 1e-6);
};

describe("the time that is looked at", () => {
  it("stays within the whole and never closer than a minute, whatever is done", () => {
    const by = fc.double({ min: -3, max: 3, noNaN: true });
    fc.assert(
      fc.property(view, by, fc.double({ min: 0.001, max: 50, noNaN: true }), (now, share, factor) => {
        expectWithin(moved(now, share, WHOLE));
        expectWithin(zoomed(now, factor, (now.from + now.to) / 2, WHOLE));
      }),
    );
  });

  it("keeps under the pointer what is there when it is looked at closer", () => {
    fc.assert(
      fc.property(view, fc.double({ min: 0, max: 1, noNaN: true }), (now, share) => {
        fc.pre(now.to - now.from > 200);
        const at = now.from + share * (now.to - now.from);
        const next = zoomed(now, 0.5, at, WHOLE);
        expect((at - next.from) / (next.to - next.from)).to.be.closeTo(share, 1e-6);
      }),
    );
  });

  it("is moved by the keys of the hint, and by no other", () => {
    const now = { from: 3600, to: 7200 };
    expect(afterKey("ArrowRight", now, WHOLE)).to.deep.equal({ from: 4320, to: 7920 });
    expect(afterKey("ArrowLeft", now, WHOLE)).to.deep.equal({ from: 2880, to: 6480 });
    expect(afterKey("+", now, WHOLE)).to.deep.equal({ from: 4500, to: 6300 });
    expect(afterKey("-", now, WHOLE)).to.deep.equal({ from: 1800, to: 9000 });
    expect(afterKey("0", now, WHOLE)).to.equal(WHOLE);
    expect(afterKey("Home", now, WHOLE)).to.deep.equal({ from: 0, to: 3600 });
    expect(afterKey("End", now, WHOLE)).to.deep.equal({ from: 82_800, to: 86_400 });
    expect(afterKey("a", now, WHOLE)).to.equal(undefined);
  });
});
