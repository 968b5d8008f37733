/** ECS's API as far as the functions call it. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { Cluster } from "../world/ecs/cluster";
import type { ContainerInstance } from "../world/ecs/containerInstance";
import type { Task } from "../world/ecs/task";
import { dateOf } from "../world/context";
import type { ResourceInRequest } from "../world/iam";
import type { World } from "../world/world";
import { ApiError, atMost, type Bucket, type Operation } from "./operation";

/** §8.2: token buckets per account and Region. */
const CLUSTER_READ: Bucket = { name: "ecs cluster-resource read", burst: 100, refillPerSecond: 20 };
const CLUSTER_MODIFY: Bucket = { name: "ecs cluster-resource modify", burst: 100, refillPerSecond: 40 };
const SERVICE_READ: Bucket = { name: "ecs service read", burst: 100, refillPerSecond: 20 };

function clusterOf(input: { cluster?: string }, world: World): Cluster {
  const name = (input.cluster ?? "default").split("/").at(-1)!;
  const cluster = world.clusters.get(name);
  if (cluster === undefined) throw new ApiError("ClusterNotFoundException", "Cluster not found.");
  return cluster;
}

/** The ARNs that a call touches, each in its cluster. */
function within(input: { cluster?: string }, world: World, arns: readonly string[]): ResourceInRequest[] {
  const { arn } = clusterOf(input, world).spec;
  return arns.map((each) => ({ arn: each, context: { "ecs:cluster": arn } }));
}

const clusterItself = (input: { cluster?: string }, world: World): ResourceInRequest[] =>
  within(input, world, [clusterOf(input, world).spec.arn]);

/** The cluster query language, as far as it is used: `ec2InstanceId == i-…`. */
function filterInstances(
  filter: string | undefined,
  instances: readonly ContainerInstance[],
): readonly ContainerInstance[] {
  if (filter === undefined) return instances;
  const wanted = /^ec2InstanceId\s*==\s*'?(i-[0-9a-f]+)'?$/.exec(filter)?.[1];
  if (wanted === undefined)
    throw new ApiError("InvalidParameterException", `Filter '${filter}' is not modelled: ec2InstanceId == i-… is.`);
  return instances.filter((instance) => instance.ec2.id === wanted);
}

const listContainerInstances: Operation<sdk.ListContainerInstancesCommandInput> = {
  requires: [],
  bucket: CLUSTER_READ,
  kind: "read",
  request: (input, world) => ({ action: "ecs:ListContainerInstances", resources: clusterItself(input, world) }),
  run: (input, world) => {
    const all = [...clusterOf(input, world).instances.values()].filter(
      (each) => input.status === undefined || each.status === input.status,
    );
    return page(
      filterInstances(input.filter, all).map((each) => each.arn),
      input,
      "containerInstanceArns",
    );
  },
};

/** Pages of 100 unless asked for fewer; the token is where the next one starts. */
function page(arns: readonly string[], input: { maxResults?: number; nextToken?: string }, member: string): object {
  const start = Number(input.nextToken ?? 0);
  const end = start + (input.maxResults ?? 100);
  return { [member]: arns.slice(start, end), ...(end < arns.length ? { nextToken: String(end) } : {}) };
}

const missing = (arn: string): sdk.Failure => ({ arn, reason: "MISSING" });

const describeContainerInstances: Operation<sdk.DescribeContainerInstancesCommandInput> = {
  requires: ["containerInstances"],
  limits: atMost("containerInstances", 100),
  bucket: CLUSTER_READ,
  kind: "read",
  request: (input, world) => ({
    action: "ecs:DescribeContainerInstances",
    resources: within(input, world, input.containerInstances ?? []),
  }),
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const arns = input.containerInstances ?? [];
    return {
      containerInstances: arns.flatMap((arn) => {
        const instance = cluster.instances.get(arn);
        return instance === undefined ? [] : [describeInstance(instance)];
      }),
      failures: arns.filter((arn) => !cluster.instances.has(arn)).map(missing),
    };
  },
};

function describeInstance(instance: ContainerInstance): sdk.ContainerInstance {
  let running = 0;
  for (const task of instance.tasks) if (task.lastStatus === "RUNNING") running++;
  return {
    containerInstanceArn: instance.arn,
    ec2InstanceId: instance.ec2.id,
    capacityProviderName: instance.capacityProvider,
    status: instance.status,
    agentConnected: instance.agentConnected,
    runningTasksCount: running,
    pendingTasksCount: [...instance.tasks].filter((task) => task.lastStatus === "PENDING").length,
    registeredAt: dateOf(instance.registeredAt),
  };
}

const updateContainerInstancesState: Operation<sdk.UpdateContainerInstancesStateCommandInput> = {
  requires: ["containerInstances", "status"],
  limits: atMost("containerInstances", 10),
  bucket: CLUSTER_MODIFY,
  kind: "modify",
  request: (input, world) => ({
    action: "ecs:UpdateContainerInstancesState",
    resources: within(input, world, input.containerInstances ?? []),
  }),
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const { status } = input;
    if (status !== "ACTIVE" && status !== "DRAINING")
      throw new ApiError("InvalidParameterException", "Status must be ACTIVE or DRAINING.");
    const containerInstances: sdk.ContainerInstance[] = [];
    const failures: sdk.Failure[] = [];
    for (const arn of input.containerInstances ?? []) {
      const instance = cluster.instances.get(arn);
      if (instance === undefined || !cluster.setStatus(instance, status, "api")) failures.push(missing(arn));
      else containerInstances.push(describeInstance(instance));
    }
    return { containerInstances, failures };
  },
};

const listTasks: Operation<sdk.ListTasksCommandInput> = {
  requires: [],
  bucket: CLUSTER_READ,
  kind: "read",
  request: (input, world) => ({
    action: "ecs:ListTasks",
    resources: within(input, world, [input.containerInstance ?? "*"]),
  }),
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const tasks =
      input.containerInstance === undefined
        ? cluster.tasks.values()
        : (cluster.instances.get(input.containerInstance)?.tasks ?? []);
    const desired = input.desiredStatus ?? "RUNNING";
    const arns = [...tasks].filter((task) => task.desiredStatus === desired).map((task) => task.arn);
    return page(arns, input, "taskArns");
  },
};

const describeTasks: Operation<sdk.DescribeTasksCommandInput> = {
  requires: ["tasks"],
  limits: atMost("tasks", 100),
  bucket: CLUSTER_READ,
  kind: "read",
  request: (input, world) => ({ action: "ecs:DescribeTasks", resources: within(input, world, input.tasks ?? []) }),
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const arns = input.tasks ?? [];
    return {
      tasks: arns.flatMap((arn) => {
        const task = cluster.tasks.get(arn);
        return task === undefined ? [] : [describeTask(task, cluster)];
      }),
      failures: arns.filter((arn) => !cluster.tasks.has(arn)).map(missing),
    };
  },
};

function describeTask(task: Task, cluster: Cluster): sdk.Task {
  return {
    taskArn: task.arn,
    clusterArn: cluster.spec.arn,
    containerInstanceArn: task.instance?.arn,
    taskDefinitionArn: task.taskDefinition.arn,
    group: `service:${task.service.spec.name}`,
    lastStatus: task.lastStatus,
    desiredStatus: task.desiredStatus,
    containers: task.taskDefinition.containers.map(({ name }) => ({
      name,
      networkBindings: task.ports
        .filter((port) => port.containerName === name)
        .map(({ containerPort, hostPort }) => ({ bindIP: "0.0.0.0", containerPort, hostPort, protocol: "tcp" })),
    })),
  };
}

const stopTask: Operation<sdk.StopTaskCommandInput> = {
  requires: ["task"],
  bucket: CLUSTER_MODIFY,
  kind: "modify",
  request: (input, world) => ({ action: "ecs:StopTask", resources: within(input, world, [input.task ?? ""]) }),
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const task = cluster.tasks.get(input.task ?? "");
    if (task === undefined) throw new ApiError("InvalidParameterException", "The referenced task was not found.");
    cluster.life.stop(task, "api", "UserInitiated", input.reason ?? "");
    return { task: describeTask(task, cluster) };
  },
};

const listServices: Operation<sdk.ListServicesCommandInput> = {
  requires: [],
  bucket: SERVICE_READ,
  kind: "read",
  request: (input, world) => ({ action: "ecs:ListServices", resources: within(input, world, ["*"]) }),
  run: (input, world) => {
    const arns = [...clusterOf(input, world).services.values()].map((service) => service.spec.arn);
    return page(arns, { maxResults: 10, ...input }, "serviceArns");
  },
};

const describeServices: Operation<sdk.DescribeServicesCommandInput> = {
  requires: ["services"],
  limits: atMost("services", 10),
  bucket: SERVICE_READ,
  kind: "read",
  request: (input, world) => ({
    action: "ecs:DescribeServices",
    resources: within(input, world, input.services ?? []),
  }),
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    return {
      services: (input.services ?? []).flatMap((given): sdk.Service[] => {
        const service = cluster.services.get(given.split("/").at(-1)!);
        if (service === undefined) return [];
        const { name, arn, loadBalancers } = service.spec;
        return [
          {
            serviceName: name,
            serviceArn: arn,
            status: "ACTIVE",
            schedulingStrategy: "REPLICA",
            desiredCount: service.desiredCount,
            runningCount: [...service.tasks].filter((task) => task.lastStatus === "RUNNING").length,
            loadBalancers: loadBalancers.map((each) => ({ ...each })),
          },
        ];
      }),
      failures: [],
    };
  },
};

export const ecs: Readonly<Record<string, Operation>> = {
  ListContainerInstances: listContainerInstances,
  DescribeContainerInstances: describeContainerInstances,
  UpdateContainerInstancesState: updateContainerInstancesState,
  ListTasks: listTasks,
  DescribeTasks: describeTasks,
  StopTask: stopTask,
  ListServices: listServices,
  DescribeServices: describeServices,
};
