/**
 * How an alarm's state follows from its datapoints.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export const COMPARISONS = {
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
} as const;

export type Comparison = keyof typeof COMPARISONS;

export const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const;

export type TreatMissingData = (typeof TREATMENTS)[number];

export interface Evaluation {
  /** N */
  readonly evaluationPeriods: number;
  /** M */
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
}

/** How many datapoints an alarm of N looks at: five where N is three, as documented; for any other N it is assumed. */
export const RANGES = {
  twoMore: (evaluationPeriods: number) => evaluationPeriods + 2,
  fiveThirds: (evaluationPeriods: number) => Math.ceil((evaluationPeriods * 5) / 3),
} as const;

/** Whether a datapoint breaches; undefined: it is missing. */
export type Point = boolean | undefined;

/** `points` are those of the evaluation range, the newest last. */
export function evaluate(points: readonly Point[], how: Evaluation, state: AlarmState): AlarmState {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = how;
  const real = points.filter((point) => point !== undefined);
  const breaching = real.slice(-evaluationPeriods).filter((point) => point).length;
  const filled = Math.max(0, evaluationPeriods - real.length);
  if (breaching + (treatMissingData === "breaching" ? filled : 0) >= datapointsToAlarm) return "ALARM";
  const isFilled = treatMissingData === "breaching" || treatMissingData === "notBreaching";
  if (filled === 0 || isFilled || breaching < real.length) return "OK";
  if (treatMissingData === "ignore") return state;
  return isOldEnough(points, datapointsToAlarm) ? "ALARM" : "INSUFFICIENT_DATA";
}

/** Every real datapoint breaches, though there are too few: so does what is missing, if the oldest of them is M old. */
function isOldEnough(points: readonly Point[], datapointsToAlarm: number): boolean {
  const oldest = points.findIndex((point) => point !== undefined);
  return oldest !== -1 && points.length - oldest >= datapointsToAlarm;
}
