/** Maintenance windows: in which hours of which days, by whose clocks. Times in milliseconds since the epoch. */
import { clockOf, type Clock } from "./clock";

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
export function openSince({ days, startMinute, lengthMinutes, timeZone }: Window, now: number): number | undefined {
  const shownAt = clockOf(timeZone);
  const today = Math.floor(shownAt(now) / DAY_MS) * DAY_MS;
  // Windows are no longer than a day, and clocks change by less.
  return [2, 1, 0, -1]
    .map((back) => today - back * DAY_MS)
    .filter((day) => days.includes(new Date(day).getUTCDay()))
    .map((day) => firstShowing(day + startMinute * MINUTE_MS, shownAt))
    .findLast((start) => start <= now && now < start + lengthMinutes * MINUTE_MS);
}

/** The first instant at which the clocks show that, or more, because they are put forward over it. */
function firstShowing(wall: number, shownAt: Clock): number {
  const offsets = [wall - DAY_MS, wall + DAY_MS].map((around) => shownAt(around) - around);
  const [low, high] = [wall - Math.max(...offsets), wall - Math.min(...offsets)];
  return [low, high].find((utc) => shownAt(utc) === wall) ?? jumpWithin(low, high, wall, shownAt);
}

/** The moment at which the clocks jump over it, to the minute. */
function jumpWithin(before: number, after: number, wall: number, shownAt: Clock): number {
  let [low, high] = [before, after];
  while (high - low > MINUTE_MS) {
    const middle = low + Math.floor((high - low) / 2 / MINUTE_MS) * MINUTE_MS;
    if (shownAt(middle) < wall) low = middle;
    else high = middle;
  }
  return high;
}
