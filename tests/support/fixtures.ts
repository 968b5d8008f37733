/** A small cluster and service that are right, to change one thing at a time. */
import * as pulumi from "@pulumi/pulumi";
import type { BalancedServiceArgs } from "../../components/balancedServiceArgs";
import { BalancedService } from "../../components/balancedService";
import { SpotCluster } from "../../components/spotCluster";
import type { SpotClusterArgs } from "../../components/spotClusterArgs";
import { record, recordFailure, type Recording } from "./recorder";

export const CLUSTER: SpotClusterArgs = {
  vpcId: "vpc-1",
  subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
  instanceTypes: ["m5.large", "m5a.large", "m6i.large"],
  minSize: 2,
  maxSize: 20,
  // Its function is a part of its own, with tests of its own.
  refresh: "off",
};

export const SERVICE: Omit<BalancedServiceArgs, "cluster"> = {
  image: "public.ecr.aws/nginx/nginx:1.29.3",
  containerPort: 3000,
  cpu: 512,
  memoryReservationMiB: 512,
};

export function recordCluster(changes: Partial<SpotClusterArgs> = {}, name = "shop"): Promise<Recording> {
  return record(() => new SpotCluster(name, { ...CLUSTER, ...changes }));
}

/** A service named `api` on a cluster named `shop`. */
export function recordService(
  changes: Partial<BalancedServiceArgs> = {},
  { cluster = {}, name = "api" }: { cluster?: Partial<SpotClusterArgs>; name?: string } = {},
): Promise<Recording> {
  return record(() => {
    const shop = new SpotCluster("shop", { ...CLUSTER, ...cluster });
    return new BalancedService(name, { ...SERVICE, cluster: shop, ...changes });
  });
}

/** Why such a service is refused, before any resource of it is declared. */
export async function serviceFailure(changes: object, cluster: Partial<SpotClusterArgs> = {}): Promise<string> {
  const { message, recording } = await recordFailure(() => {
    const shop = new SpotCluster("shop", { ...CLUSTER, ...cluster });
    return new BalancedService("api", { ...SERVICE, cluster: shop, ...changes });
  });
  const declared = recording.ofType("spotproof:components:BalancedService");
  if (declared.length > 0) throw new Error(`declared before the error: ${message}`);
  return message;
}

/** What an Output becomes, or the error of one that can't. */
export function promiseOf<T>(value: pulumi.Input<T>): Promise<T> {
  return (pulumi.output(value) as unknown as { promise(): Promise<T> }).promise();
}
