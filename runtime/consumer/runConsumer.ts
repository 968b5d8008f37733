/**
 * Everything that a worker's container needs, set as `SqsWorkerTier` declared it.
 *
 * @example
 * import { SQS } from "@aws-sdk/client-sqs";
 * import { runConsumer } from "spotproof-runtime";
 *
 * runConsumer({ sqs: new SQS(), handler: async (job) => resize(JSON.parse(job.body)) });
 */
import { agentProtection } from "../agentProtection";
import { WorkProtection } from "../workProtection";
import { embeddedMetrics } from "./embeddedMetrics";
import { consumerSettings } from "./environment";
import { eventRecord, isRoutine } from "./eventRecord";
import type { ConsumerEvent } from "./events";
import { sdkSqs, type SqsClient } from "./sdkSqs";
import { SqsConsumer, type SqsConsumerOptions } from "./sqsConsumer";

type Own = "sqs" | "queues" | "polling" | "concurrency" | "stopTimeoutSeconds" | "report";
type WithoutOwn<T> = T extends unknown ? Omit<T, Own> : never;

export type RunConsumerOptions = WithoutOwn<SqsConsumerOptions> & {
  /** `new SQS()` of `@aws-sdk/client-sqs`. */
  readonly sqs: SqsClient;
  /** @default process.env */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Gets each line of the log, the metrics' among them. @default the standard output */
  readonly write?: (line: string) => void;
  /** Told everything beside the log, e.g. for traces. @default nothing */
  readonly report?: (event: ConsumerEvent) => void;
  /** Called when all is finished or given back. @default process.exit(0) */
  readonly exit?: () => void;
};

/**
 * Starts to receive, protects the task while there is work (in a container of ECS, through its agent) unless the tier's jobs
 * are too short to need it, and ends on SIGTERM.
 * @throws Error that names every environment variable that is missing or wrong; RangeError for options that can't be.
 */
export function runConsumer(options: RunConsumerOptions): SqsConsumer {
  const { environment = process.env, write = (line) => void process.stdout.write(line), sqs, report, exit } = options;
  const metrics = embeddedMetrics({ write });
  const log = (record: object): void => write(`${JSON.stringify({ time: new Date().toISOString(), ...record })}\n`);
  const { protectsWork, ...settings } = consumerSettings(environment);
  const { ECS_AGENT_URI: agentUri } = environment;
  const protection = agentUri === undefined || !protectsWork ? undefined : agentProtection({ agentUri });
  const work = options.work ?? (protection && new WorkProtection({ protection, report: log }));
  const consumer = new SqsConsumer({
    ...options,
    ...settings,
    work,
    sqs: sdkSqs(sqs),
    report: (event) => {
      metrics.report(event);
      if (!isRoutine(event)) log(eventRecord(event));
      report?.(event);
    },
  });
  consumer.start();
  process.once("SIGTERM", () => {
    void consumer.stop().then(() => {
      metrics.flush();
      (exit ?? (() => process.exit(0)))();
    });
  });
  return consumer;
}
