/** What a worker's container is told of its queues; the consumer of the runtime reads it. */
import * as pulumi from "@pulumi/pulumi";
import type { ResolvedQueue } from "./workerQueueResolved";
import type { WorkerQueue } from "./workerQueues";

export const POLLING = ["strict", "weighted"] as const;
export type Polling = (typeof POLLING)[number];

export const WORKER_VARIABLES = {
  queues: "SPOTPROOF_QUEUES",
  polling: "SPOTPROOF_POLLING",
  concurrency: "SPOTPROOF_CONCURRENCY",
  stopTimeoutSeconds: "SPOTPROOF_STOP_TIMEOUT_SECONDS",
  protectsWork: "SPOTPROOF_PROTECTS_WORK",
} as const;

export interface ToldSettings {
  readonly polling: Polling;
  readonly concurrency: number;
  readonly stopTimeoutSeconds: number;
  readonly protectsWork: boolean;
}

/** The queues are in order of priority. */
export function workerEnvironment(
  queues: readonly (ResolvedQueue & Pick<WorkerQueue, "url">)[],
  { polling, concurrency, stopTimeoutSeconds, protectsWork }: ToldSettings,
): Record<string, pulumi.Input<string>> {
  const told = queues.map(({ name, url, weight, visibilityTimeoutSeconds }) => {
    return { name, url, weight, visibilityTimeoutSeconds };
  });
  return {
    [WORKER_VARIABLES.queues]: pulumi.jsonStringify(told),
    [WORKER_VARIABLES.polling]: polling,
    [WORKER_VARIABLES.concurrency]: String(concurrency),
    [WORKER_VARIABLES.stopTimeoutSeconds]: String(stopTimeoutSeconds),
    [WORKER_VARIABLES.protectsWork]: String(protectsWork),
  };
}
