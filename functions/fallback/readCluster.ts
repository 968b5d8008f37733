/** Reads the cluster: which instances have joined it, and what goes on in it. */
import type { ContainerInstance, ECS } from "@aws-sdk/client-ecs";
import type { Surroundings } from "../calls";
import { describeContainerInstances, isEmpty, listContainerInstances, readServices } from "../cluster";
import { isDeploying, isDraining, isShort } from "../goesOn";
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

export interface InCluster {
  readonly containerInstanceArn: string;
  readonly status: string;
  readonly agentConnected: boolean;
  readonly tasks: number;
  readonly empty: boolean;
  /** Whether tasks are leaving it. */
  readonly draining: boolean;
}

/** The cluster's container instances, by the ids of their instances. */
export async function readContainerInstances(reading: ClusterReading): Promise<Map<string, InCluster>> {
  const found = await describeContainerInstances(reading, await listContainerInstances(reading));
  return new Map(found.map((each) => [each.ec2InstanceId ?? "", inCluster(each)]));
}

function inCluster(instance: ContainerInstance): InCluster {
  return {
    containerInstanceArn: instance.containerInstanceArn ?? "",
    status: instance.status ?? "",
    agentConnected: instance.agentConnected ?? false,
    tasks: (instance.runningTasksCount ?? 0) + (instance.pendingTasksCount ?? 0),
    empty: isEmpty(instance),
    draining: isDraining(instance),
  };
}

/** Whether a service is being deployed, and whether one has fewer tasks than it wants. */
export async function readServiceActivities(
  reading: ClusterReading,
): Promise<{ readonly deployment: boolean; readonly shortage: boolean }> {
  const services = await readServices(reading);
  return { deployment: services.some(isDeploying), shortage: services.some(isShort) };
}
