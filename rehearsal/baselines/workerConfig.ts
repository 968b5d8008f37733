/** What the baselines of worker tiers take from the configuration of the stack that they are held against. */
import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_TIME_BUDGET } from "../../functions/timeBudget";
import type { PlainGroup, PlainWeb } from "./plainStack";
import type { PlainWorkers } from "./plainWorkers";

export interface WorkerConfig {
  readonly group: PlainGroup;
  readonly web: PlainWeb;
  readonly workers: PlainWorkers;
  /** Messages that may wait for each task. */
  readonly backlogPerTask: number;
}

interface Scaling {
  readonly minCount?: number;
  readonly maxCount?: number;
}

/** The keys are those of examples/web-and-workers. */
export function readWorkerConfig(): WorkerConfig {
  const config = new pulumi.Config();
  const { minCount = 0, maxCount = 10 } = config.getObject<Scaling>("scaling") ?? {};
  return {
    group: {
      instanceTypes: config.requireObject("instanceTypes"),
      minSize: config.requireNumber("minSize"),
      maxSize: config.requireNumber("maxSize"),
      onDemandBaseCapacity: config.getNumber("onDemandBaseCapacity") ?? 0,
      onDemandPercentageAboveBaseCapacity: 0,
      targetCapacityPercent: 100,
      vpcId: config.get("vpcId"),
      subnetIds: config.getObject("subnetIds"),
      availabilityZoneCount: 3,
    },
    web: {
      cpu: 256,
      memoryReservationMiB: 256,
      containerPort: 80,
      desiredCount: config.requireNumber("webCount"),
      healthCheckGracePeriodSeconds: 60,
    },
    workers: {
      cpu: config.requireNumber("workerCpu"),
      memoryReservationMiB: config.requireNumber("workerMemoryMiB"),
      minCount,
      maxCount,
      stopTimeoutSeconds: DEFAULT_TIME_BUDGET.stopTimeoutSeconds,
      visibilityTimeoutSeconds: 60,
      maxReceiveCount: 10,
    },
    backlogPerTask: config.requireNumber("acceptableLatencySeconds") / config.requireNumber("msgProcessingSeconds"),
  };
}
