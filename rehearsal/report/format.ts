/** Numbers and times as a reader says them. */
const DAY_S = 86_400;

const two = (value: number): string => String(value).padStart(2, "0");

/** `day 2, 03:04:05`; days count from 1. What came before the measuring has a minus and no day. */
export function timeOf(seconds: number): string {
  if (seconds < 0) return `−${clockOf(-seconds)}`;
  return `day ${Math.floor(seconds / DAY_S) + 1}, ${clockOf(seconds)}`;
}

export function clockOf(seconds: number): string {
  const within = Math.floor(seconds % DAY_S);
  return `${two(Math.floor(within / 3600))}:${two(Math.floor((within % 3600) / 60))}:${two(within % 60)}`;
}

/** As short as the distance between two marks of an axis allows. */
export function markOf(seconds: number, distance: number): string {
  if (distance >= DAY_S) return `day ${Math.floor(seconds / DAY_S) + 1}`;
  const clock = distance >= 60 ? clockOf(seconds).slice(0, 5) : clockOf(seconds);
  return seconds % DAY_S === 0 ? `day ${Math.floor(seconds / DAY_S) + 1}` : clock;
}

export const numberOf = (value: number, digits = 0): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Few digits for small numbers, none for large ones. */
export const shortNumberOf = (value: number): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0 });

/** Seconds after an instant; nothing where it didn't happen. */
export const afterOf = (seconds: number | undefined): string =>
  seconds === undefined ? "–" : `${numberOf(seconds, seconds < 1 ? 2 : 1)} s`;
