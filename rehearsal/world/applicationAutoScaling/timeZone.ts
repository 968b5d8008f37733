/** Wall-clock time in a time zone, by the zone data that Node has. Times in milliseconds since the epoch. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** Undefined where nobody knows the zone. */
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timeZone, made);
  return made;
}

/** What the zone's clocks show, as if they showed UTC. */
export function wallClock(utc: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(utc)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = parts;
  return Date.UTC(year!, month! - 1, day, hour, minute, second);
}

/** When the zone's clocks show that; undefined where they never do, because they are put forward over it. The first time, where twice. */
export function utcOf(wall: number, timeZone: string): number | undefined {
  const offsets = [wall - 86_400_000, wall + 86_400_000].map((around) => wallClock(around, timeZone) - around);
  const candidates = offsets.map((offset) => wall - offset).sort((a, b) => a - b);
  return candidates.find((utc) => wallClock(utc, timeZone) === wall);
}
