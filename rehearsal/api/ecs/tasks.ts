/** ECS's operations on tasks. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { Cluster } from "../../world/ecs/cluster";
import type { Task } from "../../world/ecs/task";
import type { TaskState } from "../../world/ecs/taskLife";
import { dateOf } from "../../world/context";
import { ApiError, atMost, paged, type Operation } from "../operation";
import { ARNS_PAGE, arnOf, arnsOf, BUCKETS, clusterOf, lookUp, tagged, within } from "./common";

const DESCRIBE_LIMIT = 100;

/** Tasks as a read that lags saw them: of one container instance, or all of the cluster. */
function tasksAt(cluster: Cluster, containerInstance: string | undefined, asOf: number): [Task, TaskState][] {
  const { states } = cluster.life;
  const own = containerInstance === undefined ? undefined : cluster.instances.get(containerInstance);
  const live = containerInstance === undefined ? cluster.tasks.values() : (own?.tasks ?? []);
  return [...live, ...states.goneSince(asOf)].flatMap((task): [Task, TaskState][] => {
    const state = states.at(task, asOf);
    const isWanted = containerInstance === undefined || state?.instance?.arn === containerInstance;
    return state !== undefined && isWanted ? [[task, state]] : [];
  });
}

const listTasks: Operation<sdk.ListTasksCommandInput> = {
  requires: [],
  bucket: BUCKETS.clusterRead,
  kind: "read",
  request: (input, world) => ({
    action: "ecs:ListTasks",
    resources: within(input, world, [instanceArn(input, clusterOf(input, world)) ?? "*"]),
  }),
  run: (input, world, asOf) => {
    const cluster = clusterOf(input, world);
    const instance = instanceArn(input, cluster);
    const desired = input.desiredStatus ?? "RUNNING";
    const stopped = cluster.stoppedTasks().filter((task) => desired === "STOPPED" && isOn(task, instance));
    const arns = tasksAt(cluster, instance, asOf)
      .filter(([, { desiredStatus }]) => desiredStatus === desired)
      .map(([task]) => task)
      .concat(stopped)
      .filter(({ service }) => input.serviceName === undefined || service.spec.name === lastPart(input.serviceName))
      .filter(({ taskDefinition }) => input.family === undefined || taskDefinition.family === input.family)
      .map((task) => task.arn);
    const { items, next } = paged([...new Set(arns)], input.nextToken, input.maxResults, ARNS_PAGE);
    return { taskArns: items, nextToken: next };
  },
};

function instanceArn({ containerInstance }: { containerInstance?: string }, cluster: Cluster): string | undefined {
  return containerInstance === undefined ? undefined : arnOf("container-instance", containerInstance, cluster);
}

const isOn = (task: Task, instance: string | undefined): boolean =>
  instance === undefined || task.instance?.arn === instance;

const lastPart = (name: string): string => name.split("/").at(-1)!;

const describeTasks: Operation<sdk.DescribeTasksCommandInput> = {
  requires: ["tasks"],
  limits: atMost("tasks", DESCRIBE_LIMIT),
  bucket: BUCKETS.clusterRead,
  kind: "read",
  request: (input, world) => {
    const cluster = clusterOf(input, world);
    return { action: "ecs:DescribeTasks", resources: within(input, world, arnsOf("task", input.tasks, cluster)) };
  },
  run: (input, world, asOf) => {
    const cluster = clusterOf(input, world);
    const { found, failures } = lookUp(arnsOf("task", input.tasks, cluster), (arn) => {
      const task = cluster.visibleTask(arn);
      if (task === undefined) return undefined;
      const state = cluster.life.states.at(task, asOf) ?? task;
      const tags = input.include?.includes("TAGS") === true ? tagged(state.tags) : {};
      return { ...describe(task, state, cluster), ...tags };
    });
    return { tasks: found, failures };
  },
};

function describe(task: Task, { lastStatus, desiredStatus, instance }: TaskState, cluster: Cluster): sdk.Task {
  return {
    taskArn: task.arn,
    clusterArn: cluster.spec.arn,
    containerInstanceArn: instance?.arn,
    availabilityZone: instance?.ec2.availabilityZone,
    taskDefinitionArn: task.taskDefinition.arn,
    group: `service:${task.service.spec.name}`,
    ...(task.capacityProvider === undefined ? { launchType: "EC2" as const } : {}),
    capacityProviderName: task.capacityProvider,
    startedBy: task.deployment.id,
    lastStatus,
    desiredStatus,
    createdAt: dateOf(task.createdAt),
    startedAt: task.runningAt === undefined ? undefined : dateOf(task.runningAt),
    stopCode: desiredStatus === "STOPPED" ? (task.stopCode as sdk.TaskStopCode | undefined) : undefined,
    stoppedReason: desiredStatus === "STOPPED" ? task.stoppedReason : undefined,
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
  bucket: BUCKETS.clusterModify,
  kind: "modify",
  request: (input, world) => ({
    action: "ecs:StopTask",
    resources: within(input, world, [arnOf("task", input.task ?? "", clusterOf(input, world))]),
  }),
  run: (input, world, _asOf, caller) => {
    const cluster = clusterOf(input, world);
    const task = cluster.visibleTask(arnOf("task", input.task ?? "", cluster));
    if (task === undefined) throw new ApiError("InvalidParameterException", "The referenced task was not found.");
    cluster.life.stop(task, "api", "UserInitiated", input.reason ?? "", undefined, caller);
    return { task: describe(task, task, cluster) };
  },
};

export const tasks: Readonly<Record<string, Operation>> = {
  ListTasks: listTasks,
  DescribeTasks: describeTasks,
  StopTask: stopTask,
};
