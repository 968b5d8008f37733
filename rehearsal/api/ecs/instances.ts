/** ECS's operations on container instances. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { Cluster } from "../../world/ecs/cluster";
import type { ContainerInstance, ContainerInstanceStatus } from "../../world/ecs/containerInstance";
import { dateOf } from "../../world/context";
import { ApiError, atMost, paged, type Operation } from "../operation";
import { ARNS_PAGE, arnsOf, BUCKETS, clusterItself, clusterOf, lookUp, tagged, within } from "./common";

const DESCRIBE_LIMIT = 100;
const UPDATE_LIMIT = 10;

/** The cluster query language, as far as it is used: `ec2InstanceId == i-…`. */
function candidates(filter: string | undefined, cluster: Cluster, asOf: number) {
  const all = cluster.instancesAt(asOf);
  if (filter === undefined) return all;
  const wanted = /^ec2InstanceId\s*==\s*'?(i-[0-9a-f]+)'?$/.exec(filter)?.[1];
  if (wanted === undefined) {
    throw new ApiError("InvalidParameterException", `Filter '${filter}' is not modelled: ec2InstanceId == i-… is.`);
  }
  return all.filter(({ instance }) => instance.ec2.id === wanted);
}

const listContainerInstances: Operation<sdk.ListContainerInstancesCommandInput> = {
  requires: [],
  bucket: BUCKETS.clusterRead,
  kind: "read",
  request: (input, world) => ({ action: "ecs:ListContainerInstances", resources: clusterItself(input, world) }),
  run: (input, world, asOf) => {
    const arns = candidates(input.filter, clusterOf(input, world), asOf)
      .filter(({ status }) => input.status === undefined || status === input.status)
      .map(({ instance }) => instance.arn);
    const { items, next } = paged(arns, input.nextToken, input.maxResults, ARNS_PAGE);
    return { containerInstanceArns: items, nextToken: next };
  },
};

const instanceArns = (input: { cluster?: string; containerInstances?: string[] }, cluster: Cluster): string[] =>
  arnsOf("container-instance", input.containerInstances, cluster);

const describeContainerInstances: Operation<sdk.DescribeContainerInstancesCommandInput> = {
  requires: ["containerInstances"],
  limits: atMost("containerInstances", DESCRIBE_LIMIT),
  bucket: BUCKETS.clusterRead,
  kind: "read",
  request: (input, world) => ({
    action: "ecs:DescribeContainerInstances",
    resources: within(input, world, instanceArns(input, clusterOf(input, world))),
  }),
  run: (input, world, asOf) => {
    const cluster = clusterOf(input, world);
    const { found, failures } = lookUp(instanceArns(input, cluster), (arn) => {
      const instance = cluster.instances.get(arn);
      const status = instance && cluster.statuses.at(instance, asOf);
      if (instance === undefined || status === undefined) return undefined;
      const tags = cluster.instanceTags.at(instance, asOf) ?? {};
      return { ...describe(instance, status), ...(input.include?.includes("TAGS") === true ? tagged(tags) : {}) };
    });
    return { containerInstances: found, failures };
  },
};

function describe(instance: ContainerInstance, status: ContainerInstanceStatus): sdk.ContainerInstance {
  let running = 0;
  let pending = 0;
  for (const { lastStatus } of instance.tasks) {
    if (lastStatus === "RUNNING") running++;
    else if (lastStatus === "PENDING") pending++;
  }
  return {
    containerInstanceArn: instance.arn,
    ec2InstanceId: instance.ec2.id,
    capacityProviderName: instance.capacityProvider,
    status,
    attributes: [
      { name: "ecs.availability-zone", value: instance.ec2.availabilityZone },
      { name: "ecs.instance-type", value: instance.ec2.instanceType },
    ],
    agentConnected: instance.agentConnected,
    runningTasksCount: running,
    pendingTasksCount: pending,
    registeredAt: dateOf(instance.registeredAt),
    registeredResources: resources(instance.registeredCpu, instance.registeredMemoryMiB),
    remainingResources: resources(
      instance.registeredCpu - instance.usedCpu,
      instance.registeredMemoryMiB - instance.usedMemoryMiB,
    ),
  };
}

const resources = (cpu: number, memoryMiB: number): sdk.Resource[] => [
  { name: "CPU", type: "INTEGER", integerValue: cpu },
  { name: "MEMORY", type: "INTEGER", integerValue: memoryMiB },
];

const updateContainerInstancesState: Operation<sdk.UpdateContainerInstancesStateCommandInput> = {
  requires: ["containerInstances", "status"],
  limits: atMost("containerInstances", UPDATE_LIMIT),
  bucket: BUCKETS.clusterModify,
  kind: "modify",
  request: (input, world) => ({
    action: "ecs:UpdateContainerInstancesState",
    resources: within(input, world, instanceArns(input, clusterOf(input, world))),
  }),
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const { status } = input;
    if (status !== "ACTIVE" && status !== "DRAINING") {
      throw new ApiError("InvalidParameterException", "Status must be ACTIVE or DRAINING.");
    }
    const { found, failures } = lookUp(instanceArns(input, cluster), (arn) => {
      const instance = cluster.instances.get(arn);
      return instance && cluster.setStatus(instance, status, "api") ? describe(instance, status) : undefined;
    });
    return { containerInstances: found, failures };
  },
};

export const instances: Readonly<Record<string, Operation>> = {
  ListContainerInstances: listContainerInstances,
  DescribeContainerInstances: describeContainerInstances,
  UpdateContainerInstancesState: updateContainerInstancesState,
};
