import { expect } from "chai";
import fc from "fast-check";
import {
  batches,
  isNamed,
  isPassing,
  pages,
  retrying,
  type CallOptions,
  type Surroundings,
} from "../../functions/calls";

function surroundings(random = 0.5): Surroundings & { time: number; waits: number[] } {
  return {
    time: 0,
    waits: [],
    now() {
      return this.time;
    },
    random: () => random,
    sleep(milliseconds) {
      this.time += milliseconds;
      this.waits.push(milliseconds);
      return Promise.resolve();
    },
  };
}

const throttled = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });

async function failureOf(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("a call that is tried again", () => {
  it("waits longer each time, up to two seconds, with jitter", async () => {
    const on = surroundings(1);
    let times = 7;
    const answer = await retrying(
      () => (times-- > 0 ? Promise.reject(throttled) : Promise.resolve("done")),
      60_000,
      on,
    );
    expect(answer).to.equal("done");
    expect(on.waits).to.deep.equal([100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it("is not begun after the deadline, but once whatever the time", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -10, max: 10_000 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        async (deadline, random) => {
          const on = surroundings(random);
          const begun: number[] = [];
          const call = (): Promise<never> => {
            begun.push(on.time);
            return Promise.reject(throttled);
          };
          expect(await failureOf(retrying(call, deadline, on))).to.equal(throttled);
          for (const moment of begun.slice(1)) expect(moment).to.be.lessThan(deadline);
          expect(begun.length).to.be.at.least(1);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("is waited for no longer than until the deadline, and never without a limit", async () => {
    const on = surroundings(1);
    const limits: number[] = [];
    const call = ({ requestTimeout }: CallOptions): Promise<never> => {
      limits.push(requestTimeout);
      on.time += requestTimeout;
      return Promise.reject(throttled);
    };
    await failureOf(retrying(call, 10_000, on));
    expect(limits).to.deep.equal([4000, 4000, 1700]);
    expect(on.time).to.equal(10_000);
    await failureOf(retrying(call, 0, on));
    expect(limits.at(-1)).to.equal(1);
  });

  it("is not, where it was refused for good", async () => {
    const on = surroundings();
    const refused = new Error("AccessDenied");
    expect(await failureOf(retrying(() => Promise.reject(refused), 60_000, on))).to.equal(refused);
    expect(on.waits).to.be.empty;
  });
});

describe("an error", () => {
  const passing = [
    { name: "Throttling" },
    { name: "RequestLimitExceeded" },
    { name: "ScalingActivityInProgressFault" },
    { name: "TimeoutError" },
    { name: "Error", code: "EPIPE" },
    { name: "Other", $metadata: { httpStatusCode: 500 } },
    { name: "Other", $metadata: { httpStatusCode: 429 } },
  ];
  for (const error of passing)
    it(`like ${JSON.stringify(error)} passes`, () => expect(isPassing(error)).to.equal(true));

  for (const error of [undefined, null, "text", {}, { name: "AccessDenied", $metadata: { httpStatusCode: 403 } }]) {
    it(`like ${JSON.stringify(error)} doesn't pass`, () => expect(isPassing(error)).to.equal(false));
  }

  it("is named by its name or in its message", () => {
    expect(isNamed({ name: "A" }, "B", "A")).to.equal(true);
    expect(isNamed(new Error("x is not part of y"), "not part of")).to.equal(true);
    expect(isNamed(undefined, "A")).to.equal(false);
  });
});

describe("batches", () => {
  it("hold every item once, in order, and never more than the limit", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 20 }), (items, size) => {
        const runs = batches(items, size);
        expect(runs.flat()).to.deep.equal(items);
        for (const run of runs) expect(run.length).to.be.within(1, size);
        expect(runs).to.have.lengthOf(Math.ceil(items.length / size));
      }),
    );
  });
  it("can be without limit", () => expect(batches([1, 2, 3], Number.POSITIVE_INFINITY)).to.deep.equal([[1, 2, 3]]));
});

describe("pages", () => {
  it("are read to the last one, empty ones too", async () => {
    const given: Record<string, { items: number[] | undefined; nextToken: string | undefined }> = {
      "": { items: [1], nextToken: "a" },
      a: { items: undefined, nextToken: "b" },
      b: { items: [2, 3], nextToken: undefined },
    };
    expect(await pages((token = "") => Promise.resolve(given[token]!))).to.deep.equal([1, 2, 3]);
  });
});
