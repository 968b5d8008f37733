import { expect } from "chai";
import * as fc from "fast-check";
import { mean, median } from "simple-statistics";
import { repeatJobs, scaleJobs } from "../../../rehearsal/inputs/jobArrivals";
import { readJobs } from "../../../rehearsal/inputs/jobs";
import { type JobsInput, jobsSchema } from "../../../rehearsal/inputs/jobsSchema";
import { randomStream } from "../../../rehearsal/inputs/random";
import { fixture, inputErrorOf, problemsOf, recorded, removeFixtures } from "./files";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

after(removeFixtures);

const read = (changes: Partial<JobsInput>, seed = 1, durationMs = DAY) =>
  readJobs({ ...jobsSchema.parse({}), ...changes }, seed, durationMs);

const tokens = () =>
  fixture("tokens.csv", ["t_ms,context_tokens,generated_tokens", "0,374,44", "4315,396,109", "10000,1,10"]);
const batch = () =>
  fixture("batch.csv", ["submit_s,run_s,procs", "0,1451,128", "1460,3726,128", "7200,60,1", "10800,0,1"]);

describe("jobs from a file", () => {
  it("that counts tokens last as long as their tokens, each of which takes a stated time", () => {
    const { arrivals, source } = read({ file: tokens(), secondsPerToken: 0.05 }, 1, 10_001);
    expect(arrivals).to.deep.equal([
      { atMs: 0, workMs: 2200 },
      { atMs: 4315, workMs: 5450 },
      { atMs: 10_000, workMs: 500 },
    ]);
    expect(source).to.equal("tokens.csv, as recorded, 0.05 s per token");
  });

  it("that tells run times keep them, and their instants", () => {
    const { arrivals } = read({ file: batch() }, 1, 3 * HOUR + 1);
    expect(arrivals.map(({ atMs }) => atMs / 1000)).to.deep.equal([0, 1460, 7200, 10_800]);
    expect(arrivals.map(({ workMs }) => workMs / 1000)).to.deep.equal([1451, 3726, 60, 0]);
  });

  it("begin where one says, and start again when they are over", () => {
    const { arrivals, source } = read({ file: batch(), fromHours: 1 }, 1, 3 * HOUR);
    expect(arrivals.map(({ atMs }) => atMs)).to.deep.equal([HOUR, 2 * HOUR]);
    expect(source).to.equal("batch.csv from hour 1, as recorded, repeated");
  });

  it("are longer by a factor that is told", () => {
    const { arrivals, source } = read({ file: batch(), lengthScale: 0.1 }, 1, HOUR);
    expect(arrivals.map(({ workMs }) => workMs)).to.deep.equal([145_100, 372_600]);
    expect(source).to.equal("batch.csv, as recorded, lengths × 0.1");
  });

  it("come as often as one says on average, each at its instant", () => {
    const all = Array.from({ length: 1000 }, (_, index) => ({ atMs: index, workMs: index }));
    const jobs = { source: "test", durationMs: 1000, arrivals: all };
    const scaled = scaleJobs(jobs, 2.3, randomStream(1, "test"));
    expect(scaled.arrivals.length).to.be.within(2200, 2400);
    expect(scaled.source).to.equal("test, each 2.3 times on average");
    for (const { atMs, workMs } of scaled.arrivals) expect(workMs).to.equal(atMs);
    expect(scaleJobs(jobs, 1, () => 0)).to.equal(jobs);
  });

  it("need the time per token where they count tokens", () => {
    const file = tokens();
    const { where, given, allowed, fix } = inputErrorOf(() => read({ file })).problems[0]!;
    expect(where).to.equal(`${file}:1`);
    expect(given).to.equal("tokens without the time that one takes");
    expect(allowed).to.equal("secondsPerToken, a number greater than 0");
    expect(fix).to.equal("give it, e.g. --seconds-per-token 0.05, or secondsPerToken: 0.05 among the scenario's jobs");
  });

  it("tell every wrong row", () => {
    const file = fixture("wrong.csv", ["at_s,seconds", "10,5", "9,5", "20,long", "30,-1"]);
    expect(problemsOf(() => read({ file }))).to.deep.equal([
      "wrong.csv:3 at_s is 9, earlier than the row before",
      'wrong.csv:4 seconds is "long"',
      'wrong.csv:5 seconds is "-1"',
    ]);
  });

  it("must have a job behind the chosen start", () => {
    const [problem] = inputErrorOf(() => read({ file: batch(), fromHours: 4 })).problems;
    expect(problem).to.include({ given: "no job from hour 4 on", allowed: "a start before hour 3" });
  });

  it("must have a known header", () => {
    const file = fixture("other.csv", ["when,what", "1,2"]);
    const [problem] = inputErrorOf(() => read({ file })).problems;
    expect(problem!.allowed).to.equal("t_ms,generated_tokens or submit_s,run_s or at_s,seconds");
  });
});

describe("the recorded jobs", () => {
  it("of a language model are read, with their own instants and lengths", function () {
    const { arrivals } = read({ file: recorded(this, "jobs/azure_llm_2023_conv.csv"), secondsPerToken: 0.1 });
    expect(arrivals.slice(0, 2)).to.deep.equal([
      { atMs: 0, workMs: 4400 },
      { atMs: 4315, workMs: 10_900 },
    ]);
  });

  it("of a parallel computer are read, three months of them", function () {
    const { arrivals } = read({ file: recorded(this, "jobs/nasa_ipsc_1993_jobs.csv") }, 1, 92 * DAY);
    expect(arrivals.length).to.be.at.least(18_000);
    expect(arrivals.slice(0, 2)).to.deep.equal([
      { atMs: 0, workMs: 1_451_000 },
      { atMs: 1_460_000, workMs: 3_726_000 },
    ]);
  });
});

describe("jobs that start again", () => {
  it("keep their instants and lengths, and their order", () =>
    fc.assert(
      fc.property(
        fc.array(fc.record({ atMs: fc.nat(1000), workMs: fc.nat(100) }), { minLength: 1 }),
        fc.integer({ min: 1, max: 5000 }),
        (unsorted, untilMs) => {
          const arrivals = [...unsorted].sort((a, b) => a.atMs - b.atMs);
          const repeated = repeatJobs({ source: "test", durationMs: 1001, arrivals }, untilMs);
          const times = repeated.arrivals.map(({ atMs }) => atMs);
          expect(times).to.deep.equal([...times].sort((a, b) => a - b));
          expect(Math.max(0, ...times)).to.be.lessThan(untilMs);
          const inFirst = repeated.arrivals.filter(({ atMs }) => atMs < 1001);
          expect(inFirst).to.deep.equal(arrivals.filter(({ atMs }) => atMs < untilMs));
          const inSecond = repeated.arrivals.filter(({ atMs }) => atMs >= 1001 && atMs < 2002);
          const shifted = arrivals.map((each) => ({ ...each, atMs: each.atMs + 1001 }));
          expect(inSecond).to.deep.equal(shifted.filter(({ atMs }) => atMs < untilMs));
        },
      ),
    ));
});

describe("generated jobs", () => {
  it("come as often as their mean says, more by day than by night", () => {
    const { arrivals } = read({ perHour: 100 }, 1, 10 * DAY);
    expect(arrivals.length / 240).to.be.closeTo(100, 3);
    const between = (from: number, to: number): number =>
      arrivals.filter(({ atMs }) => atMs % DAY >= from * HOUR && atMs % DAY < to * HOUR).length;
    expect(between(9, 15) / between(21, 24)).to.be.greaterThan(2);
  });

  it("are in order, and differ with the seed alone", () => {
    const { arrivals } = read({});
    expect(arrivals.every(({ atMs }, index) => index === 0 || atMs >= arrivals[index - 1]!.atMs)).to.equal(true);
    expect(read({})).to.deep.equal(read({}));
    expect(read({}, 2).arrivals).to.not.deep.equal(arrivals);
  });

  it("are log-normal around their median", () => {
    const { arrivals } = read({ perHour: 1000, lengths: { medianSeconds: 30, sigma: 1 } });
    expect(median(arrivals.map(({ workMs }) => workMs / 1000))).to.be.closeTo(30, 1);
    expect(mean(arrivals.map(({ workMs }) => workMs / 1000))).to.be.closeTo(30 * Math.exp(0.5), 2.5);
  });

  it("are cut to the longest, where that is given", () => {
    const { arrivals, source } = read({ lengths: { medianSeconds: 30, sigma: 1, mostSeconds: 40 } });
    expect(Math.max(...arrivals.map(({ workMs }) => workMs))).to.equal(40_000);
    expect(source).to.match(/sigma 1, at most 40 s$/);
    const pareto = read({ lengths: { leastSeconds: 5, alpha: 1.5, mostSeconds: 20 } });
    expect(Math.max(...pareto.arrivals.map(({ workMs }) => workMs))).to.equal(20_000);
  });

  it("have a long tail where they are Pareto's, and none below its least", () => {
    const { arrivals, source } = read({ perHour: 1000, lengths: { leastSeconds: 5, alpha: 1.5 } });
    const seconds = arrivals.map(({ workMs }) => workMs / 1000);
    expect(Math.min(...seconds)).to.be.at.least(5);
    expect(Math.max(...seconds)).to.be.greaterThan(500);
    expect(median(seconds)).to.be.closeTo(5 * 2 ** (1 / 1.5), 0.3);
    expect(source).to.equal("generated, seed 1: 1000 jobs/hour, daily swing 0.6, Pareto from 5 s, alpha 1.5");
  });
});
