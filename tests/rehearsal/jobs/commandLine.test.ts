import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import type { RehearsalResult } from "../../../rehearsal/measure/result";
import { rehearseCommand } from "../../support/terminal";

const WORKERS = ["--program", "tests/fixtures/workerProgram/index.ts"];
const PLAIN = ["--program", "tests/fixtures/plainProgram/index.ts"];
const HOURS = ["--days", "0.25"];
const QUIET = ["--hazard-scale", "0.001"];

let folder: string;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), "spotproof-jobs-"));
});
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, ...lines: string[]): string {
  const file = path.join(folder, name);
  writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  return file;
}

async function jobsOf(...argv: string[]) {
  const json = path.join(folder, "result.json");
  const { code, out, err } = await rehearseCommand(...argv, "--json", json);
  expect(err).to.not.match(/problem/);
  const { variants } = JSON.parse(readFileSync(json, "utf8")) as RehearsalResult;
  return { code, out, variants };
}

describe("--jobs", () => {
  it("sends a file's jobs to the workers' queues, and tells on what it ran and what became of them", async () => {
    const file = fileOf("jobs.csv", "at_s,seconds", "0,30", "60,40", "600,50", "3600,20");
    const { code, out, variants } = await jobsOf(...WORKERS, ...HOURS, "--jobs", file, ...QUIET);
    expect(code).to.equal(0);
    expect(variants.program!.jobs).to.include({ submitted: 23, completed: 23, lost: 0 });
    expect(out).to.contain("jobs: jobs.csv, as recorded, repeated");
    expect(out).to.match(/│ Jobs submitted\s+│\s+23 │/);
  });

  it("holds the laws of jobs through a run of interruptions, as workers give back what they can't finish", async () => {
    const file = fileOf("long.csv", "at_s,seconds", ...Array.from({ length: 120 }, (_, i) => `${i * 60},200`));
    const { code, variants } = await jobsOf(...WORKERS, ...HOURS, "--jobs", file, "--hazard-scale", "8000");
    const { jobs, interruptions } = variants.program!;
    expect(interruptions.instancesLost).to.be.greaterThan(3);
    expect(jobs.lost).to.equal(0);
    expect(jobs.repeatedBy.givenBack).to.be.greaterThan(0);
    expect(variants.program!.lawsBroken.filter(({ law }) => law.includes("job"))).to.deep.equal([]);
    expect(code).to.be.oneOf([0, 1]);
  });

  it("takes the time of a token, and each job several times", async () => {
    const file = fileOf("tokens.csv", "t_ms,generated_tokens", "0,100", "3600000,200");
    const { out, variants } = await jobsOf(
      ...[...WORKERS, "--days", "0.08", "--jobs", file, "--seconds-per-token", "0.1", "--job-scale", "3"],
    );
    expect(variants.program!.jobs).to.include({ submitted: 9, completed: 9, workSeconds: 3 * (10 + 20 + 10) });
    expect(out).to.contain("jobs: tokens.csv, as recorded, 0.1 s per token, repeated, each 3 times on average");
  });

  it("says which jobs SQS's 12 hours are too short for", async () => {
    const file = fileOf("days.csv", "at_s,seconds", "0,50000", "3600,5");
    const { out } = await jobsOf(...WORKERS, "--days", "0.02", "--jobs", file);
    expect(out).to.match(
      /^program: 1 of 1 jobs take longer than the 12 h that SQS hides a message: without checkpoints/m,
    );
  });

  it("is refused by a program without workers, and by a file that has no jobs", async () => {
    const jobs = fileOf("jobs.csv", "at_s,seconds", "0,30");
    const without = await rehearseCommand(...PLAIN, "--days", "0.01", "--jobs", jobs);
    expect(without.code).to.equal(2);
    expect(without.err).to.match(/jobs\.queues: no queue for the jobs; allowed: a program with workers/);
    const wrong = await rehearseCommand(...WORKERS, "--days", "0.01", "--jobs", fileOf("no.csv", "a,b", "1,2"));
    expect(wrong.code).to.equal(2);
    expect(wrong.err).to.match(/no\.csv:1: the columns a,b/);
  });
});

describe("a scenario's jobs", () => {
  const scenario = (...lines: string[]): string[] => {
    const program = path.resolve("tests/fixtures/workerProgram/index.ts");
    const head = [`program: ${program}`, "variants: [mine]", "days: 0.1"];
    return ["--scenario", fileOf("workers.yaml", ...head, ...lines)];
  };

  it("are generated where there is no file, and go to the queues as it says", async () => {
    const jobs = "jobs: {perHour: 300, lengths: {medianSeconds: 5, sigma: 1}, queues: {high: 0.2, low: 0.8}}";
    const { out, variants } = await jobsOf(...scenario(jobs));
    expect(variants.mine!.jobs.submitted).to.be.within(200, 500);
    expect(Object.keys(variants.mine!.jobs.queueSeconds)).to.deep.equal(["high", "low"]);
    expect(out).to.match(/^jobs: generated, seed 1: 300 jobs\/hour, daily swing 0.6, log-normal around 5 s, sigma 1$/m);
  });

  it("go to queues that the workers have, and to no others", async () => {
    const { code, err } = await rehearseCommand(...scenario("jobs: {queues: {hihg: 1, low: 2}}"));
    expect(code).to.equal(2);
    expect(err).to.contain(
      "jobs.queues.hihg: a queue that no worker of the program takes jobs from; allowed: high, low",
    );
  });

  it("are done by a consumer as the profile says, which a variant may say otherwise", async () => {
    const jobs = "jobs: {perHour: 60, lengths: {medianSeconds: 90, sigma: 0.1}}";
    const profile = "profile: {jobs: {checkpoints: true, onSigterm: exit}}";
    const variants = "variants: [mine, {name: plain, profile: {jobs: {consumer: plain}}}]";
    const file = scenario(jobs, profile)[1]!;
    writeFileSync(file, readFileSync(file, "utf8").replace("variants: [mine]", variants));
    const { variants: measured } = await jobsOf("--scenario", file);
    expect(measured.mine!.jobs.repeatedBy.visibilityLapsed).to.equal(0);
    expect(measured.plain!.jobs.repeatedBy.visibilityLapsed).to.be.greaterThan(10);
  });

  it("are refused with what is wrong with them", async () => {
    const { code, err } = await rehearseCommand(...scenario("jobs: {scale: 0, lengths: {medianSeconds: 5}}"));
    expect(code).to.equal(2);
    expect(err)
      .to.match(/jobs\.scale: 0/)
      .and.match(/jobs\.lengths: /);
  });
});
