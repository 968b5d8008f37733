import { expect } from "chai";
import * as fc from "fast-check";
import {
  COMPARISONS,
  evaluate,
  RANGES,
  TREATMENTS,
  type AlarmState,
  type Point,
} from "../../../../rehearsal/world/cloudWatch/evaluation";

/** As CloudWatch's guide writes datapoints, the oldest first: X breaches, 0 doesn't, - is missing. */
const points = (text: string): Point[] => text.split(" ").map((each) => (each === "-" ? undefined : each === "X"));

const KEEP = "keep";

/** The guide's two tables: three of three, and two of three; for missing, ignore, breaching and notBreaching. */
const TABLE: readonly (readonly [given: string, m: number, ...expected: readonly (AlarmState | typeof KEEP)[]])[] = [
  ["0 - X - X", 3, "OK", "OK", "OK", "OK"],
  ["0 - - - -", 3, "OK", "OK", "OK", "OK"],
  ["- - - - -", 3, "INSUFFICIENT_DATA", KEEP, "ALARM", "OK"],
  ["0 X X - X", 3, "ALARM", "ALARM", "ALARM", "ALARM"],
  ["- - X - -", 3, "ALARM", KEEP, "ALARM", "OK"],
  ["0 - X - X", 2, "ALARM", "ALARM", "ALARM", "ALARM"],
  ["0 0 X 0 X", 2, "ALARM", "ALARM", "ALARM", "ALARM"],
  ["0 - X - -", 2, "OK", "OK", "ALARM", "OK"],
  ["- - - - 0", 2, "OK", "OK", "ALARM", "OK"],
  ["- - - X -", 2, "ALARM", KEEP, "ALARM", "OK"],
  // An older edition has these.
  ["- - - - X", 3, "INSUFFICIENT_DATA", KEEP, "ALARM", "OK"],
  ["X - - - -", 3, "ALARM", KEEP, "ALARM", "OK"],
  ["- - - - X", 2, "INSUFFICIENT_DATA", KEEP, "ALARM", "OK"],
];

const STATES: readonly AlarmState[] = ["OK", "ALARM", "INSUFFICIENT_DATA"];

describe("CloudWatch: an alarm's state", () => {
  for (const [given, datapointsToAlarm, ...expected] of TABLE) {
    it(`follows from ${given} with ${datapointsToAlarm} of 3 as the guide says, however missing data is treated`, () => {
      for (const state of STATES) {
        const states = TREATMENTS.map((treatMissingData) =>
          evaluate(points(given), { evaluationPeriods: 3, datapointsToAlarm, treatMissingData }, state),
        );
        expect(states).to.deep.equal(expected.map((wanted) => (wanted === KEEP ? state : wanted)));
      }
    });
  }

  it("goes to ALARM with too few datapoints once the oldest that breaches is as old as M, not before", () => {
    const how = { evaluationPeriods: 3, datapointsToAlarm: 3, treatMissingData: "missing" } as const;
    const states = ["- - - - X", "- - - X -", "- - X - -"].map((given) => evaluate(points(given), how, "OK"));
    expect(states.map((state) => state === "ALARM")).to.deep.equal([false, false, true]);
  });

  it("doesn't depend on how missing data is treated, where there are enough real datapoints", () => {
    const somePoints = fc.array(fc.constantFrom(true, false, undefined), { minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(somePoints, fc.nat(), (given, chosen) => {
        const evaluationPeriods = Math.max(1, given.filter((point) => point !== undefined).length);
        fc.pre(given.some((point) => point !== undefined));
        const datapointsToAlarm = 1 + (chosen % evaluationPeriods);
        const states = TREATMENTS.map((treatMissingData) =>
          evaluate(given, { evaluationPeriods, datapointsToAlarm, treatMissingData }, "INSUFFICIENT_DATA"),
        );
        expect(new Set(states).size).to.equal(1);
      }),
    );
  });

  it("compares as the operator says, at the threshold too", () => {
    const at = [4, 5, 6].map((value) => Object.values(COMPARISONS).map((compare) => compare(value, 5)));
    expect(at).to.deep.equal([
      [false, false, true, true],
      [true, false, false, true],
      [true, true, false, false],
    ]);
  });

  it("looks at five datapoints where three count, whichever way the number grows", () => {
    expect(Object.values(RANGES).map((range) => range(3))).to.deep.equal([5, 5]);
    expect(Object.values(RANGES).map((range) => range(15))).to.deep.equal([17, 25]);
  });
});
