/** ECS's operations on tasks. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { Cluster } from "../../world/ecs/cluster";
import type { Task } from "../../world/ecs/task";
import type { TaskState } from "../../world/ecs/taskLife";
import { dateOf } from "../../world/context";
import { ApiError, atMost, paged, type Operation } from "../operation";
import { ARNS_PAGE, arnOf, BUCKETS, clusterOf, missing, within } from "./common";

const DESCRIBE_LIMIT = 100;
const PROTECT_LIMIT = 10;
const PROTECTION_MINUTES = { byDefault: 120, least: 1, most: 2880 };
const MINUTE_MS = 60_000;

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
    const arns = (input.tasks ?? []).map((given) => arnOf("task", given, cluster));
    return { action: "ecs:DescribeTasks", resources: within(input, world, arns) };
  },
  run: (input, world, asOf) => {
    const cluster = clusterOf(input, world);
    const tasks: sdk.Task[] = [];
    const failures: sdk.Failure[] = [];
    for (const given of input.tasks ?? []) {
      const arn = arnOf("task", given, cluster);
      const task = cluster.visibleTask(arn);
      if (task === undefined) failures.push(missing(arn));
      else tasks.push(describe(task, cluster.life.states.at(task, asOf) ?? task, cluster));
    }
    return { tasks, failures };
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
    launchType: "EC2",
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
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const task = cluster.visibleTask(arnOf("task", input.task ?? "", cluster));
    if (task === undefined) throw new ApiError("InvalidParameterException", "The referenced task was not found.");
    cluster.life.stop(task, "api", "UserInitiated", input.reason ?? "");
    return { task: describe(task, task, cluster) };
  },
};

const updateTaskProtection: Operation<sdk.UpdateTaskProtectionCommandInput> = {
  requires: ["cluster", "tasks", "protectionEnabled"],
  limits: (input) =>
    atMost("tasks", PROTECT_LIMIT)(input) ?? minutesProblem(input.expiresInMinutes ?? PROTECTION_MINUTES.byDefault),
  bucket: BUCKETS.taskProtection,
  kind: "modify",
  request: (input, world) => {
    const cluster = clusterOf(input, world);
    const arns = (input.tasks ?? []).map((given) => arnOf("task", given, cluster));
    return { action: "ecs:UpdateTaskProtection", resources: within(input, world, arns) };
  },
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const minutes = input.expiresInMinutes ?? PROTECTION_MINUTES.byDefault;
    const until = input.protectionEnabled === true ? world.clock.now + minutes * MINUTE_MS : undefined;
    const protectedTasks: sdk.ProtectedTask[] = [];
    const failures: sdk.Failure[] = [];
    for (const given of input.tasks ?? []) {
      const arn = arnOf("task", given, cluster);
      const task = cluster.tasks.get(arn);
      if (task === undefined) failures.push(missing(arn));
      else {
        cluster.protect(task, until);
        protectedTasks.push(protection(task, world.clock.now));
      }
    }
    return { protectedTasks, failures };
  },
};

function minutesProblem(minutes: number): string | undefined {
  const { least, most } = PROTECTION_MINUTES;
  return minutes >= least && minutes <= most ? undefined : `expiresInMinutes is ${minutes}: ${least} to ${most}`;
}

const getTaskProtection: Operation<sdk.GetTaskProtectionCommandInput> = {
  requires: ["cluster"],
  limits: atMost("tasks", DESCRIBE_LIMIT),
  bucket: BUCKETS.taskProtection,
  kind: "read",
  request: (input, world) => {
    const cluster = clusterOf(input, world);
    const arns = (input.tasks ?? ["*"]).map((given) => arnOf("task", given, cluster));
    return { action: "ecs:GetTaskProtection", resources: within(input, world, arns) };
  },
  run: (input, world) => {
    const cluster = clusterOf(input, world);
    const arns = (input.tasks ?? [...cluster.tasks.keys()]).map((given) => arnOf("task", given, cluster));
    const found = arns.flatMap((arn) => cluster.tasks.get(arn) ?? []);
    return {
      protectedTasks: found.map((task) => protection(task, world.clock.now)),
      failures: arns.filter((arn) => !cluster.tasks.has(arn)).map(missing),
    };
  },
};

function protection({ arn, protectedUntil }: Task, now: number): sdk.ProtectedTask {
  const isProtected = (protectedUntil ?? 0) > now;
  return {
    taskArn: arn,
    protectionEnabled: isProtected,
    expirationDate: isProtected ? dateOf(protectedUntil!) : undefined,
  };
}

export const tasks: Readonly<Record<string, Operation>> = {
  ListTasks: listTasks,
  DescribeTasks: describeTasks,
  StopTask: stopTask,
  UpdateTaskProtection: updateTaskProtection,
  GetTaskProtection: getTaskProtection,
};
