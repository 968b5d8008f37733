import { expect } from "chai";
import { FAILURE_CAUSES } from "../../../rehearsal/traffic/tally";
import type { VariantResult } from "../../../rehearsal/measure/result";
import { interrupted, verdictOf } from "../../../rehearsal/report/verdict";
import { breach, result, variantResult } from "../measure/results";

type FailedBy = VariantResult["requests"]["failedBy"];

function failing(failedBy: Partial<FailedBy>, changes: Partial<VariantResult> = {}): VariantResult {
  const all = { ...Object.fromEntries(FAILURE_CAUSES.map((cause) => [cause, 0])), ...failedBy } as FailedBy;
  const failed = Object.values(all).reduce((sum, count) => sum + count, 0);
  return variantResult({ requests: { served: 1000 - failed, retried: 0, failed, failedBy: all }, ...changes });
}

describe("the verdict", () => {
  it("says how many requests failed because of interruptions, of how many, and what the others lost", () => {
    const { sentence, more } = verdictOf(
      result({ ours: failing({}), unhandled: failing({ deadTarget: 70, overload: 5 }) }),
    );
    expect(sentence).to.equal("ours: 0 of 1,000 requests failed because of interruptions.");
    expect(more).to.include("In the same market unhandled lost 70 requests.");
  });

  it("tells apart what nobody could have saved, and what had other reasons", () => {
    const ours = failing({ deadTarget: 1, withoutNotice: 2, outage: 3, overload: 4 });
    expect(interrupted(ours)).to.deep.equal({ all: 6, unavoidable: 5, other: 4 });
    const { more } = verdictOf(result({ ours }));
    expect(more.join(" "))
      .to.match(/5 of them no handling could have saved/)
      .and.match(/4 more requests failed for other/);
  });

  it("counts every failed request to one of them", () => {
    for (const cause of FAILURE_CAUSES) {
      const { all, other } = interrupted(failing({ [cause]: 1 }));
      expect(all + other, cause).to.equal(1);
    }
  });

  it("speaks of jobs where there were any, and of nothing where there was nothing", () => {
    const requests = { ...failing({}).requests, served: 0 };
    const { jobs } = variantResult();
    const worker = variantResult({ requests, jobs: { ...jobs, submitted: 200, lost: 1 } });
    expect(verdictOf(result({ worker })).sentence).to.equal("worker: 1 of 200 jobs got lost.");
    expect(verdictOf(result({ idle: variantResult({ requests }) })).sentence).to.equal(
      "idle: no request and no job was sent.",
    );
  });

  it("says so where no interruption came: that proves nothing", () => {
    const interruptions = { notices: 0, withoutNotice: 0, recommendations: 0, instancesLost: 0 };
    expect(verdictOf(result({ ours: failing({}, { interruptions }) })).more.join(" ")).to.contain(
      "this proves nothing",
    );
  });

  it("holds where every law was kept", () => {
    expect(verdictOf(result({ ours: failing({}) })).held).to.equal(true);
    const broken = verdictOf(result({ ours: failing({}, { lawsBroken: [breach(1, "task")] }) }));
    expect(broken.held).to.equal(false);
    expect(broken.more.join(" ")).to.contain("It broke a law once");
  });
});
