/** A small worker tier that is right, to change one thing at a time. */
import { SpotCluster } from "../../../components/spotCluster";
import type { SpotClusterArgs } from "../../../components/spotClusterArgs";
import { SqsWorkerTier } from "../../../components/sqsWorkerTier";
import type { SqsWorkerTierArgs } from "../../../components/sqsWorkerTierArgs";
import { CLUSTER } from "../../support/fixtures";
import { record, recordFailure, type Recording } from "../../support/recorder";

export const TIER: Omit<SqsWorkerTierArgs, "cluster"> = {
  image: "public.ecr.aws/docker/library/node:24.4.1-alpine",
  cpu: 256,
  memoryReservationMiB: 256,
  queues: ["high", "low"],
  acceptableLatencySeconds: 600,
  msgProcessingSeconds: 2,
};

/** A tier named `mail` on a cluster named `shop`. */
export function recordTier(
  changes: Partial<SqsWorkerTierArgs> = {},
  cluster: Partial<SpotClusterArgs> = {},
): Promise<Recording> {
  return record(() => {
    const shop = new SpotCluster("shop", { ...CLUSTER, ...cluster });
    return new SqsWorkerTier("mail", { ...TIER, cluster: shop, ...changes });
  });
}

/** Why such a tier is refused, before any resource of it is declared. */
export async function tierFailure(changes: object, cluster: Partial<SpotClusterArgs> = {}): Promise<string> {
  const { message, recording } = await recordFailure(() => {
    const shop = new SpotCluster("shop", { ...CLUSTER, ...cluster });
    return new SqsWorkerTier("mail", { ...TIER, cluster: shop, ...changes });
  });
  const declared = recording.ofType("spotproof:components:SqsWorkerTier");
  if (declared.length > 0) throw new Error(`declared before the error: ${message}`);
  return message;
}

export interface Container {
  readonly name: string;
  readonly stopTimeout: number;
  readonly image: string;
  readonly environment: readonly { readonly name: string; readonly value: string }[];
}

/** Of a task definition, the main one first. */
export function containersOf(recording: Recording, definition = "mail-task"): Container[] {
  const { inputs } = recording.only("aws:ecs/taskDefinition:TaskDefinition", definition);
  return JSON.parse(inputs.containerDefinitions as string) as Container[];
}

export const environmentOf = ({ environment }: Container): Record<string, string> =>
  Object.fromEntries(environment.map(({ name, value }) => [name, value]));
