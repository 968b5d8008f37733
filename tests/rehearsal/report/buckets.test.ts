import { expect } from "chai";
import fc from "fast-check";
import { bucketMsOf, Buckets, Gauge } from "../../../rehearsal/report/buckets";
import { LIMITS } from "../../../rehearsal/report/data";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe("values over time", () => {
  it("are cut into minutes for a day, five for a week, fifteen for a month", () => {
    const minutes = [1, 7, 30].map((days) => bucketMsOf(days * DAY_MS) / 60_000);
    expect(minutes).to.deep.equal([1, 5, 15]);
  });

  it("take no more buckets than a page keeps, however long the rehearsal is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 * DAY_MS }), (durationMs) => {
        const { count, lengthMs } = new Buckets(durationMs);
        expect(count).to.be.at.most(LIMITS.buckets);
        expect(count * lengthMs).to.be.at.least(durationMs);
      }),
    );
  });

  const changes = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: DAY_MS - 1 }), value: fc.integer({ min: 0, max: 50 }) }),
  );

  it("keep the least and the most of each bucket: no value that was is missing, and none that wasn't is there", () => {
    fc.assert(
      fc.property(changes, fc.integer({ min: 0, max: 50 }), (all, first) => {
        const buckets = new Buckets(DAY_MS, HOUR_MS);
        const gauge = new Gauge(buckets, first);
        const inOrder = [...all].sort((a, b) => a.at - b.at);
        for (const { at, value } of inOrder) gauge.set(at, value);
        const { min, max } = gauge.band();
        for (let index = 0; index < 24; index++) {
          const before = inOrder.filter(({ at }) => at < index * HOUR_MS).at(-1)?.value ?? first;
          const within = inOrder.filter(({ at }) => Math.floor(at / HOUR_MS) === index).map(({ value }) => value);
          expect([min[index], max[index]]).to.deep.equal([Math.min(before, ...within), Math.max(before, ...within)]);
        }
      }),
    );
  });
});
