const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "\u00b5s": 1e-3,
  "\u03bcs": 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/** Go keeps a duration in 64 bits of nanoseconds, and refuses more. */
const LONGEST_MS = 2 ** 63 / 1e6;

/**
 * The milliseconds of a Go duration such as `2m`, `1m59s` or `0h2m`; nothing where Go refuses the text: `90` has no unit,
 * `1 m` has a space.
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseGoDuration(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const unsigned = text.replace(/^[+-]/, "");
  if (unsigned === "0") return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/.test(unsigned)) return undefined;
  const milliseconds = [...unsigned.matchAll(/([\d.]+)([^\d.]+)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS_MS[unit ?? ""] ?? NaN),
    0,
  );
  return milliseconds < LONGEST_MS ? sign * milliseconds : undefined;
}
