import type { Problem } from "./problems";

/** What CloudWatch Logs takes.
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

export function logRetentionProblems(property: string, given: number | undefined): Problem[] {
  if (given === undefined || LOG_RETENTION_DAYS.includes(given)) return [];
  const next = LOG_RETENTION_DAYS.find((days) => days > given) ?? LOG_RETENTION_DAYS.at(-1);
  return [{ property, given, allowed: LOG_RETENTION_DAYS.join(", "), change: `give ${next}` }];
}
