import { expect } from "chai";
import * as fc from "fast-check";
import { CronExpression } from "../../../../rehearsal/world/applicationAutoScaling/cron";
import { readSchedule } from "../../../../rehearsal/world/applicationAutoScaling/schedule";
import { schedule, type ScheduledActionSpec } from "../../../../rehearsal/world/applicationAutoScaling/scheduledAction";
import { utcOf, wallClock } from "../../../../rehearsal/world/applicationAutoScaling/timeZone";
import { EPOCH_MS } from "../../../../rehearsal/world/constants";
import { HOUR, later, MINUTE, SECOND } from "../support";
import { scaledStage } from "./support";

const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16);

/** The next times of an expression. */
function times(expression: string, from: string, count: number, timeZone = "UTC"): (string | undefined)[] {
  const due = readSchedule(expression, timeZone, at(from));
  const found: (number | undefined)[] = [];
  for (let after: number | undefined = at(from); found.length < count && after !== undefined; found.push(after)) {
    after = due.next(after);
  }
  return found.map(iso);
}

describe("schedules", () => {
  it("recur by a cron expression: steps, ranges, lists, names", () => {
    expect(times("cron(0/20 8-9 ? * MON-FRI *)", "2026-01-02T08:30:00Z", 5)).to.deep.equal([
      "2026-01-02T08:40",
      "2026-01-02T09:00",
      "2026-01-02T09:20",
      "2026-01-02T09:40",
      "2026-01-05T08:00",
    ]);
    expect(times("cron(15 12 1,15 JAN,MAR ? *)", "2026-01-02T00:00:00Z", 3)).to.deep.equal([
      "2026-01-15T12:15",
      "2026-03-01T12:15",
      "2026-03-15T12:15",
    ]);
    expect(times("cron(0 0 1 1 ? 2027)", "2026-01-02T00:00:00Z", 2)).to.deep.equal(["2027-01-01T00:00", undefined]);
  });

  it("follow a zone's clocks through summer and winter", () => {
    expect(times("cron(30 8 * * ? *)", "2026-03-27T12:00:00Z", 2, "Europe/Berlin")).to.deep.equal([
      "2026-03-28T07:30",
      "2026-03-29T06:30",
    ]);
    expect(times("cron(30 2 * * ? *)", "2026-03-28T12:00:00Z", 1, "Europe/Berlin")).to.deep.equal(["2026-03-30T00:30"]);
    // Shown twice, run once.
    expect(times("cron(30 2 * * ? *)", "2026-10-24T12:00:00Z", 2, "Europe/Berlin")).to.deep.equal([
      "2026-10-25T00:30",
      "2026-10-26T01:30",
    ]);
  });

  it("recur at a rate from their start, or come once", () => {
    expect(times("rate(6 hours)", "2026-01-01T03:00:00Z", 2)).to.deep.equal(["2026-01-01T09:00", "2026-01-01T15:00"]);
    expect(times("at(2026-07-01T10:00:00)", "2026-01-01T00:00:00Z", 2, "America/New_York")).to.deep.equal([
      "2026-07-01T14:00",
      undefined,
    ]);
  });

  it("that aren't modelled are refused, and what is modelled is named", () => {
    const problem = (expression: string) => () => readSchedule(expression, "UTC", 0);
    expect(problem("every day")).to.throw(/at\(yyyy-mm-ddThh:mm:ss\), rate\(N minutes\|hours\|days\) and cron/);
    expect(problem("cron(0 0 * * *)")).to.throw(/has 5 fields: six are allowed/);
    expect(problem("cron(0 0 L * ? *)")).to.throw(/day of month L is not modelled/);
    expect(problem("cron(60 0 * * ? *)")).to.throw(/minutes 60 is not modelled: \*, \?, 0 to 59/);
    expect(problem("cron(0 0 ? * 2 *)")).to.throw(/day of week 2 is not modelled: .*MON/);
    expect(() => readSchedule("cron(0 0 * * ? *)", "Europe/Atlantis", 0)).to.throw(RangeError);
  });

  it("find the first minute that fits, and skip none", () => {
    const field = (most: number) =>
      fc.oneof(fc.constant("*"), fc.integer({ min: 0, max: most }).map(String), fc.constant("0/7"));
    const zone = fc.constantFrom("UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu");
    const from = fc.integer({ min: at("2026-01-01T00:00:00Z") / MINUTE, max: at("2026-12-31T00:00:00Z") / MINUTE });
    const law = fc.property(field(59), field(23), zone, from, (minutes, hours, timeZone, minute) => {
      const cron = new CronExpression(`${minutes} ${hours} * * ? *`, timeZone);
      const next = cron.next(minute * MINUTE)!;
      const fits = (ms: number): boolean => {
        const wall = new Date(wallClock(ms, timeZone));
        const holds = (text: string, value: number) =>
          text === "*" || (text === "0/7" ? value % 7 === 0 : Number(text) === value);
        // A minute that the clocks show a second time isn't due again.
        return (
          holds(minutes, wall.getUTCMinutes()) &&
          holds(hours, wall.getUTCHours()) &&
          utcOf(wall.getTime(), timeZone) === ms
        );
      };
      let first = (minute + 1) * MINUTE;
      while (!fits(first)) first += MINUTE;
      expect(iso(next)).to.equal(iso(first));
    });
    fc.assert(law, { numRuns: 40 });
  });
});

describe("scheduled actions", () => {
  const ACTION: ScheduledActionSpec = {
    name: "morning",
    schedule: readSchedule("rate(1 hour)", "UTC", EPOCH_MS),
    startTime: undefined,
    endTime: undefined,
    minCapacity: 8,
    maxCapacity: undefined,
  };

  it("set their bounds within seconds of their time, again and again", async () => {
    const stage = await scaledStage();
    schedule(ACTION, stage.target, stage.world.context);
    await stage.world.run(HOUR);
    expect(stage.service.desiredCount).to.equal(4);
    await later(stage.world, 6 * SECOND);
    expect([stage.service.desiredCount, stage.target.minCapacity]).to.deep.equal([8, 8]);
    stage.target.setBounds({ minCapacity: 2, maxCapacity: 5 }, "test");
    stage.target.setBounds({ maxCapacity: 20 }, "test");
    await later(stage.world, HOUR);
    expect(stage.service.desiredCount).to.equal(8);
  });

  it("run at their start too, and no more after their end", async () => {
    const stage = await scaledStage();
    const startTime = EPOCH_MS + 30 * MINUTE;
    const action = { ...ACTION, schedule: readSchedule("rate(1 hour)", "UTC", startTime), startTime };
    schedule({ ...action, endTime: startTime + MINUTE }, stage.target, stage.world.context);
    await stage.world.run(31 * MINUTE);
    expect(stage.service.desiredCount).to.equal(8);
    stage.target.setBounds({ minCapacity: 2, maxCapacity: 5 }, "test");
    await later(stage.world, 3 * HOUR);
    expect(stage.service.desiredCount).to.equal(5);
  });
});
