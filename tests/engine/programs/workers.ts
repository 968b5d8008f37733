/** Workers as the configuration has them, on a cluster of defaults. */
import * as pulumi from "@pulumi/pulumi";
import { SpotCluster } from "../../../components/spotCluster";
import { SqsWorkerTier } from "../../../components/sqsWorkerTier";
import type { SqsWorkerTierArgs } from "../../../components/sqsWorkerTierArgs";
import { SHOP } from "./shop";

const config = new pulumi.Config("workers");

/** A queue that may not be deleted, with the jobs in it. */
const protectedQueues: pulumi.ResourceTransform = ({ type, props, opts }) =>
  type === "aws:sqs/queue:Queue" ? { props, opts: { ...opts, protect: true } } : undefined;

new SqsWorkerTier(
  "mail",
  {
    cluster: new SpotCluster("shop", SHOP),
    image: "public.ecr.aws/docker/library/node:24.4.1-alpine",
    cpu: 256,
    memoryReservationMiB: 256,
    acceptableLatencySeconds: 60,
    msgProcessingSeconds: 2,
    ...config.requireObject<Pick<SqsWorkerTierArgs, "queues" | "polling" | "fifo" | "scaling">>("args"),
  },
  { transforms: config.getBoolean("protectQueues") === true ? [protectedQueues] : [] },
);
