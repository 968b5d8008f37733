import { expect } from "chai";
import * as fc from "fast-check";
import { mean, variance } from "simple-statistics";
import { randomStream } from "../../../rehearsal/inputs/random";
import { Runs } from "../../../rehearsal/traffic/runs";
import { Clock } from "../../../rehearsal/world/clock";
import type { Task } from "../../../rehearsal/world/ecs/task";
import { HOUR, MINUTE, SECOND, Stage } from "../../support/stage";

const IDLE_SECONDS = 15;
const REQUEST_SECONDS = 0.2;
const task = {} as Task;

interface Seen {
  readonly runs: number;
  /** Milliseconds in which work was in progress, or had been less than the idle time before. */
  readonly heldMs: number;
}

/** What a container's protection sees of units that begin and end: it lets go once it was idle for long enough. */
class Watcher {
  readonly spans: { from: number; to: number }[] = [];
  private open = 0;

  constructor(private readonly clock: Clock) {}

  begin(): () => void {
    const last = this.spans.at(-1);
    if (this.open++ === 0 && (last === undefined || this.clock.now >= last.to + IDLE_SECONDS * SECOND)) {
      this.spans.push({ from: this.clock.now, to: this.clock.now });
    }
    return () => {
      if (--this.open === 0) this.spans.at(-1)!.to = this.clock.now;
    };
  }

  seen(untilMs: number): Seen {
    const spans = this.spans.map(({ from, to }, index) => {
      const isOpen = this.open > 0 && index === this.spans.length - 1;
      return Math.min(isOpen ? untilMs : to + IDLE_SECONDS * SECOND, untilMs) - from;
    });
    return { runs: spans.length, heldMs: spans.reduce((sum, each) => sum + each, 0) };
  }
}

interface Rates {
  readonly perSecond: readonly number[];
  readonly eachMs: number;
}

const FOR_MS = 4 * HOUR;

async function drawRuns({ perSecond, eachMs }: Rates, seed: number): Promise<Seen> {
  const clock = new Clock();
  const watcher = new Watcher(clock);
  const runs = new Runs({
    clock,
    random: randomStream(seed, "runs"),
    requestSeconds: REQUEST_SECONDS,
    idleSeconds: IDLE_SECONDS,
    begin: () => watcher.begin(),
  });
  for (let at = 0, index = 0; at < FOR_MS; at += eachMs, index++) {
    await clock.runUntil(at, () => Promise.resolve());
    runs.route(new Set([task]), perSecond[index % perSecond.length]!);
  }
  await clock.runUntil(FOR_MS, () => Promise.resolve());
  return watcher.seen(FOR_MS);
}

/** The same with an event for every request. */
async function drawRequests({ perSecond, eachMs }: Rates, seed: number): Promise<Seen> {
  const clock = new Clock();
  const watcher = new Watcher(clock);
  const random = randomStream(seed, "requests");
  const exponential = (meanMs: number): number => -Math.log(1 - random()) * meanMs;
  for (let at = 0, index = 0; at < FOR_MS; at += eachMs, index++) {
    const rate = perSecond[index % perSecond.length]! / SECOND;
    for (let next = at + exponential(1 / rate); next < at + eachMs; next += exponential(1 / rate)) {
      clock.at(next, () => clock.after(exponential(REQUEST_SECONDS * SECOND), watcher.begin()));
    }
  }
  await clock.runUntil(FOR_MS, () => Promise.resolve());
  return watcher.seen(FOR_MS);
}

/** Within five standard errors, and a share of the mean for what the drawing of runs leaves out. */
function expectAlike(found: readonly number[], exact: readonly number[], share: number, what: string): void {
  const error = Math.sqrt(variance([...found]) / found.length + variance([...exact]) / exact.length);
  const text = `${what}: ${mean([...found])}, in the exact mode ${mean([...exact])}`;
  expect(Math.abs(mean([...found]) - mean([...exact])), text).to.be.at.most(5 * error + share * mean([...exact]));
}

const SEEDS = Array.from({ length: 60 }, (_, index) => index + 1);

describe("runs of short requests, drawn at once, are those that single requests make", () => {
  const constant = [0.002, 0.02, 0.1, 0.3, 0.6];
  for (const rate of constant) {
    it(`at ${rate} requests a second`, async () => {
      const rates = { perSecond: [rate], eachMs: FOR_MS };
      const found = await Promise.all(SEEDS.map((seed) => drawRuns(rates, seed)));
      const exact = await Promise.all(SEEDS.map((seed) => drawRequests(rates, seed)));
      for (const what of ["runs", "heldMs"] as const) {
        expectAlike(
          found.map((each) => each[what]),
          exact.map((each) => each[what]),
          0,
          what,
        );
      }
    });
  }

  const changing: readonly (readonly number[])[] = [
    [0.01, 0.012],
    [0.1, 0.12, 0.09],
    [0.3, 0.001],
    [5, 0.05],
  ];
  for (const perSecond of changing) {
    it(`at rates that change every minute: ${perSecond.join(", ")}`, async () => {
      const rates = { perSecond, eachMs: MINUTE };
      const found = await Promise.all(SEEDS.map((seed) => drawRuns(rates, seed)));
      const exact = await Promise.all(SEEDS.map((seed) => drawRequests(rates, seed)));
      for (const what of ["runs", "heldMs"] as const) {
        expectAlike(
          found.map((each) => each[what]),
          exact.map((each) => each[what]),
          // A run ends late by as much as its last request was ago when the rate fell.
          0.05,
          what,
        );
      }
    });
  }

  it("whatever happens to the rates: each unit that begins ends once, and none begins while another is open", () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ rate: fc.constantFrom(0, 0.001, 0.1, 1, 50), ms: fc.nat(200_000) }), { maxLength: 30 }),
        fc.nat(1000),
        async (story, seed) => {
          const clock = new Clock();
          let open = 0;
          const runs = new Runs({
            clock,
            random: randomStream(seed, "runs"),
            requestSeconds: REQUEST_SECONDS,
            idleSeconds: IDLE_SECONDS,
            begin: () => {
              expect(++open).to.equal(1);
              return () => expect(--open).to.equal(0);
            },
          });
          for (const { rate, ms } of story) {
            runs.route(new Set([task]), rate);
            await clock.runUntil(clock.now + ms, () => Promise.resolve());
          }
          runs.route(new Set(), 0);
          await clock.runUntil(clock.now + SECOND, () => Promise.resolve());
          expect(open).to.equal(0);
        },
      ),
    ));
});

describe("a container that protects its work", () => {
  /** For how long its two tasks are protected, of ten hours together, at a rate for each. */
  async function protectedShare(exact: boolean, requestsPerSecond: number, seed: number): Promise<number> {
    const stage = await Stage.set({ seed, profile: { protectsWork: true } });
    const { service, world } = stage;
    let held = 0;
    let looks = 0;
    stage.send({ requestsPerSecond: 2 * requestsPerSecond, exact });
    world.clock.every(world.clock.now + SECOND, SECOND, () => {
      for (const task of service.tasks) if (service.isShielded(task)) held++;
      looks += service.tasks.size;
    });
    await stage.run(5 * HOUR);
    return held / looks;
  }

  for (const rate of [0.02, 0.15]) {
    it(`is protected for as long by the flow as by single requests, at ${rate} a second`, async function () {
      this.timeout(60_000);
      const seeds = SEEDS.slice(0, 12);
      const flow = await Promise.all(seeds.map((seed) => protectedShare(false, rate, seed)));
      const exact = await Promise.all(seeds.map((seed) => protectedShare(true, rate, seed)));
      expectAlike(flow, exact, 0, "protected share");
      expect(mean(exact)).to.be.within(0.1, 0.95);
    });
  }
});
