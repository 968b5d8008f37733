/** Workers as the configuration has them, on a cluster of defaults. */
import * as pulumi from "@pulumi/pulumi";
import { SpotCluster } from "../../../components/spotCluster";
import { SqsWorkerTier } from "../../../components/sqsWorkerTier";
import type { SqsWorkerTierArgs } from "../../../components/sqsWorkerTierArgs";
import { SHOP } from "./shop";

const config = new pulumi.Config("workers");

new SqsWorkerTier("mail", {
  cluster: new SpotCluster("shop", SHOP),
  image: "public.ecr.aws/docker/library/node:24.4.1-alpine",
  cpu: 256,
  memoryReservationMiB: 256,
  acceptableLatencySeconds: 60,
  msgProcessingSeconds: 2,
  protectQueues: config.getBoolean("protectQueues"),
  ...config.requireObject<Pick<SqsWorkerTierArgs, "queues" | "polling" | "services" | "fifo" | "scaling">>("args"),
});
