import { expect } from "chai";
import type { RehearsalResult } from "../../../rehearsal/measure/result";
import { remarks, scoreboard } from "../../../rehearsal/measure/scoreboard";
import { FAILURE_CAUSES } from "../../../rehearsal/traffic/tally";
import { breach, result, variantResult } from "./results";

/** What a reader sees in each column, by the row's label. */
function rowsOf(given: RehearsalResult): Map<string, string[]> {
  const rows = scoreboard(given)
    .split("\n")
    .filter((line) => line.includes("│"))
    .map((line) =>
      line
        .split("│")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  return new Map(rows.map(([label = "", ...cells]) => [label, cells]));
}

const RESULT = result({
  spotproof: variantResult({ capacityMinutesLost: { total: 0, meanPerInterruption: 0, p95: 0 } }),
  unhandled: variantResult({ lawsBroken: [breach(12, "i-1"), breach(13, "i-2")] }),
});

describe("the scoreboard", () => {
  it("has a column per variant, named as it was", () => {
    expect(rowsOf(RESULT).get("")).to.deep.equal(["spotproof", "unhandled"]);
  });

  it("shows counts in whole numbers a reader can read, times in minutes and money in dollars", () => {
    const rows = rowsOf(RESULT);
    expect(rows.get("Requests served")).to.deep.equal(["1,234,567", "1,234,567"]);
    expect(rows.get("Requests failed")).to.deep.equal(["36", "36"]);
    expect(rows.get("Spot interruptions with notice")).to.deep.equal(["12", "12"]);
    expect(rows.get("without")).to.deep.equal(["1", "1"]);
    expect(rows.get("Minutes below desired capacity")).to.deep.equal(["0.0", "17.3"]);
    expect(rows.get("per interruption, mean")).to.deep.equal(["0.0", "1.4"]);
    expect(rows.get("per interruption, 95th percentile")).to.deep.equal(["0.0", "8.1"]);
    expect(rows.get("EC2 cost")![0]).to.equal("$1,234.50");
    expect(rows.get("of on-demand")![0]).to.equal("35 %");
    expect(rows.get("Laws broken")).to.deep.equal(["none", "2"]);
  });

  it("gives every cause of failure a row in words", () => {
    const rows = [...rowsOf(RESULT)];
    const first = rows.findIndex(([label]) => label === "Requests failed") + 1;
    const causes = rows.slice(first, first + FAILURE_CAUSES.length);
    expect(causes.map(([, [count]]) => count)).to.deep.equal(FAILURE_CAUSES.map((_, index) => String(index + 1)));
    for (const [label] of causes)
      expect(label)
        .to.match(/ /)
        .and.not.match(/[a-z][A-Z]/);
  });

  it("fits a terminal of 120 columns with three variants", () => {
    const three = result({ spotproof: variantResult(), unhandled: variantResult(), awsNative: variantResult() });
    for (const line of scoreboard(three).split("\n")) expect(line.length).to.be.at.most(120);
  });

  it("has no colour codes, which a file or a log would show as they are", () => {
    expect(scoreboard(RESULT)).to.not.match(new RegExp(String.fromCharCode(27)));
  });
});

describe("the remarks under it", () => {
  it("say when and about what each of the first breaches was, and how many more there are", () => {
    const lawsBroken = ["i-1", "i-2", "i-3", "i-4", "i-5"].map((id, index) => breach(index * 60, id));
    expect(remarks(result({ stack: variantResult({ lawsBroken }) }))).to.deep.equal([
      "policies of stack: 19 checked, 0 violated",
      "stack broke a law at 0 s, i-1: no task is placed on an instance that is not ACTIVE: it was placed while DRAINING",
      "stack broke a law at 60 s, i-2: no task is placed on an instance that is not ACTIVE: it was placed while DRAINING",
      "stack broke a law at 120 s, i-3: no task is placed on an instance that is not ACTIVE: it was placed while DRAINING",
      "stack: and 2 more",
    ]);
  });

  it("list what of the stack is not modelled, once", () => {
    const stack = variantResult({ notModelled: ["aws:s3/bucket:Bucket × 1"] });
    const listed = remarks(result({ stack, other: stack })).filter((line) => line.startsWith("not modelled"));
    expect(listed).to.deep.equal(["not modelled in stack: aws:s3/bucket:Bucket × 1"]);
  });

  it("say of each variant how many policies judged it, and which were violated", () => {
    const violation = (rule: string, urn: string) => ({ rule, urn, message: "wrong" });
    const violations = [violation("time-budget", "a"), violation("spot-pools", "b"), violation("time-budget", "c")];
    const stack = variantResult({ policies: { checked: 19, violations } });
    expect(remarks(result({ stack, other: variantResult() }))).to.deep.equal([
      "policies of stack: 19 checked, 2 violated: time-budget, spot-pools",
      "policies of other: 19 checked, 0 violated",
    ]);
  });
});
