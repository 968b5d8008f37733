import { expect } from "chai";
import fc from "fast-check";
import { openSince, type Window } from "../../../functions/refresh/window";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const BERLIN: Window = { days: EVERY_DAY, startMinute: 150, lengthMinutes: 60, timeZone: "Europe/Berlin" };

const zones = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Pacific/Kiritimati",
  "America/St_Johns",
);
const windows: fc.Arbitrary<Window> = fc.record({
  days: fc.subarray(EVERY_DAY, { minLength: 1 }),
  startMinute: fc.integer({ min: 0, max: 1439 }),
  lengthMinutes: fc.integer({ min: 15, max: 1440 }),
  timeZone: zones,
});
const instants = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2028, 0, 1) });

/** Day and time by the zone's clocks, as people read them. */
function shown(instant: number, timeZone: string): { day: string; time: string } {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit" })
    .format(instant)
    .split(" ");
  return { day: parts[0]!.replace(",", ""), time: parts[1]! };
}
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

describe("a maintenance window", () => {
  it("is open from its start for its length", () => {
    const start = Date.UTC(2026, 0, 15, 1, 30);
    expect(openSince(BERLIN, start - 1)).to.equal(undefined);
    expect(openSince(BERLIN, start)).to.equal(start);
    expect(openSince(BERLIN, start + HOUR - 1)).to.equal(start);
    expect(openSince(BERLIN, start + HOUR)).to.equal(undefined);
  });

  it("begins on its days alone, by the zone's clocks", () => {
    const sundays: Window = { ...BERLIN, days: [0], startMinute: 30 };
    // In Berlin it is Sunday already.
    expect(openSince(sundays, Date.UTC(2026, 0, 17, 23, 45))).to.equal(Date.UTC(2026, 0, 17, 23, 30));
    expect(openSince(sundays, Date.UTC(2026, 0, 18, 23, 45))).to.equal(undefined);
  });

  it("goes on over midnight", () => {
    const late: Window = { days: [5], startMinute: 23 * 60, lengthMinutes: 180, timeZone: "UTC" };
    expect(openSince(late, Date.UTC(2026, 0, 17, 1, 59))).to.equal(Date.UTC(2026, 0, 16, 23));
    expect(openSince(late, Date.UTC(2026, 0, 17, 2))).to.equal(undefined);
  });

  it("begins when the clocks are put forward over its start", () => {
    // On 29 March 2026 they go from 02:00 to 03:00.
    const jump = Date.UTC(2026, 2, 29, 1);
    expect(openSince(BERLIN, jump - 1)).to.equal(undefined);
    expect(openSince(BERLIN, jump)).to.equal(jump);
  });

  it("begins once where the clocks show its start twice", () => {
    // On 25 October 2026 they go from 03:00 back to 02:00.
    const first = Date.UTC(2026, 9, 25, 0, 30);
    expect(openSince(BERLIN, first)).to.equal(first);
    expect(openSince(BERLIN, first + HOUR)).to.equal(undefined);
  });

  it("was begun by then, and not longer ago than it is long", () => {
    fc.assert(
      fc.property(windows, instants, (window, now) => {
        const since = openSince(window, now);
        if (since === undefined) return;
        expect(since).to.be.at.most(now);
        expect(now - since).to.be.below(window.lengthMinutes * MINUTE);
        expect(openSince(window, since)).to.equal(since);
      }),
    );
  });

  it("is open at every moment that shows its start on one of its days", () => {
    fc.assert(
      fc.property(windows, instants, (window, some) => {
        const instant = Math.floor(some / MINUTE) * MINUTE;
        const { day, time } = shown(instant, window.timeZone);
        const [hours, minutes] = time.split(":").map(Number);
        const here = { ...window, startMinute: hours! * 60 + minutes!, days: [DAYS.indexOf(day)] };
        const since = openSince(here, instant);
        // Where clocks are put back, it is the second showing, and the window began with the first.
        if (since === undefined)
          expect(openSince(here, instant - HOUR) ?? openSince(here, instant - HOUR / 2)).to.not.equal(undefined);
        else expect(shown(since, window.timeZone)).to.deep.equal({ day, time });
      }),
    );
  });

  it("begins once on each of its days, 23 to 25 hours after the one of the day before", () => {
    fc.assert(
      fc.property(
        windows.map((window): Window => ({ ...window, days: EVERY_DAY, lengthMinutes: 15 })),
        instants,
        (window, from) => {
          const starts = new Set<number>();
          for (let at = from; at < from + 3 * DAY; at += 10 * MINUTE) {
            const since = openSince(window, at);
            if (since !== undefined && since >= from) starts.add(since);
          }
          const all = [...starts].sort((a, b) => a - b);
          expect(all.length).to.be.within(2, 4);
          for (const [index, start] of all.entries()) {
            if (index > 0) expect(start - all[index - 1]!).to.be.within(23 * HOUR, 25 * HOUR);
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});
