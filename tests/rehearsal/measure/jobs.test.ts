import { expect } from "chai";
import { REPEAT_CAUSES } from "../../../rehearsal/jobs/job";
import { JobLedger } from "../../../rehearsal/jobs/ledger";
import { JobMeter } from "../../../rehearsal/measure/jobs";
import { scoreboard } from "../../../rehearsal/measure/scoreboard";
import { seedsResult, seedsScoreboard } from "../../../rehearsal/measure/seeds";
import type { World } from "../../../rehearsal/world/world";
import { later, makeStage, makeWorld, MINUTE, SECOND } from "../world/support";
import { result, variantResult } from "./results";

function meter() {
  const { world } = makeWorld();
  const ledger = new JobLedger(world.clock);
  return { world, ledger, measured: new JobMeter(world, ledger, []) };
}

/** A job of a minute in a queue. */
function submit({ ledger }: { readonly ledger: JobLedger }, messageId: string, queue = "high") {
  ledger.submit({ messageId, queue, workMs: MINUTE });
  return ledger.of(messageId)!;
}

const wait = (world: World, seconds: number): Promise<void> => later(world, seconds * SECOND);

describe("jobs", () => {
  it("are counted by what became of them, and each is one of these", async () => {
    const { world, ledger, measured } = meter();
    const [done, dead, lost] = ["done", "dead", "lost", "open"].map((id) => submit({ ledger }, id));
    ledger.end(ledger.begin(done!, "one", 1), "done");
    dead!.gone = "deadLettered";
    lost!.gone = "lost";
    await wait(world, 1);
    const counted = measured.result(5);
    expect(counted).to.include({ submitted: 4, completed: 1, deadLettered: 1, lost: 1, open: 1, usdPerThousand: 5000 });
  });

  it("wait until they are first begun, and those that nobody begins until now", async () => {
    const { world, ledger, measured } = meter();
    const first = submit({ ledger }, "first");
    submit({ ledger }, "waiting");
    const low = submit({ ledger }, "low", "low");
    await wait(world, 10);
    ledger.begin(low, "one", 1);
    await wait(world, 10);
    ledger.begin(first, "another", 1);
    await wait(world, 30);
    ledger.begin(low, "a third", 2);
    expect(measured.result(0).queueSeconds).to.deep.equal({
      high: { p50: 35, p95: 48.5, max: 50 },
      low: { p50: 10, p95: 10, max: 10 },
    });
  });

  it("waste what was worked on them in vain", async () => {
    const { world, ledger, measured } = meter();
    const job = submit({ ledger }, "job");
    ledger.begin(job, "one", 1);
    await wait(world, 40);
    ledger.workerEnded("one", "workerKilled");
    expect(measured.result(0)).to.include({ workSeconds: 40, thrownAwaySeconds: 40 });
    const again = ledger.begin(job, "another", 2);
    await wait(world, 30);
    expect(measured.result(0), "what is being done may be of use").to.include({
      workSeconds: 70,
      thrownAwaySeconds: 40,
    });
    await wait(world, 30);
    ledger.end(again, "done");
    expect(measured.result(0)).to.include({ workSeconds: 100, thrownAwaySeconds: 40, repeated: 1 });
    expect(measured.result(0).repeatedBy.workerKilled).to.equal(1);
  });

  it("waste nothing of what a checkpoint has kept", async () => {
    const { world, ledger, measured } = meter();
    const job = submit({ ledger }, "job");
    const attempt = ledger.begin(job, "one", 1);
    await wait(world, 40);
    ledger.checkpoint(attempt);
    await wait(world, 5);
    ledger.end(attempt, "givenBack");
    expect(measured.result(0)).to.include({ workSeconds: 45, thrownAwaySeconds: 5 });
    const again = ledger.begin(job, "another", 2);
    await wait(world, 20);
    ledger.end(again, "done");
    expect(measured.result(0)).to.include({ workSeconds: 65, thrownAwaySeconds: 5 });
  });

  it("waste what a second worker does beside the first", async () => {
    const { world, ledger, measured } = meter();
    const job = submit({ ledger }, "job");
    const attempts = ["one", "another"].map((worker, index) => ledger.begin(job, worker, index + 1));
    await wait(world, 60);
    for (const attempt of attempts) ledger.end(attempt, "done");
    expect(measured.result(0)).to.include({ completed: 1, workSeconds: 120, thrownAwaySeconds: 60 });
  });

  it("are held against the time that their workers' tasks run", async () => {
    const { world, service } = await makeStage();
    const measured = new JobMeter(world, new JobLedger(world.clock), [service]);
    await later(world, 10 * MINUTE);
    expect(measured.result(0).taskSeconds).to.equal(20 * 60);
  });

  it("cost nothing each where there are none", () => {
    expect(meter().measured.result(100)).to.include({ submitted: 0, usdPerThousand: 0 });
  });
});

describe("the scoreboards", () => {
  const { jobs: none } = variantResult();
  const repeatedBy = Object.fromEntries(REPEAT_CAUSES.map((cause, index) => [cause, index])) as typeof none.repeatedBy;
  const jobs = {
    ...none,
    submitted: 1234,
    completed: 1200,
    repeated: 45,
    repeatedBy,
    queueSeconds: { high: { p50: 1.2, p95: 9.8, max: 61.5 } },
    workSeconds: 18_000,
    thrownAwaySeconds: 660,
    taskSeconds: 36_000,
    usdPerThousand: 1.234,
  };
  const withJobs = result({
    spotproof: variantResult({ jobs }),
    elasticBeanstalkLike: variantResult(),
    third: variantResult(),
  });

  it("tell of jobs where some variant has any, and fit a terminal of 120 columns", () => {
    const board = scoreboard(withJobs);
    for (const words of ["Jobs submitted", "1,234", "Seconds in queue high", "0.50", "11", "$1.23"])
      expect(board).to.include(words);
    for (const line of board.split("\n")) expect(line.length).to.be.at.most(120);
    expect(seedsScoreboard(seedsResult([withJobs, withJobs]))).to.match(/Jobs begun again +│ +90 \(45\)/);
  });

  it("don't speak of jobs where there are none", () => {
    const without = result({ spotproof: variantResult() });
    expect(scoreboard(without)).to.not.match(/jobs/i);
    expect(seedsScoreboard(seedsResult([without]))).to.not.match(/jobs/i);
  });
});
