import { expect } from "chai";
import { readScenario, type Scenario } from "../../../rehearsal/scenario";
import { declareOnce, rehearse, type Rehearsed } from "../../../rehearsal/rehearse";
import type { LogLine } from "../../../rehearsal/world/log";
import { chartsOf, tableOf } from "../../../rehearsal/report/charts";
import { renderPage } from "../../../rehearsal/report/page";

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const declare = declareOnce();

async function run(
  name: string,
  records: boolean,
  changes: Partial<Scenario> = {},
): Promise<{ rehearsed: Rehearsed; log: LogLine[] }> {
  const log: LogLine[] = [];
  const rehearsed = await rehearse({
    scenario: { ...readScenario(name), days: 0.25, seed: 2, hazardScale: 6000, ...changes },
    allFlags: false,
    wallClock: () => 0,
    declare,
    records,
    watcher: { begin: () => undefined, progress: () => undefined, sink: () => (line) => void log.push(line) },
  });
  return { rehearsed, log };
}

describe("recording a rehearsal", function () {
  this.timeout(60_000);
  let recorded: Awaited<ReturnType<typeof run>>;
  before(async () => {
    recorded = await run("small-cluster", true);
  });

  it("changes neither its log nor its result", async () => {
    const { rehearsed, log } = await run("small-cluster", false);
    expect(rehearsed.recordings).to.deep.equal({});
    expect(recorded.rehearsed.result).to.deep.equal(rehearsed.result);
    expect(recorded.log).to.deep.equal(log);
  });

  it("gives the same bytes for the same seed", async () => {
    const again = await run("small-cluster", true);
    const page = ({ result, recordings }: Rehearsed): string =>
      renderPage({ result, recordings }, { scenario: "", description: "", command: "", sources: [], remarks: [] });
    expect(page(again.rehearsed)).to.equal(page(recorded.rehearsed));
  });

  it("loses no request: the series add up to the result, by cause", () => {
    const { result, recordings } = recorded.rehearsed;
    let failures = 0;
    for (const [name, { requests }] of Object.entries(recordings)) {
      const { served, failedBy } = result.variants[name]!.requests;
      expect(sum(requests.served)).to.be.closeTo(served, 1);
      for (const [cause, count] of Object.entries(failedBy))
        expect(sum(requests.failed[cause] ?? []), cause).to.equal(count);
      failures += result.variants[name]!.requests.failed;
    }
    expect(failures, "something failed somewhere, or this proves little").to.be.greaterThan(0);
  });

  it("has every interruption that came true, and says when each task of it was out, told and gone", () => {
    const { result, recordings } = recorded.rehearsed;
    for (const [name, { interruptions }] of Object.entries(recordings)) {
      const { notices, withoutNotice } = result.variants[name]!.interruptions;
      expect(interruptions.length).to.be.at.least(Math.max(1, notices, withoutNotice));
      expect(interruptions.filter(({ noticed }) => noticed)).to.have.length(notices);
    }
    const drained = recordings.spotproof!.interruptions.find(({ tasks, noticed }) => noticed && tasks > 0)!;
    const { draining, lastTargetOut, lastExit } = drained.timing;
    expect(draining).to.be.within(0, 5);
    expect(lastTargetOut).to.be.within(0, lastExit!);
    expect(lastExit).to.be.below(120);
    expect(drained.hasLines).to.equal(true);
  });

  it("keeps the bounds of what tasks there were: what the charts and their tables show is within them", () => {
    for (const recording of Object.values(recorded.rehearsed.recordings)) {
      const [{ healthy, running, desired }] = recording.services as [(typeof recording.services)[number]];
      healthy.min.forEach((value, index) => expect(value).to.be.at.most(healthy.max[index]!));
      expect(Math.max(...running.max)).to.be.at.least(Math.max(...desired.min));
      for (const chart of chartsOf(recording)) {
        const whole = { from: 0, to: recording.durationMs / 1000 };
        const rows = tableOf(chart, recording.bucketMs / 1000, whole);
        expect(rows.length).to.be.within(1, 48);
        const values = rows.map(({ cells }) => cells[0]![1]);
        const all = chart.series[0]!.values;
        if (chart.adds) expect(sum(values)).to.equal(sum(all));
        else expect(Math.max(...values)).to.equal(Math.max(...all));
      }
    }
  });

  it("has the queues of workers, at their fullest", async () => {
    const { rehearsed } = await run("workers", true, { days: 0.05, variants: ["spotproof"] });
    const { queues } = rehearsed.recordings.spotproof!;
    expect(queues.map(({ name }) => name)).to.include.members(["high", "low"]);
    expect(Math.max(...queues.flatMap(({ visible, inFlight }) => [...visible.max, ...inFlight.max]))).to.be.greaterThan(
      0,
    );
  });
});
