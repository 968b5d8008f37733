/** Wall-clock time in a time zone. Times in milliseconds since the epoch. */
import { clockOf, type Clock } from "../../../functions/refresh/clock";

const clocks = new Map<string, Clock>();

/** What the zone's clocks show, as if they showed UTC. */
export function wallClock(utc: number, timeZone: string): number {
  const clock = clocks.get(timeZone) ?? clockOf(timeZone);
  clocks.set(timeZone, clock);
  return clock(utc);
}

/** When the zone's clocks show that; undefined where they never do, because they are put forward over it. The first time, where twice. */
export function utcOf(wall: number, timeZone: string): number | undefined {
  const offsets = [wall - 86_400_000, wall + 86_400_000].map((around) => wallClock(around, timeZone) - around);
  const candidates = offsets.map((offset) => wall - offset).sort((a, b) => a - b);
  return candidates.find((utc) => wallClock(utc, timeZone) === wall);
}
