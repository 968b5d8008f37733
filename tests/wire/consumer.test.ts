import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect } from "chai";
import { randomStream } from "../../rehearsal/inputs/random";
import { compiled, type Compiled } from "./consumer/compiled";
import { Fleet, type Worker } from "./consumer/fleet";
import { Queues } from "./consumer/queues";
import type { Work } from "./consumer/work";

const SEED = 1;
const JOBS_PER_QUEUE = 5000;
const WORKERS = 4;
const CONCURRENCY = 10;
/** The shortest that the consumer takes: so long a killed worker's messages stay hidden. */
const VISIBILITY_TIMEOUT_SECONDS = 10;
/** Longer than that: without a heartbeat, such a job is somebody else's too. */
const LONG_MS = 12_000;
const LONG_JOBS = 20;
/** The same for all, so that they are received and deleted in batches: moto takes milliseconds for a call. */
const SHORT_MS = 10;
/** Too short for a long job. */
const STOP_TIMEOUT_SECONDS = 7;
const ENDS = 16;

const random = randomStream(SEED, "consumer");
const drawn = (below: number): number => Math.floor(random() * below);

const jobs = (count: number, workMs: number): Work[] => Array.from({ length: count }, () => ({ workMs }));

describe("10,000 jobs in two queues, and workers that are killed and stopped at random", function () {
  this.timeout(200_000);
  let program: Compiled;
  let queues: Queues;
  let fleet: Fleet;
  let sent: { readonly high: string[]; readonly low: string[] };

  before(async () => {
    program = compiled(join(__dirname, "consumer/worker.ts"));
    queues = await Queues.make(["high", "low"]);
    const high = await queues.send("high", [
      ...jobs(LONG_JOBS, LONG_MS),
      ...jobs(JOBS_PER_QUEUE - LONG_JOBS, SHORT_MS),
    ]);
    sent = { high, low: await queues.send("low", jobs(JOBS_PER_QUEUE, SHORT_MS)) };
    const settings = Object.entries(queues.urls).map(([name, url]) => {
      return { name, url, visibilityTimeoutSeconds: VISIBILITY_TIMEOUT_SECONDS };
    });
    fleet = new Fleet(program.path, {
      ...queues.environment,
      SPOTPROOF_QUEUES: JSON.stringify(settings),
      SPOTPROOF_POLLING: "strict",
      SPOTPROOF_CONCURRENCY: String(CONCURRENCY),
      SPOTPROOF_STOP_TIMEOUT_SECONDS: String(STOP_TIMEOUT_SECONDS),
    });
    fleet.start(WORKERS);
    await workOff();
  });
  after(async () => {
    fleet?.kill();
    await queues?.stop();
    program?.remove();
  });

  /** Ends a worker and starts another one, again and again, until every job is done and no message is left. */
  async function workOff(): Promise<void> {
    const { ledger } = fleet;
    const long = new Set(sent.high.slice(0, LONG_JOBS));
    const worksLong = ({ name }: Worker): boolean => ledger.open(name).some((jobId) => long.has(jobId));
    await fleet.until(() => fleet.ready.some(worksLong));
    replace(fleet.ready.find(worksLong)!, "SIGTERM");
    for (let ended = 1; ended < ENDS; ended++) {
      await fleet.until(() => ledger.done.size >= ended * 500 && fleet.ready.length > 0);
      replace(fleet.ready[drawn(fleet.ready.length)]!, random() < 0.7 ? "SIGKILL" : "SIGTERM");
    }
    await fleet.until(() => ledger.done.size === 2 * JOBS_PER_QUEUE);
    // What a killed worker had done but not deleted comes back, and is done again.
    while ((await queues.left()) > 0) await wait(200);
    await fleet.stop();
  }

  const killed = (): Set<string> => {
    return new Set(fleet.workers.filter(({ told }) => told === "SIGKILL").map(({ name }) => name));
  };

  it("does every job, and leaves no message", async () => {
    const { done, attempts } = fleet.ledger;
    const lost = [...sent.high, ...sent.low].filter((jobId) => !done.has(jobId));
    expect(lost).to.be.empty;
    expect(new Set(attempts.map(({ jobId }) => jobId)).size).to.equal(2 * JOBS_PER_QUEUE);
    expect(await queues.left()).to.equal(0);
  });

  it("begins a job again only where its worker was killed, or gave it back", () => {
    const dead = killed();
    const repeats = fleet.ledger.repeats();
    const ofKilled = repeats.filter(({ by }) => dead.has(by));
    const givenBack = repeats.filter(({ by, ended }) => !dead.has(by) && ended === "givenBack");
    const rest = repeats.filter((repeat) => !ofKilled.includes(repeat) && !givenBack.includes(repeat));
    console.log(`      begun again: ${ofKilled.length} of killed workers, ${givenBack.length} given back`);
    expect(rest).to.be.empty;
    expect(ofKilled).to.not.be.empty;
    expect(givenBack).to.not.be.empty;
  });

  it("finishes or gives back every job of a worker that is told to stop, which then exits with 0", async () => {
    const dead = killed();
    const stopped = fleet.workers.filter(({ told }) => told === "SIGTERM");
    expect(stopped.length).to.be.above(WORKERS);
    const exits = await Promise.all(stopped.map(({ exited }) => exited));
    expect(exits).to.deep.equal(stopped.map(() => [0, null]));
    const open = fleet.ledger.attempts.filter(({ worker, end }) => !dead.has(worker) && end === "open");
    expect(open).to.be.empty;
    expect(fleet.ledger.troubles).to.be.empty;
  });

  it("begins no job of the lower queue while the higher one has another", () => {
    const first = new Map<string, number>();
    for (const { jobId, begunAt } of fleet.ledger.attempts) {
      first.set(jobId, Math.min(begunAt, first.get(jobId) ?? Infinity));
    }
    const firstLow = Math.min(...sent.low.map((jobId) => first.get(jobId)!));
    const late = sent.high.filter((jobId) => first.get(jobId)! > firstLow);
    // Received, and about to begin, in every process that was alive, or died with them.
    expect(late.length).to.be.at.most((WORKERS + ENDS) * CONCURRENCY);
  });

  function replace(worker: Worker, signal: "SIGKILL" | "SIGTERM"): void {
    worker.end(signal);
    fleet.start();
  }
});
