/** What the scoreboard says of jobs. */
import type { VariantResult } from "./result";

type Jobs = VariantResult["jobs"];
type JobRow = readonly [label: string, cell: (jobs: Jobs) => string];

export const REPEATS: Readonly<Record<keyof Jobs["repeatedBy"], string>> = {
  workerKilled: "worker killed at the end of its stop timeout",
  hostLost: "worker lost with its instance",
  diedOnSigterm: "worker ended on SIGTERM with it in hand",
  givenBack: "given back, to be done by another",
  limit: "at SQS's 12 hours",
  handlerFailed: "its handler failed",
  heartbeatFailed: "its visibility timeout couldn't be extended",
  visibilityLapsed: "its visibility timeout lapsed",
  deleteFailed: "it couldn't be deleted",
  sqsDuplicate: "delivered twice by SQS",
  unexplained: "without a cause",
};

const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
const ratio = (part: number, of: number): string => (of === 0 ? "–" : (part / of).toFixed(2));

/** The rows for variants whose jobs go to these queues. */
export function jobRows(queues: readonly string[]): JobRow[] {
  return [
    ["Jobs submitted", ({ submitted }) => whole(submitted)],
    ["  completed", ({ completed }) => whole(completed)],
    ["  lost", ({ lost }) => whole(lost)],
    ["  dead-lettered", ({ deadLettered }) => whole(deadLettered)],
    ["  open at the end", ({ open }) => whole(open)],
    ["Jobs begun again", ({ repeated }) => whole(repeated)],
    ...Object.entries(REPEATS).map(([cause, label]): JobRow => [
      `  ${label}`,
      ({ repeatedBy }) => whole(repeatedBy[cause as keyof typeof REPEATS]),
    ]),
    ["Messages given back", ({ givenBack }) => whole(givenBack)],
    ...queues.flatMap((queue) => waitRows(queue)),
    ["Worker hours", ({ taskSeconds }) => whole(taskSeconds / 3600)],
    ["  jobs at once on each", ({ workSeconds, taskSeconds }) => ratio(workSeconds, taskSeconds)],
    ["  minutes of work thrown away", ({ thrownAwaySeconds }) => whole(thrownAwaySeconds / 60)],
    ["EC2 cost per 1,000 jobs", ({ usdPerThousand }) => `$${usdPerThousand.toFixed(2)}`],
  ];
}

const waitRows = (queue: string): JobRow[] => [
  [`Seconds in queue ${queue}, median`, ({ queueSeconds }) => wait(queueSeconds[queue]?.p50)],
  ["  95th percentile", ({ queueSeconds }) => wait(queueSeconds[queue]?.p95)],
  ["  longest", ({ queueSeconds }) => wait(queueSeconds[queue]?.max)],
];

const wait = (seconds: number | undefined): string => (seconds === undefined ? "–" : whole(seconds));
