import { expect } from "chai";
import fc from "fast-check";
import { WorkProtection } from "../../runtime/workProtection";
import { FakeClock } from "./fakeClock";
import { FakeEcs, type Outcome } from "./fakeEcs";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

const SLOWEST_ANSWER = 5 * SECOND;
const LONGEST_RETRY = 30 * SECOND;
const CHECK = 60 * SECOND;
const IDLE = 15 * SECOND;

/** What happens at one moment, and how long it is until the next. */
type Happening =
  | { readonly kind: "begin" | "end" }
  | { readonly kind: "others"; readonly minutes: number }
  | { readonly kind: "calls"; readonly outcome: Outcome; readonly latencyMs: number };

const pause = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 20 * SECOND }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 30 * MINUTE }) },
);
const units: fc.Arbitrary<Happening> = fc.constantFrom({ kind: "begin" }, { kind: "end" });
const others: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constant("others" as const),
  minutes: fc.constantFrom(0, 1, 5, 48 * 60),
});
const slowness: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constant("calls" as const),
  outcome: fc.constant("answered" as const),
  latencyMs: fc.integer({ min: 2, max: SLOWEST_ANSWER }),
});
const faults: fc.Arbitrary<Happening> = fc.record({
  kind: fc.constant("calls" as const),
  outcome: fc.constantFrom<Outcome>("answered", "refused", "answerLost"),
  latencyMs: fc.integer({ min: 2, max: SLOWEST_ANSWER }),
});

/** Units come more often than all the rest. */
const schedule = (...rest: fc.Arbitrary<Happening>[]) =>
  fc.array(
    fc.record({
      happening: fc.oneof({ weight: 4, arbitrary: units }, ...rest.map((arbitrary) => ({ weight: 1, arbitrary }))),
      pauseMs: pause,
    }),
    { minLength: 1, maxLength: 40 },
  );

class Stage {
  readonly clock = new FakeClock();
  readonly ecs = new FakeEcs(this.clock);
  readonly work: WorkProtection;
  /** Since when there has been work, without anything in the way of its protection. */
  undisturbedSince = this.clock.now();
  idleSince = -Infinity;
  readonly #ends: (() => void)[] = [];

  constructor(randomness: number) {
    this.work = new WorkProtection({
      protection: this.ecs,
      timers: this.clock,
      random: () => randomness,
      report: () => {
        throw new Error("a report that fails");
      },
    });
    this.ecs.whenReleased = () => {
      if (this.work.inProgress > 0) this.ecs.breaches.push("released while it worked");
      if (this.clock.now() - this.idleSince < IDLE) this.ecs.breaches.push("released before it was idle for long");
    };
  }

  happen(happening: Happening): void {
    const now = this.clock.now();
    switch (happening.kind) {
      case "begin":
        if (this.work.inProgress === 0) this.undisturbedSince = now;
        this.#ends.push(this.work.begin());
        return;
      case "end":
        if (this.#ends.length === 1) this.idleSince = now;
        this.#ends.pop()?.();
        return;
      case "others":
        this.ecs.others(happening.minutes);
        this.undisturbedSince = now;
        return;
      case "calls":
        Object.assign(this.ecs, { outcome: happening.outcome, latencyMs: happening.latencyMs });
        if (happening.outcome === "answered") this.undisturbedSince = now;
    }
  }

  /** Time to find out what others did, or to try again, then three answers: one under way, a look, a call. */
  isDue(): boolean {
    const { outcome } = this.ecs;
    const patience = CHECK + LONGEST_RETRY + 3 * SLOWEST_ANSWER;
    const undisturbed = this.clock.now() - this.undisturbedSince;
    return this.work.inProgress > 0 && outcome === "answered" && undisturbed > patience;
  }

  endAll(): void {
    while (this.work.inProgress > 0) this.happen({ kind: "end" });
  }
}

describe("the laws of work protection", function () {
  this.timeout(60_000);
  const RUNS = { numRuns: 150 };

  it("work in progress is protected for a minute or more, once there was time to do it", async () => {
    const property = fc.asyncProperty(
      schedule(others, faults),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      async (all, random) => {
        const stage = new Stage(random);
        for (const { happening, pauseMs } of all) {
          stage.happen(happening);
          await stage.clock.goOn(pauseMs, () => {
            if (stage.isDue()) expect(stage.ecs.leftMs).to.be.at.least(MINUTE);
          });
        }
        expect(stage.ecs.breaches).to.be.empty;
      },
    );
    await fc.assert(property, RUNS);
  });

  it("work is protected within three answers where nothing is in its way", async () => {
    const property = fc.asyncProperty(schedule(slowness), async (all) => {
      const stage = new Stage(0.5);
      for (const { happening, pauseMs } of all) {
        stage.happen(happening);
        await stage.clock.goOn(pauseMs, () => {
          const begun = stage.clock.now() - stage.undisturbedSince;
          if (stage.work.inProgress > 0 && begun > 3 * SLOWEST_ANSWER) expect(stage.ecs.leftMs).to.be.at.least(MINUTE);
        });
      }
      expect(stage.ecs.breaches).to.be.empty;
    });
    await fc.assert(property, RUNS);
  });

  it("what somebody else began is never ended knowingly", async () => {
    const property = fc.asyncProperty(schedule(others, slowness), async (all) => {
      const stage = new Stage(0.5);
      for (const { happening, pauseMs } of all) {
        stage.happen(happening);
        await stage.clock.goOn(pauseMs);
      }
      expect(stage.ecs.breaches).to.be.empty;
    });
    await fc.assert(property, RUNS);
  });

  it("calls that fail for eight minutes leave no protected work unprotected", async () => {
    const faultAt = fc.integer({ min: MINUTE, max: 3 * 60 * MINUTE });
    const outcome = fc.constantFrom<Outcome>("refused", "answerLost");
    const property = fc.asyncProperty(faultAt, outcome, async (beginsAt, failing) => {
      const stage = new Stage(0.5);
      const protectedStill = () => expect(stage.ecs.leftMs).to.be.at.least(MINUTE);
      stage.happen({ kind: "begin" });
      await stage.clock.goOn(SECOND);
      await stage.clock.goOn(beginsAt, protectedStill);
      stage.ecs.outcome = failing;
      await stage.clock.goOn(8 * MINUTE, protectedStill);
      stage.ecs.outcome = "answered";
      await stage.clock.goOn(2 * 60 * MINUTE, protectedStill);
    });
    await fc.assert(property, { numRuns: 40 });
  });

  it("an idle task keeps no protection of its own, and makes no calls", async () => {
    const property = fc.asyncProperty(schedule(others, faults), async (all) => {
      const stage = new Stage(0.5);
      for (const { happening, pauseMs } of all) {
        stage.happen(happening);
        await stage.clock.goOn(pauseMs);
      }
      stage.endAll();
      stage.ecs.outcome = "answered";
      await stage.clock.goOn(IDLE + LONGEST_RETRY + 3 * SLOWEST_ANSWER);
      if (stage.ecs.setBy === "task") expect(stage.ecs.leftMs).to.equal(0);
      await stage.clock.goOn(3 * 60 * MINUTE);
      expect(stage.clock.timersSet).to.equal(0);
      expect(stage.ecs.breaches).to.be.empty;
    });
    await fc.assert(property, RUNS);
  });
});
