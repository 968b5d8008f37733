/** What a worker tier promises, shown on the example program: priorities, the way from zero, what it costs. */
import { expect } from "chai";
import type { MeasuredResult } from "../../../rehearsal/measure/result";
import { declareOnce, rehearse } from "../../../rehearsal/rehearse";
import { checkScenario } from "../../../rehearsal/scenario";
import { CLOUD_WATCH } from "../../../rehearsal/world/constants";
import { evenly, rehearseWorkers } from "./support";

const declare = declareOnce();
const watcher = { begin: () => undefined, progress: () => undefined, sink: () => undefined };

const CONFIG = { acceptableLatencySeconds: 360, msgProcessingSeconds: 90, scaling: { minCount: 0, maxCount: 20 } };

async function jobsOf(jobs: object, given: object = {}, config: object = {}): Promise<MeasuredResult["jobs"]> {
  const scenario = checkScenario(
    {
      program: "examples/web-and-workers/index.ts",
      variants: ["spotproof"],
      config: { ...CONFIG, ...config },
      days: 0.5,
      requestsPerSecond: 1,
      jobs,
      ...given,
    },
    "test",
  );
  const { result } = await rehearse({ scenario, allFlags: false, watcher, wallClock: () => 0, declare });
  return result.variants.spotproof!.jobs;
}

const LENGTHS = { medianSeconds: 40, sigma: 1 };

describe("a worker tier's priorities", function () {
  this.timeout(120_000);

  it("are strict: under a flood of low jobs, high ones wait no longer than without", async () => {
    const alone = await jobsOf({ perHour: 60, lengths: LENGTHS, queues: { high: 1, low: 0 } }, { hazardScale: 500 });
    const flood = await jobsOf(
      { perHour: 1200, lengths: LENGTHS, queues: { high: 0.05, low: 0.95 } },
      { hazardScale: 500 },
    );
    expect(flood.queueSeconds.low!.p95).to.be.greaterThan(10 * flood.queueSeconds.high!.p95);
    expect(flood.queueSeconds.high!.p95).to.be.at.most(1.1 * alone.queueSeconds.high!.p95);
  });

  it("are strict: of two queues that are never empty, only the first moves", async () => {
    const { started } = await saturated("strict");
    expect(started.low! / started.high!).to.be.lessThan(0.02);
  });

  it("are weights: of two queues that are never empty, each moves by its own", async () => {
    const { started } = await saturated("weighted");
    expect(started.low! / started.high!).to.be.within(0.28, 0.38);
  });
});

/** Four tasks with a job each, and twice as many jobs as they can do. */
async function saturated(polling: "strict" | "weighted"): Promise<{ readonly started: Record<string, number> }> {
  const started: Record<string, number> = { high: 0, low: 0 };
  await rehearseWorkers({
    shape: { instances: 4, tasks: 4, polling },
    jobs: { ...evenly(1400, 2.5, 20), durationMs: 3_600_000 },
    prepare: (world) => {
      for (const { spec, events } of world.queues.values()) {
        events.received.subscribe(() => (started[spec.name.startsWith("high") ? "high" : "low"]! += 1));
      }
    },
  });
  return { started };
}

describe("a worker tier at zero tasks", function () {
  this.timeout(120_000);

  it("begins its first job within the metric's delay and one start", async () => {
    // A job every two hours: each time, the tier has gone to zero before.
    const { queueSeconds, completed, submitted } = await jobsOf(
      { perHour: 0.5, dailySwing: 0, lengths: { medianSeconds: 30, sigma: 0 }, queues: { high: 1, low: 0 } },
      { days: 2, hazardScale: 0.001, faults: "none" },
    );
    expect(submitted).to.be.greaterThan(10);
    expect(completed).to.equal(submitted);
    const minute = 60;
    const parts = {
      untilTheMinuteEnds: minute,
      publication: CLOUD_WATCH.publicationMs.max / 1000,
      untilTheAlarmLooks: minute,
      pullStartAndPoll: minute,
    };
    const sum = Object.values(parts).reduce((total, seconds) => total + seconds, 0);
    expect(queueSeconds.high!.max, JSON.stringify(parts)).to.be.at.most(sum);
  });
});

describe("a worker tier whose jobs are short", function () {
  this.timeout(120_000);

  it("has little more task time than work, and ends no job for it", async () => {
    const { workSeconds, taskSeconds, repeatedBy } = await jobsOf(
      { perHour: 6000, dailySwing: 0, lengths: { medianSeconds: 3, sigma: 0.8, mostSeconds: 40 } },
      { hazardScale: 0.001, faults: "none", days: 0.5 },
      { acceptableLatencySeconds: 60, msgProcessingSeconds: 4, longestJobSeconds: 40 },
    );
    expect(taskSeconds / workSeconds).to.be.at.most(1.25);
    const { sqsDuplicate: _, ...others } = repeatedBy;
    expect(Object.values(others).filter((count) => count > 0)).to.deep.equal([]);
  });
});
