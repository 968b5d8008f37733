/** The functions of metric math on datapoints. */

type Points = readonly number[];

const total = (points: Points): number => points.reduce((sum, point) => sum + point, 0);

const ofSome =
  (apply: (points: Points) => number) =>
  (points: Points): number | undefined =>
    points.length === 0 ? undefined : apply(points);

/** Of the datapoints that several series have at one time; those that are missing don't count. */
export const aggregate = {
  AVG: ofSome((points) => total(points) / points.length),
  MAX: ofSome((points) => Math.max(...points)),
  MIN: ofSome((points) => Math.min(...points)),
  SUM: ofSome(total),
} as const;

/** By a number, or by the datapoint before. */
export type Fill = number | "repeat";

/** It fills the latest period, too, of which nothing may be published yet. */
export function fill(series: readonly (number | undefined)[], by: Fill): (number | undefined)[] {
  let last: number | undefined;
  return series.map((point) => {
    if (point !== undefined) last = point;
    return point ?? (by === "repeat" ? last : by);
  });
}
