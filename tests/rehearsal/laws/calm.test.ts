import { expect } from "chai";
import { breachesOfQuiet, calmLoad, calmMarket, lastRefreshAt, lastWorkAt } from "../../../rehearsal/laws/calm";
import { JobLedger } from "../../../rehearsal/jobs/ledger";
import type { Market } from "../../../rehearsal/inputs/market";
import type { InstanceRefresh } from "../../../rehearsal/world/autoScaling/instanceRefresh";

const pool = { instanceType: "m6i.large" };

describe("the calm after a storm", () => {
  it("takes and recommends nothing any more, and gives back what is out", () => {
    const events: Market["events"] = [
      { atMs: 10, kind: "capacity", pool, capacity: 0 },
      { atMs: 20, kind: "reclaim", pool, share: 1, spreadMs: 0 },
      { atMs: 110, kind: "capacity", pool, capacity: null },
      { atMs: 120, kind: "recommend", pool, share: 1 },
      { atMs: 130, kind: "capacity", pool, capacity: 0 },
      { atMs: 140, kind: "reclaim", pool, share: 1, spreadMs: 0 },
    ];
    const market = { source: "test", durationMs: 200, events };
    expect(calmMarket(market, 100).events.map(({ atMs }) => atMs)).to.deep.equal([10, 20, 110]);
  });

  it("leaves hardly any load", () => {
    const steps = [0, 60, 120].map((atMs) => ({ atMs, requestsPerSecond: atMs + 1 }));
    expect(calmLoad({ source: "test", durationMs: 200, steps }, 100).steps.slice(1)).to.deep.equal([
      { atMs: 60, requestsPerSecond: 61 },
      { atMs: 100, requestsPerSecond: 1 },
    ]);
  });

  it("lasts from the last job on, and for ever while one is worked on", () => {
    const clock = { now: 5 };
    const ledger = new JobLedger(clock);
    expect(lastWorkAt(ledger)).to.equal(0);
    ledger.submit({ messageId: "1", queue: "high", workMs: 10 });
    const attempt = ledger.begin(ledger.of("1")!, "worker", 1);
    expect(lastWorkAt(ledger)).to.equal(Infinity);
    clock.now = 15;
    ledger.end(attempt, "done");
    expect(lastWorkAt(ledger)).to.equal(15);
  });

  it("waits for a refresh that goes on", () => {
    const group = (...ends: (number | undefined)[]) => ({
      refreshes: { all: ends.map((endedAt) => ({ endedAt })) as unknown as InstanceRefresh[] },
    });
    expect(lastRefreshAt([group()])).to.equal(0);
    expect(lastRefreshAt([group(5, 9), group(7)])).to.equal(9);
    expect(lastRefreshAt([group(5, undefined)])).to.equal(Infinity);
  });

  it("is broken by whoever still acts long after it has begun", () => {
    const change = { functionName: "shop-drain", command: "StopTask" };
    const changes = [
      { ...change, atMs: 9_000 },
      { ...change, atMs: 10_000 },
    ];
    expect(breachesOfQuiet(changes, 10_000, 4_000)).to.deep.equal([
      {
        law: "nobody acts on a cluster that nothing has disturbed for long",
        atSeconds: 6,
        object: "shop-drain",
        message: "still calls StopTask",
      },
    ]);
  });
});
