/** What ECS's operations share: throttle buckets, pages, clusters and the ARNs within them. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { ResourceInRequest } from "../../world/iam";
import type { Cluster } from "../../world/ecs/cluster";
import { TASK_PROTECTION } from "../../world/ecs/protection";
import type { World } from "../../world/world";
import { ApiError, type Bucket } from "../operation";

/** §8.2: token buckets per account and Region. */
export const BUCKETS = {
  clusterRead: { name: "ecs cluster-resource read", burst: 100, refillPerSecond: 20 },
  clusterModify: { name: "ecs cluster-resource modify", burst: 100, refillPerSecond: 40 },
  serviceRead: { name: "ecs service read", burst: 100, refillPerSecond: 20 },
  serviceModify: { name: "ecs service modify", burst: 50, refillPerSecond: 5 },
  taskProtection: TASK_PROTECTION,
  tags: { name: "ecs tags", burst: 20, refillPerSecond: 10 },
} as const satisfies Record<string, Bucket>;

/** §8.1: pages of listings of ARNs. */
export const ARNS_PAGE = { byDefault: 100, most: 100 };

interface InCluster {
  readonly cluster?: string;
}

export function clusterOf(input: InCluster, world: World): Cluster {
  const name = (input.cluster ?? "default").split("/").at(-1)!;
  const cluster = world.clusters.get(name);
  if (cluster === undefined) throw new ApiError("ClusterNotFoundException", "Cluster not found.");
  return cluster;
}

/** The ARNs that a call touches, each in its cluster. */
export function within(input: InCluster, world: World, arns: readonly string[]): ResourceInRequest[] {
  const { arn } = clusterOf(input, world).spec;
  return arns.map((each) => ({ arn: each, context: { "ecs:cluster": arn } }));
}

export const clusterItself = (input: InCluster, world: World): ResourceInRequest[] =>
  within(input, world, [clusterOf(input, world).spec.arn]);

type Kind = "container-instance" | "task" | "service";

/** Callers may name a container instance, a task or a service by its id or name alone. */
export function arnOf(kind: Kind, given: string, cluster: Cluster): string {
  return given.startsWith("arn:") ? given : `${cluster.spec.arn.replace(":cluster/", `:${kind}/`)}/${given}`;
}

export const arnsOf = (kind: Kind, given: readonly string[] | undefined, cluster: Cluster): string[] =>
  (given ?? []).map((each) => arnOf(kind, each, cluster));

/** What of the named is there, as `look` tells of it; the rest is missing. */
export function lookUp<T>(
  arns: readonly string[],
  look: (arn: string) => T | undefined,
): { readonly found: T[]; readonly failures: sdk.Failure[] } {
  const looked = arns.map((arn) => ({ arn, found: look(arn) }));
  return {
    found: looked.flatMap(({ found }) => (found === undefined ? [] : [found])),
    failures: looked.flatMap(({ arn, found }) => (found === undefined ? [missing(arn)] : [])),
  };
}

export const missing = (arn: string): sdk.Failure => ({ arn, reason: "MISSING" });

/** Tags as a description has them that was asked to include them. */
export const tagged = (tags: Readonly<Record<string, string>>): { readonly tags: sdk.Tag[] } => ({
  tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
});
