/** From what AWS tells of instances, services and tasks to the state that a plan of moves is made from. */
import type { ContainerInstance, Task, TaskDefinition } from "@aws-sdk/client-ecs";
import type { ServiceFacts } from "./services";
import type { ClusterState, InstanceRoom, PlacedService, PlacedTask, Reservation } from "./state";

/** How long after its start a task is left where it is. */
export const YOUNG_MS = 5 * 60_000;

/** One on which ECS places tasks. */
export const isOpen = ({ status, agentConnected }: ContainerInstance): boolean =>
  status === "ACTIVE" && agentConnected !== false;

export function roomOf(instance: ContainerInstance): InstanceRoom {
  const registered = resourcesOf(instance.registeredResources);
  const remaining = resourcesOf(instance.remainingResources);
  return {
    arn: instance.containerInstanceArn ?? "",
    zone: instance.attributes?.find(({ name }) => name === "ecs.availability-zone")?.value ?? "",
    registered,
    reserved: { cpu: registered.cpu - remaining.cpu, memoryMiB: registered.memoryMiB - remaining.memoryMiB },
  };
}

function resourcesOf(resources: ContainerInstance["registeredResources"]): Reservation {
  const of = (name: string): number => resources?.find((each) => each.name === name)?.integerValue ?? 0;
  return { cpu: of("CPU"), memoryMiB: of("MEMORY") };
}

/** What ECS reserves for one task, and whether an instance has room for one only: by a fixed port of the host. */
export function needsOf(definition: TaskDefinition): { readonly reservation: Reservation; readonly isFixed: boolean } {
  const containers = definition.containerDefinitions ?? [];
  const sum = (of: (container: (typeof containers)[number]) => number | undefined): number =>
    containers.reduce((total, container) => total + (of(container) ?? 0), 0);
  const ports = containers.flatMap(({ portMappings }) => portMappings ?? []);
  const takesHost = definition.networkMode === "host" && ports.length > 0;
  return {
    reservation: {
      cpu: definition.cpu === undefined ? sum(({ cpu }) => cpu) : Number(definition.cpu),
      memoryMiB:
        definition.memory === undefined
          ? sum(({ memoryReservation, memory }) => memoryReservation ?? memory)
          : Number(definition.memory),
    },
    isFixed: takesHost || ports.some(({ hostPort = 0 }) => hostPort > 0),
  };
}

/** What is read of the services that may be moved. */
export interface ServicesRead {
  readonly services: readonly ServiceFacts[];
  /** Of each service, by its name. */
  readonly tasks: ReadonlyMap<string, readonly Task[]>;
  readonly definitions: ReadonlyMap<string, TaskDefinition>;
  /** When each task's protection ends; without those of which ECS doesn't tell. */
  readonly protectedUntil: ReadonlyMap<string, number>;
  /** The instances that meet an expression of a placement constraint. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** Most tasks of a service, where it scales. */
  readonly mostTasks: ReadonlyMap<string, number>;
}

export function clusterState(instances: readonly ContainerInstance[], read: ServicesRead, now: number): ClusterState {
  const open = instances.filter(isOpen);
  return {
    instances: open.map(roomOf),
    services: read.services.map((service) => placedService(service, open, read, now)),
  };
}

function placedService(
  service: ServiceFacts,
  open: readonly ContainerInstance[],
  read: ServicesRead,
  now: number,
): PlacedService {
  const { name, desiredCount, maximumPercent } = service;
  const definition = read.definitions.get(service.taskDefinitionArn) ?? {};
  const { reservation, isFixed } = needsOf(definition);
  const tasks = read.tasks.get(name) ?? [];
  const most = Math.min(Math.floor((desiredCount * maximumPercent) / 100), read.mostTasks.get(name) ?? Infinity);
  return {
    name,
    reservation,
    tasks: tasks.flatMap((task) => placedTask(task, read, now)),
    isOnePerInstance: service.isDistinct || isFixed,
    allowedInstances: allowed(service, definition, open, read),
    surgeRoom: Math.max(0, most - desiredCount),
    staysBecause: tasks.length > desiredCount ? "ECS has yet to stop some of its tasks" : undefined,
  };
}

function placedTask(task: Task, { protectedUntil }: ServicesRead, now: number): PlacedTask[] {
  const { taskArn = "", containerInstanceArn, startedAt, lastStatus } = task;
  if (containerInstanceArn === undefined) return [];
  const isIdle = (protectedUntil.get(taskArn) ?? Infinity) <= now;
  const isYoung = startedAt === undefined || now - startedAt.getTime() < YOUNG_MS;
  return [
    { arn: taskArn, instanceArn: containerInstanceArn, isMovable: lastStatus === "RUNNING" && isIdle && !isYoung },
  ];
}

/** By its capacity provider, and by the constraints of the service and of its task definition. */
function allowed(
  { capacityProvider, memberOf }: ServiceFacts,
  definition: TaskDefinition,
  open: readonly ContainerInstance[],
  { members }: ServicesRead,
): ReadonlySet<string> | undefined {
  const expressions = [...memberOf, ...expressionsOf(definition)];
  if (capacityProvider === undefined && expressions.length === 0) return undefined;
  const may = open.filter(
    ({ containerInstanceArn = "", capacityProviderName }) =>
      (capacityProvider === undefined || capacityProviderName === capacityProvider) &&
      expressions.every((expression) => members.get(expression)?.has(containerInstanceArn) === true),
  );
  return new Set(may.map(({ containerInstanceArn = "" }) => containerInstanceArn));
}

export const expressionsOf = ({ placementConstraints = [] }: TaskDefinition): string[] =>
  placementConstraints.flatMap(({ expression }) => expression ?? []);
