/** Reads what moves are planned from: instances and tags first, which tell whether anything is to be done; the rest where it is. */
import type { ApplicationAutoScaling } from "@aws-sdk/client-application-auto-scaling";
import type { AutoScaling } from "@aws-sdk/client-auto-scaling";
import type { ContainerInstance, ECS, Task, TaskDefinition } from "@aws-sdk/client-ecs";
import { batches, pages, retrying, type CallOptions, type Surroundings } from "../calls";
import { describeContainerInstances, describeServices, listContainerInstances, listServices } from "../cluster";
import { isReturning, isUnderWay } from "../goesOn";
import { clusterNameOf } from "../log";
import { parseTagValue, serviceOfKey, type GroupTag } from "./groupTag";
import { factsOf, type ServiceFacts } from "./services";
import type { RebalanceSettings } from "./settings";

export interface RebalanceReadPorts {
  readonly ecs: Pick<
    ECS,
    | "listContainerInstances"
    | "describeContainerInstances"
    | "listServices"
    | "describeServices"
    | "listTasks"
    | "describeTasks"
    | "describeTaskDefinition"
    | "getTaskProtection"
  >;
  readonly autoScaling: Pick<AutoScaling, "describeTags" | "describeInstanceRefreshes">;
  readonly applicationAutoScaling: Pick<ApplicationAutoScaling, "describeScalableTargets">;
}

export interface Reading {
  readonly ports: RebalanceReadPorts & Surroundings;
  readonly settings: RebalanceSettings;
  /** No call is tried again after this moment, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** Of DescribeTasks and GetTaskProtection alike. */
const DESCRIBE_LIMIT = 100;
const SCALABLE_TARGETS_LIMIT = 50;

const once = <T>({ ports, deadline }: Reading, call: (options: CallOptions) => Promise<T>): Promise<T> =>
  retrying(call, deadline, ports);

/** Asks for batches of items at once. */
function inBatches<T, R>(
  reading: Reading,
  items: readonly T[],
  size: number,
  call: (items: T[], options: CallOptions) => Promise<R>,
): Promise<R[]> {
  return Promise.all(batches(items, size).map((run) => once(reading, (options) => call(run, options))));
}

export interface GroupTags {
  /** What they say of services, by their names. */
  readonly services: ReadonlyMap<string, GroupTag>;
  /** Whether an On-Demand Instance is being replaced. */
  readonly isReturning: boolean;
}

export async function readTags(reading: Reading): Promise<GroupTags> {
  const { ports, settings } = reading;
  const Filters = [{ Name: "auto-scaling-group", Values: [settings.autoScalingGroupName] }];
  const tags = await pages(async (NextToken) => {
    const answer = await once(reading, (options) => ports.autoScaling.describeTags({ Filters, NextToken }, options));
    return { items: answer.Tags, nextToken: answer.NextToken };
  });
  const services = tags.flatMap(({ Key = "", Value = "" }) => {
    const service = serviceOfKey(Key);
    return service === undefined ? [] : [[service, parseTagValue(Value)] as const];
  });
  return { services: new Map(services), isReturning: isReturning(tags) };
}

/** Every instance of the cluster, whatever its status. */
export async function readInstances(reading: Reading): Promise<ContainerInstance[]> {
  return describeContainerInstances(reading, await listContainerInstances(reading));
}

/** Those that meet each expression. */
export async function readMembers(reading: Reading, expressions: readonly string[]): Promise<Map<string, Set<string>>> {
  const members = [...new Set(expressions)].map(async (filter) => {
    return [filter, new Set(await listContainerInstances(reading, { filter }))] as const;
  });
  return new Map(await Promise.all(members));
}

/** Every service of the cluster, or those named. */
export async function readServices(reading: Reading, names?: readonly string[]): Promise<ServiceFacts[]> {
  const services = await describeServices(reading, names ?? (await listServices(reading)), ["TAGS"]);
  return services.filter(({ status }) => status !== "INACTIVE").map(factsOf);
}

/** Those that should run, of every service. */
export async function readTasks(reading: Reading): Promise<Map<string, Task[]>> {
  const { ports, settings } = reading;
  const cluster = settings.clusterArn;
  const arns = await pages(async (nextToken) => {
    const answer = await once(reading, (options) => ports.ecs.listTasks({ cluster, nextToken }, options));
    return { items: answer.taskArns, nextToken: answer.nextToken };
  });
  const answers = await inBatches(reading, arns, DESCRIBE_LIMIT, (tasks, options) =>
    ports.ecs.describeTasks({ cluster, tasks, include: ["TAGS"] }, options),
  );
  const byService = new Map<string, Task[]>();
  for (const task of answers.flatMap((answer) => answer.tasks ?? [])) {
    const service = task.group?.replace(/^service:/, "");
    if (service === undefined || task.desiredStatus === "STOPPED") continue;
    byService.set(service, [...(byService.get(service) ?? []), task]);
  }
  return byService;
}

/** When each task's protection ends; without those of which ECS doesn't tell. */
export async function readProtections(reading: Reading, arns: readonly string[]): Promise<Map<string, number>> {
  const { ports, settings } = reading;
  const answers = await inBatches(reading, arns, DESCRIBE_LIMIT, (tasks, options) =>
    ports.ecs.getTaskProtection({ cluster: settings.clusterArn, tasks }, options),
  );
  return new Map(
    answers
      .flatMap((answer) => answer.protectedTasks ?? [])
      .map(({ taskArn = "", protectionEnabled, expirationDate }) => [
        taskArn,
        protectionEnabled === true ? (expirationDate?.getTime() ?? Infinity) : 0,
      ]),
  );
}

export async function readDefinitions(reading: Reading, arns: readonly string[]): Promise<Map<string, TaskDefinition>> {
  const read = [...new Set(arns)].map(async (taskDefinition) => {
    const answer = await once(reading, (options) =>
      reading.ports.ecs.describeTaskDefinition({ taskDefinition }, options),
    );
    return [taskDefinition, answer.taskDefinition ?? {}] as const;
  });
  return new Map(await Promise.all(read));
}

/** Of a service that scales. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** By the services' names; without those that don't scale. */
export async function readBounds(reading: Reading, services: readonly string[]): Promise<Map<string, Bounds>> {
  const { ports, settings } = reading;
  const prefix = `service/${clusterNameOf(settings.clusterArn)}/`;
  const common = { ServiceNamespace: "ecs", ScalableDimension: "ecs:service:DesiredCount" } as const;
  const ids = services.map((name) => prefix + name);
  const answers = await inBatches(reading, ids, SCALABLE_TARGETS_LIMIT, (ResourceIds, options) =>
    ports.applicationAutoScaling.describeScalableTargets({ ...common, ResourceIds }, options),
  );
  return new Map(
    answers
      .flatMap((answer) => answer.ScalableTargets ?? [])
      .map(({ ResourceId = "", MinCapacity = 0, MaxCapacity = Infinity }) => [
        ResourceId.slice(prefix.length),
        { least: MinCapacity, most: MaxCapacity },
      ]),
  );
}

/** Whether the group's instances are being replaced. */
export async function readIsRefreshing(reading: Reading): Promise<boolean> {
  const { ports, settings } = reading;
  const request = { AutoScalingGroupName: settings.autoScalingGroupName, MaxRecords: 1 };
  const answer = await once(reading, (options) => ports.autoScaling.describeInstanceRefreshes(request, options));
  return (answer.InstanceRefreshes ?? []).some(isUnderWay);
}
