/** Laws of the consumer: whatever calls fail, whatever jobs take, whenever workers stop or die. */
import { expect } from "chai";
import fc from "fast-check";
import { SqsConsumer } from "../../../runtime/consumer/sqsConsumer";
import { FakeClock } from "../fakeClock";
import { FakeSqs } from "./fakeSqs";
import { HIGH, LOW, QUEUES } from "./support";

const SECOND = 1000;

const job = fc.record({
  ms: fc.integer({ min: 0, max: 200 * SECOND }),
  atMs: fc.integer({ min: 0, max: 300 * SECOND }),
  isHigh: fc.boolean(),
});
const jobs = fc.array(job, { minLength: 1, maxLength: 20 });
/** When a worker ends, and whether it is told before. */
const end = fc.record({ atMs: fc.integer({ min: 0, max: 300 * SECOND }), isTold: fc.boolean() });
const ends = fc.array(end, { maxLength: 4 });
const failEvery = fc.integer({ min: 2, max: 9 });

interface Run {
  readonly clock: FakeClock;
  readonly sqs: FakeSqs;
  readonly begun: Map<string, number>;
  readonly finished: Set<string>;
  readonly repeatedFor: Map<string, Set<string>>;
}

/** A process that is killed does nothing more: its timers don't fire, and its calls aren't answered. */
class Worker {
  isAlive = true;
  atOnce = 0;
  readonly consumer: SqsConsumer;

  constructor(run: Run, concurrency: number) {
    const { clock, sqs, begun, finished } = run;
    const never = new Promise<never>(() => undefined);
    const living = async <T>(call: Promise<T>): Promise<T> => {
      const answer = await call;
      return this.isAlive ? answer : never;
    };
    this.consumer = new SqsConsumer({
      sqs: {
        receive: (request) => (this.isAlive ? living(sqs.receive(request)) : never),
        delete: (url, receipts) => (this.isAlive ? living(sqs.delete(url, receipts)) : never),
        changeVisibility: (url, changes) => (this.isAlive ? living(sqs.changeVisibility(url, changes)) : never),
      },
      queues: QUEUES,
      concurrency,
      timers: {
        now: () => clock.now(),
        after: (ms, go) => clock.after(ms, () => this.isAlive && go()),
        cancel: (timer) => clock.cancel(timer),
      },
      random: () => 0.5,
      handler: async ({ id, body, signal }) => {
        begun.set(id, (begun.get(id) ?? 0) + 1);
        expect(++this.atOnce).to.be.at.most(concurrency);
        await new Promise<void>((resolve, reject) => {
          clock.after(Number(body), resolve);
          signal.addEventListener("abort", () => reject(new Error("taken away")));
        }).finally(() => this.atOnce--);
        if (this.isAlive) finished.add(id);
        else await never;
      },
      report: (event) => {
        if (event.kind !== "givenBack" && event.kind !== "takenOver" && event.kind !== "deleteFailed") return;
        run.repeatedFor.set(event.jobId, (run.repeatedFor.get(event.jobId) ?? new Set()).add(event.kind));
      },
    });
  }
}

async function play(given: {
  readonly jobs: readonly { readonly ms: number; readonly atMs: number; readonly isHigh: boolean }[];
  readonly ends: readonly { readonly atMs: number; readonly isTold: boolean }[];
  readonly failEvery: number | undefined;
  readonly concurrency: number;
}): Promise<Run> {
  const clock = new FakeClock();
  const run: Run = { clock, sqs: new FakeSqs(clock), begun: new Map(), finished: new Set(), repeatedFor: new Map() };
  let calls = 0;
  const every = given.failEvery;
  if (every !== undefined) run.sqs.fails = () => ++calls % every === 0;
  for (const { ms, atMs, isHigh } of given.jobs) clock.after(atMs, () => run.sqs.send(isHigh ? HIGH : LOW, String(ms)));
  let worker = new Worker(run, given.concurrency);
  worker.consumer.start();
  for (const { atMs, isTold } of given.ends) {
    clock.after(atMs, () => {
      const ending = worker;
      if (isTold) void ending.consumer.stop();
      else ending.isAlive = false;
      worker = new Worker(run, given.concurrency);
      worker.consumer.start();
    });
  }
  await clock.goOn(3 * 3600 * SECOND);
  return run;
}

describe("an SQS consumer, by law", function () {
  this.timeout(60_000);

  it("does every job, whatever fails and whoever dies", async () => {
    await fc.assert(
      fc.asyncProperty(
        jobs,
        ends,
        fc.option(failEvery, { nil: undefined }),
        fc.integer({ min: 1, max: 5 }),
        async (jobs, ends, failEvery, concurrency) => {
          const { finished, sqs } = await play({ jobs, ends, failEvery, concurrency });
          expect(finished.size).to.equal(jobs.length);
          expect([sqs.left(HIGH), sqs.left(LOW)]).to.deep.equal([0, 0]);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("begins a job again only after it was given back, where no worker dies and no call fails", async () => {
    await fc.assert(
      fc.asyncProperty(jobs, ends, fc.integer({ min: 1, max: 5 }), async (jobs, ends, concurrency) => {
        const told = ends.map((each) => ({ ...each, isTold: true }));
        const { begun, repeatedFor } = await play({ jobs, ends: told, failEvery: undefined, concurrency });
        for (const [id, times] of begun) {
          if (times > 1) expect([...(repeatedFor.get(id) ?? [])], id).to.include("givenBack");
        }
      }),
      { numRuns: 25 },
    );
  });

  it("begins each job once, where no worker ends and few calls fail", async () => {
    await fc.assert(
      fc.asyncProperty(
        jobs,
        fc.integer({ min: 4, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        async (jobs, failEvery, concurrency) => {
          const { begun } = await play({ jobs, ends: [], failEvery, concurrency });
          expect([...begun.values()].filter((times) => times > 1)).to.deep.equal([]);
        },
      ),
      { numRuns: 25 },
    );
  });
});
