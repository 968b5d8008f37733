import { expect } from "chai";
import type { MeasuredResult } from "../../../rehearsal/measure/result";
import { keyOf } from "../../../rehearsal/world/cloudWatch/metrics";
import { BAD_DAY } from "../../../rehearsal/world/faults";
import type { LogLine } from "../../../rehearsal/world/log";
import type { World } from "../../../rehearsal/world/world";
import { HOUR, MINUTE, SECOND } from "../../support/stage";
import { at, clusterOf, evenly, loseOne, rehearseWorkers, repeats, serviceOf, stopOne, tasksOf } from "./support";

const told = (log: readonly LogLine[], what: string) => log.filter((line) => line.what === what);

/** ECS hears late of an instance that goes without a notice, which is a breach of its own. */
const brokenForJobs = ({ lawsBroken }: MeasuredResult) => lawsBroken.filter(({ law }) => law.startsWith("no job"));

describe("workers that run the consumer", () => {
  it("do every job once, as many at once as they may", async () => {
    let most = 0;
    const look = (world: World): void => {
      world.clock.every(30 * MINUTE, SECOND, () => {
        most = Math.max(most, ...[...world.queues.values()].map((queue) => queue.inFlight));
      });
    };
    const jobs = evenly(200, 1, 20);
    const { result } = await rehearseWorkers({ jobs, shape: { concurrency: 5 }, prepare: look });
    expect(result.jobs).to.include({ submitted: 200, completed: 200, repeated: 0, givenBack: 0, workSeconds: 4000 });
    expect(result.lawsBroken).to.deep.equal([]);
    expect(most).to.be.within(8, 10);
  });

  it("do the jobs of the first queue first, and those of the last all the same", async () => {
    const jobs = evenly(120, 5, 15);
    const { result } = await rehearseWorkers({ jobs, jobTargets: { shares: { high: 0.3, low: 0.7 } } });
    const { high, low } = result.jobs.queueSeconds;
    expect(high!.p95).to.be.lessThan(60);
    expect(low!.p95).to.be.greaterThan(300);
    expect(result.jobs.completed).to.equal(120);
  });

  it("finish what fits into the stop timeout, and take nothing more", async () => {
    const { result } = await rehearseWorkers({ jobs: evenly(60, 20, 25), prepare: at(5 * MINUTE, stopOne) });
    expect(result.jobs).to.include({ completed: 60, repeated: 0, thrownAwaySeconds: 0 });
    expect(result.tasks.killed).to.equal(0);
  });

  it("give back in time what doesn't, for another to begin it at once", async () => {
    const log: LogLine[] = [];
    const jobs = evenly(8, 120, 200);
    const prepare = at(241 * SECOND, stopOne);
    const { result } = await rehearseWorkers({ jobs, prepare, sink: (line) => log.push(line) });
    expect(repeats(result)).to.deep.equal({ givenBack: 1 });
    expect(result.jobs).to.include({ completed: 8, givenBack: 1 });
    expect(result.tasks.killed).to.equal(0);
    const stopping = told(log, "stopping")[0]!;
    const [back] = told(log, "givenBack");
    expect(back!.t - stopping.t).to.be.within(50 * SECOND, 60 * SECOND);
    expect(result.lawsBroken).to.deep.equal([]);
  });

  it("give it back at once where they know that it takes longer", async () => {
    const log: LogLine[] = [];
    const { result } = await rehearseWorkers({
      jobs: evenly(8, 120, 200),
      jobsProfile: { tellsLength: true },
      prepare: at(241 * SECOND, stopOne),
      sink: (line) => log.push(line),
    });
    expect(repeats(result)).to.deep.equal({ givenBack: 1 });
    expect(told(log, "givenBack")[0]!.t - told(log, "stopping")[0]!.t).to.be.lessThan(SECOND);
  });

  it("lose nothing of what they have done where they keep checkpoints", async () => {
    const { result } = await rehearseWorkers({
      jobs: evenly(8, 120, 200),
      jobsProfile: { checkpoints: true },
      prepare: at(241 * SECOND, stopOne),
    });
    expect(repeats(result)).to.deep.equal({ givenBack: 1 });
    expect(result.jobs.completed).to.equal(8);
    expect(result.jobs.thrownAwaySeconds).to.be.lessThan(0.1);
  });

  it("that are gone with their instance go on with nothing: others have their jobs once they are visible", async () => {
    const jobs = evenly(60, 20, 25);
    const { result, world } = await rehearseWorkers({ jobs, prepare: at(5 * MINUTE, loseOne) });
    expect(result.jobs).to.include({ completed: 60, lost: 0, open: 0 });
    expect(Object.keys(repeats(result))).to.deep.equal(["hostLost"]);
    expect([...world.queues.values()].map((queue) => queue.inFlight + queue.visible)).to.deep.equal([0, 0, 0, 0]);
    expect(brokenForJobs(result)).to.deep.equal([]);
  });

  it("keep the task from being scaled in while it works, and let it go when it is idle", async () => {
    const protectedAt: boolean[] = [];
    const look = (world: World): void => {
      const ask = (): void => {
        for (const task of tasksOf(world)) protectedAt.push(serviceOf(world).isShielded(task));
      };
      at(30 * SECOND, () => {
        ask();
        clusterOf(world).setDesiredCount(serviceOf(world), 0);
      })(world);
      at(50 * SECOND, ask)(world);
    };
    const { result, world } = await rehearseWorkers({
      jobs: evenly(2, 1, 300),
      prepare: look,
      durationMs: 20 * MINUTE,
    });
    expect(protectedAt).to.deep.equal([true, true, true, true]);
    expect(result.jobs).to.include({ completed: 2, repeated: 0 });
    expect(tasksOf(world)).to.deep.equal([]);
  });

  it("tell CloudWatch's CPU how busy they are", async () => {
    const seen: (number | undefined)[] = [];
    const look = at(30 * SECOND, (world) => seen.push(...tasksOf(world).map((task) => world.taskUtilization?.(task))));
    await rehearseWorkers({
      jobs: evenly(1, 1, 300),
      shape: { concurrency: 2 },
      jobsProfile: { cpuPercent: 90 },
      prepare: look,
    });
    expect(seen).to.have.members([45, 0]);
  });

  it("tell CloudWatch of their jobs by queue, in their log's lines", async () => {
    const { world } = await rehearseWorkers({ jobs: evenly(60, 10, 5), durationMs: 20 * MINUTE });
    const done = (QueueName: string) => {
      const metric = { namespace: "Spotproof", name: "JobsDone", dimensions: { QueueName } };
      return world.metrics.read(keyOf(metric), "Sum", 30 * MINUTE, 45 * MINUTE, Infinity) ?? 0;
    };
    expect(done("high")).to.be.greaterThan(10);
    expect(done("high") + done("low")).to.equal(60);
  });

  it("try a job whose handler fails again and again, and leave it to the dead-letter queue in the end", async () => {
    const { result } = await rehearseWorkers({
      jobs: evenly(10, 20, 5),
      shape: { maxReceiveCount: 3 },
      jobsProfile: { failShare: 1 },
    });
    expect(result.jobs).to.include({ completed: 0, deadLettered: 10, lost: 0 });
    expect(repeats(result)).to.deep.equal({ handlerFailed: 20 });
    expect(result.lawsBroken).to.deep.equal([]);
  });

  it("do the jobs of a message group in order, one after the other", async () => {
    const { result } = await rehearseWorkers({
      jobs: evenly(60, 1, 5),
      jobTargets: { groups: 1 },
      shape: { isFifo: true, concurrency: 5 },
    });
    expect(result.jobs).to.include({ completed: 60, repeated: 0 });
    expect(result.jobs.queueSeconds.high!.max).to.be.greaterThan(80);
  });

  it("lose a job that nobody takes within its retention, and that breaks a law", async () => {
    const shape = { retentionSeconds: 600, actions: [] };
    const { result } = await rehearseWorkers({ jobs: evenly(3, 1, 5), shape });
    expect(result.jobs).to.include({ lost: 3, completed: 0 });
    expect(result.lawsBroken.map(({ message }) => message)).to.deep.equal(Array(3).fill("its message expired"));
  });

  it("take a job of more than SQS's 12 hours up again, which comes to its end only with checkpoints", async () => {
    const options = { jobs: evenly(1, 1, 15 * 3600), durationMs: 30 * HOUR };
    const kept = await rehearseWorkers({ ...options, jobsProfile: { checkpoints: true } });
    expect(kept.result.jobs).to.include({ completed: 1 });
    const anew = await rehearseWorkers(options);
    expect(anew.result.jobs).to.include({ completed: 0, open: 1 });
    expect(repeats(anew.result)).to.deep.equal({ limit: 2 });
    expect(anew.result.lawsBroken).to.deep.equal([]);
  }).timeout(20_000);

  it("are deployed anew without a job being lost, and can't fail a health check that nobody makes", async () => {
    const { result } = await rehearseWorkers({
      jobs: evenly(60, 20, 25),
      deployments: [{ atHours: 0.2 }, { atHours: 0.5, fails: "health" }],
    });
    expect(result.deployments).to.deep.equal({ completed: 2, rolledBack: 0 });
    expect(result.jobs).to.include({ completed: 60, repeated: 0 });
  });

  it("hold the laws on a bad day, when calls fail and messages come twice", async () => {
    const { result } = await rehearseWorkers({
      jobs: evenly(300, 10, 30),
      shape: { concurrency: 3 },
      faults: BAD_DAY,
      prepare: (world) => {
        at(10 * MINUTE, stopOne)(world);
        at(20 * MINUTE, loseOne)(world);
      },
    });
    expect(brokenForJobs(result)).to.deep.equal([]);
    expect(result.jobs).to.include({ lost: 0, completed: 300 });
    expect(result.jobs.repeatedBy.sqsDuplicate).to.be.greaterThan(0);
  });

  it("do the same for the same seed, to the last line of the log", async () => {
    const once = async (seed: number) => {
      const log: LogLine[] = [];
      const { result } = await rehearseWorkers({
        seed,
        jobs: evenly(100, 10, 30),
        shape: { concurrency: 2, polling: "weighted" },
        jobsProfile: { failShare: 0.1 },
        faults: BAD_DAY,
        prepare: at(10 * MINUTE, loseOne),
        sink: (line) => log.push(line),
      });
      return { log, jobs: result.jobs };
    };
    const first = await once(7);
    expect(await once(7)).to.deep.equal(first);
    expect(await once(8)).to.not.deep.equal(first);
  });
});
