import { expect } from "chai";
import * as fc from "fast-check";
import {
  capacityAfter,
  stepFor,
  stepsProblem,
  type AdjustmentType,
  type Step,
} from "../../../../rehearsal/world/applicationAutoScaling/stepAdjustment";

const step = (lower: number, upper: number, adjustment = 1): Step => ({ lower, upper, adjustment });

const after = (capacity: number, adjustment: number, adjustmentType: AdjustmentType, minAdjustmentMagnitude = 0) =>
  capacityAfter(capacity, adjustment, { adjustmentType, minAdjustmentMagnitude });

/** The steps of the guide's example, whose threshold is 50. */
const OUT = [step(0, 10, 0), step(10, 20, 10), step(20, Infinity, 30)];
const IN = [step(-10, 0, 0), step(-20, -10, -10), step(-Infinity, -20, -30)];

describe("step scaling: the step", () => {
  const adjustment = (steps: readonly Step[], metric: number) => stepFor(steps, metric - 50)?.adjustment;

  it("above the threshold includes its lower bound, and not its upper one", () => {
    expect([50, 59.9, 60, 69.9, 70, 500].map((metric) => adjustment(OUT, metric))).to.deep.equal([
      0, 0, 10, 10, 30, 30,
    ]);
  });

  it("below the threshold includes its upper bound, and not its lower one", () => {
    expect([50, 40.1, 40, 30.1, 30, -500].map((metric) => adjustment(IN, metric))).to.deep.equal([
      0, 0, -10, -10, -30, -30,
    ]);
  });

  it("isn't there on the other side of the threshold", () => {
    expect([adjustment(OUT, 49.9), adjustment(IN, 50.1)]).to.deep.equal([undefined, undefined]);
  });

  it("is exactly one for any breach, where the steps cover the line", () => {
    const bounds = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 10 });
    const breach = fc.oneof(fc.integer({ min: -60, max: 60 }), fc.double({ min: -60, max: 60, noNaN: true }));
    fc.assert(
      fc.property(bounds, breach, (given, beyond) => {
        const edges = [-Infinity, ...given.sort((a, b) => a - b), Infinity];
        const steps = edges.slice(1).map((upper, index) => step(edges[index]!, upper, index));
        expect(stepsProblem(steps)).to.equal(undefined);
        const found = stepFor(steps, beyond);
        expect(found).not.to.equal(undefined);
        expect(beyond >= found!.lower && beyond <= found!.upper).to.equal(true);
        const isAlone = steps.every((each) => each === found || stepFor([each], beyond) === undefined || beyond === 0);
        expect(isAlone).to.equal(true);
      }),
    );
  });

  it("is refused with a gap, an overlap, a finite end or too many beside it, and the remedy is named", () => {
    expect(stepsProblem([step(0, 10), step(20, Infinity)])).to.match(/gap or an overlap at 10/);
    expect(stepsProblem([step(0, 10), step(5, Infinity)])).to.match(/gap or an overlap at 10/);
    expect(stepsProblem([step(0, 10)])).to.match(/highest bound is 10: leave it out/);
    expect(stepsProblem([step(-10, 0)])).to.match(/lowest bound is -10: leave it out/);
    expect(stepsProblem([])).to.match(/0 steps: 1 to 20/);
    const many = Array.from({ length: 21 }, (_, index) => step(index, index === 20 ? Infinity : index + 1));
    expect(stepsProblem(many)).to.match(/21 steps/);
    expect([OUT, IN, [step(0, Infinity)], [step(-Infinity, 0)]].map(stepsProblem)).to.deep.equal(
      Array(4).fill(undefined),
    );
  });
});

describe("step scaling: the capacity", () => {
  it("is the guide's: 10 to 11 to 14, and 14 to 13 to 10", () => {
    const percent = (capacity: number, adjustment: number) => after(capacity, adjustment, "PercentChangeInCapacity");
    expect([percent(10, 10), percent(11, 30), percent(14, -10), percent(13, -30)]).to.deep.equal([11, 14, 13, 10]);
  });

  it("changes by whole tasks, toward zero but never by none", () => {
    const change = (percent: number) => after(100, percent, "PercentChangeInCapacity") - 100;
    expect([12.7, 0.67, -0.58, -6.67, 0].map(change)).to.deep.equal([12, 1, -1, -6, 0]);
  });

  it("changes by the least magnitude at least, but by nothing where the step says so", () => {
    const change = (percent: number) => after(4, percent, "PercentChangeInCapacity", 2) - 4;
    expect([25, -25, 100, 0].map(change)).to.deep.equal([2, -2, 4, 0]);
  });

  it("is changed by a number, or set to one", () => {
    expect([after(3, 5, "ChangeInCapacity"), after(3, -1, "ChangeInCapacity")]).to.deep.equal([8, 2]);
    expect(after(3, 5, "ExactCapacity")).to.equal(5);
  });
});
