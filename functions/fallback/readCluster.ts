/** Reads the cluster: which instances have joined it, and what goes on in it. */
import type { ContainerInstance, ECS } from "@aws-sdk/client-ecs";
import { batches, pages, retrying, type Surroundings } from "../calls";
import { isEmpty } from "../drain/read";
import { isDeploying, isShort } from "../goesOn";
import type { FallbackSettings } from "./settings";

export interface ClusterPorts {
  readonly ecs: Pick<
    ECS,
    "listContainerInstances" | "describeContainerInstances" | "listServices" | "describeServices"
  >;
}

export interface ClusterReading {
  readonly ports: ClusterPorts & Surroundings;
  readonly settings: FallbackSettings;
  readonly deadline: number;
}

const DESCRIBE_INSTANCES_LIMIT = 100;
const DESCRIBE_SERVICES_LIMIT = 10;
const LIST_SERVICES_LIMIT = 100;

export interface InCluster {
  readonly containerInstanceArn: string;
  readonly status: string;
  readonly agentConnected: boolean;
  readonly tasks: number;
  readonly empty: boolean;
}

/** The cluster's container instances, by the ids of their instances. */
export async function readContainerInstances({
  ports,
  settings,
  deadline,
}: ClusterReading): Promise<Map<string, InCluster>> {
  const cluster = settings.clusterArn;
  const arns = await pages(async (nextToken) => {
    const answer = await retrying(
      (options) => ports.ecs.listContainerInstances({ cluster, nextToken }, options),
      deadline,
      ports,
    );
    return { items: answer.containerInstanceArns, nextToken: answer.nextToken };
  });
  const answers = await Promise.all(
    batches(arns, DESCRIBE_INSTANCES_LIMIT).map((containerInstances) =>
      retrying(
        (options) => ports.ecs.describeContainerInstances({ cluster, containerInstances }, options),
        deadline,
        ports,
      ),
    ),
  );
  const found = answers.flatMap((answer) => answer.containerInstances ?? []);
  return new Map(found.map((each) => [each.ec2InstanceId ?? "", inCluster(each)]));
}

function inCluster(instance: ContainerInstance): InCluster {
  return {
    containerInstanceArn: instance.containerInstanceArn ?? "",
    status: instance.status ?? "",
    agentConnected: instance.agentConnected ?? false,
    tasks: (instance.runningTasksCount ?? 0) + (instance.pendingTasksCount ?? 0),
    empty: isEmpty(instance),
  };
}

/** Whether a service is being deployed, and whether one has fewer tasks than it wants. */
export async function readServices({
  ports,
  settings,
  deadline,
}: ClusterReading): Promise<{ readonly deployment: boolean; readonly shortage: boolean }> {
  const cluster = settings.clusterArn;
  const arns = await pages(async (nextToken) => {
    const answer = await retrying(
      (options) => ports.ecs.listServices({ cluster, maxResults: LIST_SERVICES_LIMIT, nextToken }, options),
      deadline,
      ports,
    );
    return { items: answer.serviceArns, nextToken: answer.nextToken };
  });
  const answers = await Promise.all(
    batches(arns, DESCRIBE_SERVICES_LIMIT).map((services) =>
      retrying((options) => ports.ecs.describeServices({ cluster, services }, options), deadline, ports),
    ),
  );
  const services = answers.flatMap((answer) => answer.services ?? []);
  return { deployment: services.some(isDeploying), shortage: services.some(isShort) };
}
