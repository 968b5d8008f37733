import { expect } from "chai";
import type { Interruption } from "../../../rehearsal/report/data";
import { ranked, type Order } from "../../../rehearsal/report/ranking";

const interruption = (instance: string, changes: Partial<Interruption> = {}): Interruption => ({
  at: 0,
  takenAt: 120_000,
  until: 300_000,
  instance,
  type: "m5.large",
  zone: "eu-west-1a",
  noticed: true,
  tasks: 2,
  killed: 0,
  failed: 0,
  failures: [],
  belowSeconds: 0,
  timing: {},
  rows: [],
  milestones: [],
  hasLines: true,
  ...changes,
});

const ALL = [
  interruption("calm", { at: 1, timing: { draining: 1 } }),
  interruption("failed", { at: 2, failed: 7, zone: "eu-west-1b" }),
  interruption("killed", { at: 3, killed: 1, timing: { draining: 3 } }),
  interruption("silent", { at: 4, noticed: false, belowSeconds: 9, timing: { draining: 2 } }),
];

const WORST: Order = { column: "worst", isDescending: true };
const names = (how: Partial<Parameters<typeof ranked>[1]>): string[] =>
  ranked(ALL, { text: "", which: "all", order: WORST, ...how }).map(({ instance }) => instance);

describe("the list of interruptions", () => {
  it("has the worst first: failed requests, then killed tasks, then time below desired", () => {
    expect(names({})).to.deep.equal(["failed", "killed", "silent", "calm"]);
  });

  it("is sorted by a column both ways; what never happened sorts like what took longest", () => {
    expect(names({ order: { column: "draining", isDescending: false } })).to.deep.equal([
      "calm",
      "silent",
      "killed",
      "failed",
    ]);
    expect(names({ order: { column: "when", isDescending: true } })).to.deep.equal([
      "silent",
      "killed",
      "failed",
      "calm",
    ]);
  });

  it("is filtered by what happened, and by instance, type or zone", () => {
    expect(names({ which: "failed" })).to.deep.equal(["failed", "killed"]);
    expect(names({ which: "silent" })).to.deep.equal(["silent"]);
    expect(names({ which: "below" })).to.deep.equal(["silent"]);
    expect(names({ text: " WEST-1B " })).to.deep.equal(["failed"]);
  });
});
