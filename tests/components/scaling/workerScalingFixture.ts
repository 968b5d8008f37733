/** A worker service made by hand, to scale in one way or another. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import {
  makeWorkerScaling,
  workerScalingProblems,
  type WorkerScaling,
  type WorkerScalingSettings,
} from "../../../components/scaling/workerScaling";
import type { WorkerScalingFacts } from "../../../components/scaling/workerScalingProblems";
import { record, type Recording } from "../../support/recorder";

export const WORKERS = { acceptableLatencySeconds: 60, msgProcessingSeconds: 2, concurrency: 1 };

/** A service named `mail` on a cluster named `shop`, with queues `mail-high` and `mail-low`. */
export function recordWorkers(
  scaling: WorkerScaling = {},
  changes: Partial<Omit<WorkerScalingSettings, "scaling">> = {},
): Promise<Recording> {
  return record(() => {
    const parent = new pulumi.ComponentResource("test:Tier", "mail");
    const cluster = new aws.ecs.Cluster("shop");
    const service = new aws.ecs.Service("mail", { cluster: cluster.arn });
    const settings: WorkerScalingSettings = {
      ...WORKERS,
      scaling,
      cluster,
      service,
      queueNames: ["mail-high", "mail-low"],
      checkIntervalSeconds: 5,
      logRetentionDays: 30,
      tags: {},
      ...changes,
    };
    makeWorkerScaling("mail", settings, parent);
  });
}

/** The problems of otherwise right args, one line each. */
export function workerProblemsOf(
  scaling: WorkerScaling | undefined,
  facts: Partial<WorkerScalingFacts> = {},
): string[] {
  return workerScalingProblems(scaling, { ...WORKERS, queueCount: 2, ...facts }).map(
    ({ property, allowed, change }) => `${property}: ${allowed}; ${change}`,
  );
}
