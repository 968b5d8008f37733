/** What ECS tells of a cluster's container instances and services, as every function reads it. */
import type { ContainerInstance, ContainerInstanceField, ECS, Service, ServiceField } from "@aws-sdk/client-ecs";
import { batches, pages, retrying, type Surroundings } from "./calls";

/** Who to ask, for which cluster, until when (milliseconds since the epoch). */
interface ClusterReading<C extends keyof ECS> {
  readonly ports: { readonly ecs: Pick<ECS, C> } & Surroundings;
  readonly settings: { readonly clusterArn: string };
  readonly deadline: number;
}

const LIST_SERVICES_LIMIT = 100;
const DESCRIBE_SERVICES_LIMIT = 10;
const DESCRIBE_INSTANCES_LIMIT = 100;

/** The ARNs of all container instances, those that drain too; or of some. @param which `filter` in the cluster query language */
export function listContainerInstances(
  { ports, settings, deadline }: ClusterReading<"listContainerInstances">,
  which: { readonly filter?: string; readonly status?: "DRAINING" } = {},
): Promise<string[]> {
  return pages(async (nextToken) => {
    const request = { cluster: settings.clusterArn, ...which, nextToken };
    const answer = await retrying((options) => ports.ecs.listContainerInstances(request, options), deadline, ports);
    return { items: answer.containerInstanceArns, nextToken: answer.nextToken };
  });
}

export async function describeContainerInstances(
  { ports, settings, deadline }: ClusterReading<"describeContainerInstances">,
  arns: readonly string[],
  include?: ContainerInstanceField[],
): Promise<ContainerInstance[]> {
  const cluster = settings.clusterArn;
  const answers = await Promise.all(
    batches(arns, DESCRIBE_INSTANCES_LIMIT).map((containerInstances) =>
      retrying(
        (options) => ports.ecs.describeContainerInstances({ cluster, containerInstances, include }, options),
        deadline,
        ports,
      ),
    ),
  );
  return answers.flatMap((answer) => answer.containerInstances ?? []);
}

/**
 * By its resources and not by its counts, which leave out tasks that are stopping and may still finish requests. A read
 * that lags shows what was held before, so it errs on the safe side.
 */
export function isEmpty({ registeredResources, remainingResources }: ContainerInstance): boolean {
  const registered = (registeredResources ?? []).filter(({ name }) => name === "CPU" || name === "MEMORY");
  return (
    registered.length > 0 &&
    registered.every(({ name, integerValue }) =>
      remainingResources?.some((each) => each.name === name && each.integerValue === integerValue),
    )
  );
}

/** The ARNs of every service. */
export function listServices({ ports, settings, deadline }: ClusterReading<"listServices">): Promise<string[]> {
  return pages(async (nextToken) => {
    const request = { cluster: settings.clusterArn, maxResults: LIST_SERVICES_LIMIT, nextToken };
    const answer = await retrying((options) => ports.ecs.listServices(request, options), deadline, ports);
    return { items: answer.serviceArns, nextToken: answer.nextToken };
  });
}

/** @param services ARNs or names */
export async function describeServices(
  { ports, settings, deadline }: ClusterReading<"describeServices">,
  services: readonly string[],
  include?: ServiceField[],
): Promise<Service[]> {
  const cluster = settings.clusterArn;
  const answers = await Promise.all(
    batches(services, DESCRIBE_SERVICES_LIMIT).map((run) =>
      retrying((options) => ports.ecs.describeServices({ cluster, services: run, include }, options), deadline, ports),
    ),
  );
  return answers.flatMap((answer) => answer.services ?? []);
}

/** Every service. */
export async function readServices(reading: ClusterReading<"listServices" | "describeServices">): Promise<Service[]> {
  return describeServices(reading, await listServices(reading));
}
