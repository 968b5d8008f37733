/** A small cluster and service that are right, to change one thing at a time. */
import type { BalancedServiceArgs } from "../../components/balancedServiceArgs";
import { BalancedService } from "../../components/balancedService";
import { SpotCluster } from "../../components/spotCluster";
import type { SpotClusterArgs } from "../../components/spotClusterArgs";
import { record, type Recording } from "./recorder";

export const CLUSTER: SpotClusterArgs = {
  vpcId: "vpc-1",
  subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
  instanceTypes: ["m5.large", "m5a.large", "m6i.large"],
  minSize: 2,
  maxSize: 20,
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
