import { expect } from "chai";
import fc from "fast-check";
import { Series } from "../../../../rehearsal/world/cloudWatch/series";

const KEPT_MINUTES = 10;

/** A value told of a minute that lies so far before or behind the latest one. */
const told = fc.record({ step: fc.integer({ min: -12, max: 6 }), value: fc.integer({ min: -9, max: 9 }) });

describe("the series of a metric", () => {
  it("has of every minute within reach what was told of it, in whatever order", () => {
    fc.assert(
      fc.property(fc.array(told, { maxLength: 40 }), fc.nat(30), fc.nat(30), (all, first, length) => {
        const series = new Series(KEPT_MINUTES);
        const plain = new Map<number, number[]>();
        let latest = -1;
        for (const { step, value } of all) {
          const minute = Math.max(0, latest + step);
          series.add(minute, value, 1, 0);
          if (minute > latest - KEPT_MINUTES) plain.set(minute, [...(plain.get(minute) ?? []), value]);
          latest = Math.max(latest, minute);
        }
        const expected = [...plain]
          .filter(([minute]) => minute > latest - KEPT_MINUTES && minute >= first && minute <= first + length)
          .sort(([one], [other]) => one - other)
          .map(([minute, values]) => ({
            minute,
            visibleAt: 0,
            sum: values.reduce((sum, value) => sum + value, 0),
            minimum: Math.min(...values),
            maximum: Math.max(...values),
            count: values.length,
          }));
        expect([...series.between(first, first + length)]).to.deep.equal(expected);
      }),
    );
  });
});
