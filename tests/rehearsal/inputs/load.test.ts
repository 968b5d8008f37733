import { expect } from "chai";
import fc from "fast-check";
import { mean } from "simple-statistics";
import {
  generateLoad,
  type LoadStep,
  rateAt,
  readLoad,
  repeatLoad,
  totalRequests,
} from "../../../rehearsal/inputs/load";
import { mergeSteps } from "../../../rehearsal/inputs/loadProfile";
import { fixture, problemsOf, recorded, removeFixtures } from "./files";

after(removeFixtures);

const load = (...lines: string[]) => fixture("load.csv", lines);
const minutes = (...counts: number[]) => load("minute,requests", ...counts.map((count, i) => `${i},${count}`));

describe("a recorded load", () => {
  it("becomes one rate for each minute, and equal neighbours one step", () => {
    const { steps, durationMs, source } = readLoad(minutes(60, 60, 120));
    expect(steps).to.deep.equal([
      { atMs: 0, requestsPerSecond: 1 },
      { atMs: 120_000, requestsPerSecond: 2 },
    ]);
    expect(durationMs).to.equal(180_000);
    expect(source).to.equal("load.csv, as recorded");
  });

  it("is scaled, and says so", () => {
    const scaled = readLoad(minutes(60), { scale: 20 });
    expect(scaled.steps).to.deep.equal([{ atMs: 0, requestsPerSecond: 20 }]);
    expect(scaled.source).to.equal("load.csv, scaled × 20");
  });

  it("takes its interval from the timestamps, and an interval without a row as one without requests", () => {
    const path = load(
      "timestamp,requests",
      "2014-04-10T00:04:00,300",
      "2014-04-10 00:09:00,600",
      "2014-04-10T00:14:00Z,600",
      "2014-04-10T01:24:00+01:00,300",
    );
    expect(readLoad(path).steps).to.deep.equal([
      { atMs: 0, requestsPerSecond: 1 },
      { atMs: 300_000, requestsPerSecond: 2 },
      { atMs: 900_000, requestsPerSecond: 0 },
      { atMs: 1_200_000, requestsPerSecond: 1 },
    ]);
  });

  it("reads the first column of counts, or the one chosen behind a #", () => {
    const path = load("minute,all,f00", "0,60,120", "1,60,180");
    expect(readLoad(path).steps).to.have.length(1);
    expect(readLoad(`${path}#f00`).steps.map((step) => step.requestsPerSecond)).to.deep.equal([2, 3]);
    expect(readLoad(`${path}#f00`).source).to.equal("load.csv#f00, as recorded");
    expect(problemsOf(() => readLoad(`${path}#f01`))).to.deep.equal(['load.csv:1 column "f01"']);
  });

  it("tells every wrong row at once", () => {
    const path = load("minute,requests", "0,many", "1,-3", "2.5,1", "3", "4,1", "4,1", "3,1");
    expect(problemsOf(() => readLoad(path))).to.deep.equal([
      "load.csv:5 1 fields",
      'load.csv:2 requests is "many"',
      'load.csv:3 requests is "-3"',
      'load.csv:4 minute is "2.5"',
      "load.csv:7 the time doesn't rise",
      "load.csv:8 the time doesn't rise",
    ]);
  });

  it("refuses wrong timestamps, intervals that overlap, a single timestamp, unknown columns and a senseless scale", () => {
    const at = (...times: string[]) => load("timestamp,requests", ...times.map((time) => `2014-04-10T00:${time},1`));
    expect(problemsOf(() => readLoad(load("timestamp,requests", "noon,1")))).to.deep.equal([
      'load.csv:2 timestamp is "noon"',
    ]);
    expect(problemsOf(() => readLoad(at("00", "05", "10", "12")))).to.deep.equal([
      "load.csv:5 120 s after the row before",
    ]);
    expect(problemsOf(() => readLoad(at("00")))).to.deep.equal(["load.csv one timestamp"]);
    expect(problemsOf(() => readLoad(load("when,requests", "1,2")))).to.deep.equal([
      "load.csv:1 the columns when,requests",
    ]);
    expect(problemsOf(() => readLoad(load("minute", "1")))).to.deep.equal(["load.csv:1 the columns minute"]);
    expect(problemsOf(() => readLoad(minutes(1), { scale: 0 }))).to.deep.equal(["scale 0"]);
  });

  it("keeps every request of the real recordings", function () {
    const total = (name: string) => totalRequests(readLoad(recorded(this, `web/${name}`), { scale: 2 }));
    expect(total("nasa_http_1995-07_per_min.csv")).to.be.closeTo(2 * 1_891_672, 1e-3);
    expect(total("nab_elb_request_count_5min.csv")).to.be.closeTo(2 * 249_327, 1e-3);
    expect(total("azure_functions_2019_day_60fn_per_min.csv")).to.be.closeTo(2 * 927_272, 1e-3);
  });
});

const counts = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 30 });

describe("the laws of a load", () => {
  it("merging keeps the total and the rate at every moment", () => {
    fc.assert(
      fc.property(counts, (rates) => {
        const steps: LoadStep[] = rates.map((requestsPerSecond, i) => ({ atMs: i * 1000, requestsPerSecond }));
        const profile = { source: "", durationMs: rates.length * 1000, steps: mergeSteps(steps) };
        expect(totalRequests(profile)).to.equal(rates.reduce((sum, rate) => sum + rate, 0));
        rates.forEach((rate, i) => expect(rateAt(profile, i * 1000 + 999)).to.equal(rate));
        profile.steps.slice(1).forEach((step, i) => {
          expect(step.requestsPerSecond).to.not.equal(profile.steps[i]!.requestsPerSecond);
        });
      }),
    );
  });

  it("reading keeps the total", () => {
    fc.assert(
      fc.property(counts, (requests) => {
        const sum = requests.reduce((all, count) => all + count, 0);
        expect(totalRequests(readLoad(minutes(...requests)))).to.be.closeTo(sum, 1e-9);
      }),
      { numRuns: 20 },
    );
  });

  it("repeating is periodic and ends where it is told to", () => {
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 200_000 }), fc.nat(), (rates, untilMs, moment) => {
        const steps = mergeSteps(rates.map((requestsPerSecond, i) => ({ atMs: i * 1000, requestsPerSecond })));
        const profile = { source: "", durationMs: rates.length * 1000, steps };
        const repeated = repeatLoad(profile, untilMs);
        const atMs = moment % untilMs;
        expect(repeated.durationMs).to.equal(untilMs);
        expect(rateAt(repeated, atMs)).to.equal(rateAt(profile, atMs % profile.durationMs));
        expect(rateAt(repeated, untilMs)).to.equal(0);
        repeated.steps.forEach((step) => expect(step.atMs).to.be.below(untilMs));
      }),
    );
  });
});

describe("a generated load", () => {
  const shape = { seed: 3, durationMs: 2 * 86_400_000, meanRequestsPerSecond: 50, dailySwing: 0.5, noise: 0.2 };

  it("is the same for the same seed and another for another", () => {
    expect(generateLoad(shape)).to.deep.equal(generateLoad(shape));
    expect(generateLoad(shape).steps).to.not.deep.equal(generateLoad({ ...shape, seed: 4 }).steps);
  });

  it("has the mean asked for over whole days, low at midnight and high at noon", () => {
    const generated = generateLoad(shape);
    expect(totalRequests(generated) / 172_800).to.be.closeTo(50, 1);
    const hour = (from: number) =>
      mean(Array.from({ length: 60 }, (_, i) => rateAt(generated, (from * 60 + i) * 60_000)));
    expect(hour(0)).to.be.closeTo(25, 3);
    expect(hour(12)).to.be.closeTo(75, 8);
  });

  it("is one step without swing and noise", () => {
    expect(generateLoad({ ...shape, dailySwing: 0, noise: 0 }).steps).to.deep.equal([
      { atMs: 0, requestsPerSecond: 50 },
    ]);
  });

  it("never has a negative rate", () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.integer(), unit, unit, (seed, dailySwing, noise) => {
        const { steps } = generateLoad({ ...shape, durationMs: 3_600_000, seed, dailySwing, noise });
        steps.forEach((step) => expect(step.requestsPerSecond).to.be.at.least(0));
      }),
    );
  });

  it("refuses what makes no load", () => {
    expect(() => generateLoad({ ...shape, dailySwing: 2 })).to.throw(RangeError, "dailySwing is 2; allowed: 0 to 1");
    expect(() => generateLoad({ ...shape, meanRequestsPerSecond: NaN })).to.throw(RangeError, "meanRequestsPerSecond");
  });
});
