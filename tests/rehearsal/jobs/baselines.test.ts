import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import type { RehearsalResult, VariantResult } from "../../../rehearsal/measure/result";
import { readScenario } from "../../../rehearsal/scenario";
import { rehearseCommand } from "../../support/terminal";

describe("the workers' scenario, half a day of it,", function () {
  this.timeout(180_000);
  let variants: Readonly<Record<string, VariantResult>>;

  before(async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "spotproof-workers-"));
    const json = path.join(folder, "result.json");
    const argv = ["--scenario", "workers", "--days", "0.5", "--hazard-scale", "5000", "--quiet", "--json", json];
    const { code, err } = await rehearseCommand(...argv);
    expect({ code, err }).to.deep.equal({ code: 0, err: "" });
    variants = (JSON.parse(readFileSync(json, "utf8")) as RehearsalResult).variants;
    rmSync(folder, { recursive: true });
  });

  const jobsOf = (name: string): VariantResult["jobs"] => variants[name]!.jobs;

  it("names programs that are there", () => {
    const { program, variants: chosen } = readScenario("workers");
    const own = chosen.flatMap((each) => (typeof each === "string" ? [] : (each.program ?? [])));
    expect([program, ...own].filter((file) => !existsSync(file))).to.deep.equal([]);
  });

  it("sends every variant the same jobs, and none of them loses one", () => {
    const all = Object.values(variants).map(({ jobs }) => jobs);
    for (const { submitted, lost } of all)
      expect({ submitted, lost }).to.deep.equal({ submitted: all[0]!.submitted, lost: 0 });
    expect(all[0]!.submitted).to.be.greaterThan(1000);
  });

  it("shows a tier that repeats next to nothing, wastes next to nothing, and breaks no law", () => {
    const { jobs, lawsBroken, tasks } = variants.spotproof!;
    expect(lawsBroken).to.deep.equal([]);
    expect(jobs.deadLettered).to.equal(0);
    expect(jobs.thrownAwaySeconds).to.be.lessThan(0.02 * jobs.workSeconds);
    expect(jobs.repeatedBy).to.include({ workerKilled: 0, visibilityLapsed: 0, deleteFailed: 0, unexplained: 0 });
    expect(tasks.killed).to.be.at.most(variants.spotproof!.interruptions.withoutNotice);
  });

  it("shows AWS's own means kill what works as they scale in: its jobs are begun again", () => {
    expect(jobsOf("awsNative").repeatedBy.workerKilled).to.be.greaterThan(
      10 * (1 + jobsOf("spotproof").repeatedBy.workerKilled),
    );
    expect(jobsOf("awsNative").thrownAwaySeconds).to.be.greaterThan(5 * jobsOf("spotproof").thrownAwaySeconds);
  });

  it("shows Elastic Beanstalk's way lose what workers have in hand, and do long jobs several times at once", () => {
    const { repeatedBy, thrownAwaySeconds } = jobsOf("elasticBeanstalkLike");
    expect(repeatedBy.hostLost + repeatedBy.diedOnSigterm).to.be.greaterThan(50);
    expect(repeatedBy.visibilityLapsed).to.be.greaterThan(50);
    expect(thrownAwaySeconds).to.be.greaterThan(jobsOf("awsNative").thrownAwaySeconds);
    expect(variants.elasticBeanstalkLike!.lawsBroken.length).to.be.greaterThan(0);
  });

  it("costs less for each job than either", () => {
    const { spotproof, ...others } = variants;
    for (const { jobs } of Object.values(others))
      expect(spotproof!.jobs.usdPerThousand).to.be.lessThan(jobs.usdPerThousand);
  });
});
