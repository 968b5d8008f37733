/**
 * A consumer's metrics as lines of its log, which CloudWatch takes for metrics.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { realTimers } from "../realTimers";
import type { Timers } from "../timers";
import type { ConsumerEvent, Report } from "./events";

export const METRIC_NAMESPACE = "Spotproof";

const METRICS = [
  { Name: "JobsReceived", Unit: "Count" },
  { Name: "JobsDone", Unit: "Count" },
  { Name: "JobsFailed", Unit: "Count" },
  { Name: "JobsGivenBack", Unit: "Count" },
  { Name: "HeartbeatFailures", Unit: "Count" },
  { Name: "SecondsInQueue", Unit: "Seconds" },
] as const;

type MetricName = (typeof METRICS)[number]["Name"];

/** The format takes at most 100 values of a metric in a line. */
const MOST_VALUES = 100;

interface Counts {
  readonly counts: Map<MetricName, number>;
  secondsInQueue: number[];
}

export interface EmbeddedMetricsOptions {
  /** Gets each line. @default the standard output */
  readonly write?: (line: string) => void;
  /** Between two lines of a queue, while there is something to tell. @default 10 */
  readonly everySeconds?: number;
  /** @default the machine's clock */
  readonly timers?: Timers;
}

export interface EmbeddedMetrics {
  readonly report: Report;
  /** Writes what has been counted since the last line; call it before the process ends. */
  flush(): void;
}

/** Counts by queue, by the name that it has in AWS, and not once for each job: a line is paid for by its length. */
export function embeddedMetrics(options: EmbeddedMetricsOptions = {}): EmbeddedMetrics {
  const { write = (line) => void process.stdout.write(line), everySeconds = 10, timers = realTimers } = options;
  const byQueue = new Map<string, Counts>();
  let timer: unknown;
  const flush = (): void => {
    timers.cancel(timer);
    timer = undefined;
    for (const [queueName, counts] of byQueue) {
      for (const line of linesOf(queueName, counts, timers.now())) write(`${JSON.stringify(line)}\n`);
    }
    byQueue.clear();
  };
  const report = (event: ConsumerEvent): void => {
    const counted = COUNTED[event.kind];
    if (counted === undefined || !("queueUrl" in event)) return;
    const queueName = event.queueUrl.slice(event.queueUrl.lastIndexOf("/") + 1);
    const counts = byQueue.get(queueName) ?? { counts: new Map<MetricName, number>(), secondsInQueue: [] };
    byQueue.set(queueName, counts);
    counts.counts.set(counted, (counts.counts.get(counted) ?? 0) + 1);
    if (event.kind === "started") counts.secondsInQueue.push(event.secondsInQueue);
    timer ??= timers.after(everySeconds * 1000, flush);
  };
  return { report, flush };
}

const COUNTED: Readonly<Partial<Record<ConsumerEvent["kind"], MetricName>>> = {
  started: "JobsReceived",
  done: "JobsDone",
  failed: "JobsFailed",
  givenBack: "JobsGivenBack",
  limit: "JobsGivenBack",
  heartbeatFailed: "HeartbeatFailures",
  takenOver: "HeartbeatFailures",
};

/** The times of more jobs than a line takes go into lines of their own. */
function linesOf(queueName: string, { counts, secondsInQueue }: Counts, timestamp: number): object[] {
  const rest = chunks(secondsInQueue.slice(MOST_VALUES)).map((values) => ({ SecondsInQueue: values }));
  const first: Partial<Record<MetricName, number | readonly number[]>> = Object.fromEntries(counts);
  if (secondsInQueue.length > 0) first.SecondsInQueue = secondsInQueue.slice(0, MOST_VALUES);
  return [first, ...rest].map((values) => ({
    ...directive(Object.keys(values), timestamp),
    QueueName: queueName,
    ...values,
  }));
}

function directive(names: readonly string[], Timestamp: number): object {
  const Metrics = METRICS.filter(({ Name }) => names.includes(Name));
  return {
    _aws: { Timestamp, CloudWatchMetrics: [{ Namespace: METRIC_NAMESPACE, Dimensions: [["QueueName"]], Metrics }] },
  };
}

function chunks(values: readonly number[]): number[][] {
  const parts: number[][] = [];
  for (let from = 0; from < values.length; from += MOST_VALUES) parts.push(values.slice(from, from + MOST_VALUES));
  return parts;
}
