/** A web tier that hands its slow work to workers, by two queues: what a customer waits for, and what can wait. */
import * as pulumi from "@pulumi/pulumi";
import { BalancedService } from "../../components/balancedService";
import { SpotCluster } from "../../components/spotCluster";
import { SqsWorkerTier } from "../../components/sqsWorkerTier";
import type { SqsWorkerTierArgs } from "../../components/sqsWorkerTierArgs";

const config = new pulumi.Config();

const cluster = new SpotCluster("shop", {
  vpcId: config.get("vpcId"),
  subnetIds: config.getObject<string[]>("subnetIds"),
  instanceTypes: config.requireObject<string[]>("instanceTypes"),
  minSize: config.requireNumber("minSize"),
  maxSize: config.requireNumber("maxSize"),
  onDemandBaseCapacity: config.getNumber("onDemandBaseCapacity"),
  stopTimeoutSeconds: config.getNumber("stopTimeoutSeconds"),
});

const jobs = new SqsWorkerTier("jobs", {
  cluster,
  image: config.require("workerImage"),
  cpu: config.requireNumber("workerCpu"),
  memoryReservationMiB: config.requireNumber("workerMemoryMiB"),
  queues: [
    { name: "high", weight: 3 },
    { name: "low", weight: 1 },
  ],
  services: config.get<NonNullable<SqsWorkerTierArgs["services"]>>("services"),
  polling: config.get<NonNullable<SqsWorkerTierArgs["polling"]>>("polling"),
  concurrency: config.getNumber("concurrency"),
  acceptableLatencySeconds: config.requireNumber("acceptableLatencySeconds"),
  msgProcessingSeconds: config.requireNumber("msgProcessingSeconds"),
  longestJobSeconds: config.getNumber("longestJobSeconds"),
  scaling: {
    minCount: config.requireNumber("minCount"),
    maxCount: config.requireNumber("maxCount"),
    ...config.getObject<SqsWorkerTierArgs["scaling"]>("scaling"),
  },
});

const web = new BalancedService("web", {
  cluster,
  image: config.require("webImage"),
  containerPort: 80,
  cpu: 256,
  memoryReservationMiB: 256,
  desiredCount: config.requireNumber("webCount"),
  // JOBS_HIGH_QUEUE_URL and JOBS_LOW_QUEUE_URL, and the right to send to these two queues.
  environment: jobs.publisherEnvironment(),
  taskPolicy: jobs.sendStatements(),
});

export const url = web.url;
export const highQueueUrl = jobs.queues.high.url;
export const lowQueueUrl = jobs.queues.low.url;
