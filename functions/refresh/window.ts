/** Maintenance windows: in which hours of which days, by whose clocks. Times in milliseconds since the epoch. */

export interface Window {
  /** Days on which a window begins, 0 for Sunday to 6. */
  readonly days: readonly number[];
  /** When it begins, in minutes after midnight by the zone's clocks. */
  readonly startMinute: number;
  readonly lengthMinutes: number;
  /** An IANA time zone, such as `Europe/Berlin`. */
  readonly timeZone: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * When the window began that is open at `now`; undefined where none is. A day whose clocks skip the start has its window from the
 * moment in which they are put forward; one whose clocks show it twice, from the first time.
 */
export function openSince(window: Window, now: number): number | undefined {
  const showsMidnight = midnight(wallClock(now, window.timeZone));
  // Windows are no longer than a day, and clocks change by less.
  return [2, 1, 0, -1]
    .map((back) => showsMidnight - back * DAY_MS)
    .filter((day) => window.days.includes(new Date(day).getUTCDay()))
    .map((day) => instantOf(day + window.startMinute * MINUTE_MS, window.timeZone))
    .findLast((start) => start <= now && now < start + window.lengthMinutes * MINUTE_MS);
}

const midnight = (wall: number): number => Math.floor(wall / DAY_MS) * DAY_MS;

/** When the zone's clocks first show that, or would have, had they not been put forward over it. */
function instantOf(wall: number, timeZone: string): number {
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((around) => wallClock(around, timeZone) - around);
  const candidates = offsets.map((offset) => wall - offset).sort((a, b) => a - b);
  const shown = candidates.find((utc) => wallClock(utc, timeZone) === wall);
  return shown ?? firstShowing(wall, candidates, timeZone);
}

/** The clocks jump over it between the two candidates: the moment of the jump, to the minute. */
function firstShowing(wall: number, [before = 0, after = 0]: readonly number[], timeZone: string): number {
  let [low, high] = [before, after];
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (wallClock(middle, timeZone) < wall) low = middle;
    else high = middle;
  }
  return high;
}

/** What the zone's clocks show, as if they showed UTC. */
function wallClock(utc: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const parts = Object.fromEntries(format.formatToParts(utc).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
