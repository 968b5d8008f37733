/**
 * Reads a service, its tasks and their targets. Targets and protections come last: what is done about them follows at
 * once, so that little can change in between.
 */
import type { ECS, LoadBalancer, Service, Tag, Task } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { batches, isNamed, pages, retrying, type CallOptions, type Surroundings } from "../calls";
import { describeContainerInstances, describeServices } from "../cluster";
import { isDeploying } from "../goesOn";
import type { RetireSettings } from "./settings";
import type { InstanceState, RetireState, ServiceState, TargetState, TaskState } from "./state";
import { MARK_TAG, parseMark } from "../tags";

export interface RetireReadPorts {
  readonly ecs: Pick<
    ECS,
    "listTasks" | "describeTasks" | "describeServices" | "describeContainerInstances" | "getTaskProtection"
  >;
  readonly elbv2: Pick<ElasticLoadBalancingV2, "describeTargetHealth">;
}

export interface RetireReading {
  readonly ports: RetireReadPorts & Surroundings;
  readonly settings: RetireSettings;
  /** No call is tried again after this moment, in milliseconds since the epoch. */
  readonly deadline: number;
}

/** What it takes to read the service alone. */
export interface ServiceReading extends Omit<RetireReading, "ports"> {
  readonly ports: { readonly ecs: Pick<ECS, "describeServices"> } & Surroundings;
}

/** Of DescribeTasks and GetTaskProtection alike. */
const DESCRIBE_LIMIT = 100;

/**
 * The whole state; undefined where the service is gone.
 * @param protections whose are read: of all tasks where one is to be chosen, else of the marked ones
 */
export async function readRetireState(
  reading: RetireReading,
  protections: "all" | "marked",
): Promise<RetireState | undefined> {
  const [service, arns] = await Promise.all([describeService(reading), listTasks(reading)]);
  if (service === undefined) return undefined;
  const described = await describeTasks(reading, arns);
  const instanceArns = new Set(described.flatMap((task) => task.containerInstanceArn ?? []));
  const marked = described.filter((task) => markOf(task) !== undefined).map((task) => task.taskArn ?? "");
  const [instances, registered, protectedUntil] = await Promise.all([
    describeInstances(reading, [...instanceArns]),
    readRegistered(reading),
    readProtections(reading, protections === "all" ? arns : marked),
  ]);
  const around: Around = {
    balancers: service.loadBalancers ?? [],
    known: new Set(reading.settings.targetGroupArns),
    registered,
    instanceIds: new Map(instances.map(({ state, instanceId }) => [state.arn, instanceId])),
    protectedUntil,
  };
  return {
    service: serviceState(service),
    tasks: wanted(described).map((task) => taskState(task, around)),
    instances: new Map(instances.map(({ state }) => [state.arn, state])),
    outAt: undefined,
  };
}

/**
 * What may have changed since `state` was read and would make it wrong to stop its marked tasks: their protections and
 * targets, their marks and the service. Undefined where the service is gone.
 *
 * Marks come after targets: another look that finds a target in marks its task anew and then takes the target out. Of a task
 * without targets, which may get work until it is stopped, the protection comes last.
 */
export async function readAgain(reading: RetireReading, state: RetireState): Promise<RetireState | undefined> {
  const marked = new Map(state.tasks.filter((task) => task.markedAt !== undefined).map((task) => [task.arn, task]));
  const arns = [...marked.keys()];
  const readGuards = () => Promise.all([readRegistered(reading), readProtections(reading, arns)]);
  const early = reading.settings.targetGroupArns.length > 0 ? await readGuards() : undefined;
  const [described, service] = await Promise.all([describeTasks(reading, arns), readService(reading)]);
  const [registered, protectedUntil] = early ?? (await readGuards());
  if (service === undefined) return undefined;
  const again = wanted(described).map((task): TaskState => {
    const arn = task.taskArn ?? "";
    const targets = marked.get(arn)?.targets?.map((target) => ({ ...target, health: registered.get(keyOf(target)) }));
    return { ...taskOf(task), targets, protectedUntil: protectedUntil.get(arn) };
  });
  return { ...state, service, tasks: [...state.tasks.filter((task) => !marked.has(task.arn)), ...again] };
}

/** Undefined where the service is gone. */
export async function readService(reading: ServiceReading): Promise<ServiceState | undefined> {
  const service = await describeService(reading);
  return service && serviceState(service);
}

/** Asks for batches of items at once. */
async function inBatches<T, R>(
  { ports, deadline }: RetireReading,
  items: readonly T[],
  call: (items: T[], options: CallOptions) => Promise<R>,
): Promise<R[]> {
  const runs = batches(items, DESCRIBE_LIMIT);
  return Promise.all(runs.map((run) => retrying((options) => call(run, options), deadline, ports)));
}

async function describeService(reading: ServiceReading): Promise<Service | undefined> {
  const services = await describeServices(reading, [reading.settings.serviceName]);
  return services.find((service) => service.status !== "INACTIVE");
}

function serviceState(service: Service): ServiceState {
  const { desiredCount, runningCount, pendingCount } = service;
  return {
    desiredCount: desiredCount ?? 0,
    runningCount: runningCount ?? 0,
    pendingCount: pendingCount ?? 0,
    isDeploying: isDeploying(service),
  };
}

/** The ARNs of the tasks that should run, whatever their status is. */
function listTasks({ ports, settings, deadline }: RetireReading): Promise<string[]> {
  return pages(async (nextToken) => {
    const request = { cluster: settings.clusterArn, serviceName: settings.serviceName, nextToken };
    const answer = await retrying((options) => ports.ecs.listTasks(request, options), deadline, ports);
    return { items: answer.taskArns, nextToken: answer.nextToken };
  });
}

async function describeTasks(reading: RetireReading, arns: readonly string[]): Promise<Task[]> {
  const cluster = reading.settings.clusterArn;
  const answers = await inBatches(reading, arns, (tasks, options) =>
    reading.ports.ecs.describeTasks({ cluster, tasks, include: ["TAGS"] }, options),
  );
  return answers.flatMap((answer) => answer.tasks ?? []);
}

async function describeInstances(
  reading: RetireReading,
  arns: readonly string[],
): Promise<{ readonly state: InstanceState; readonly instanceId: string }[]> {
  const instances = await describeContainerInstances(reading, arns);
  const found = new Map(instances.map((each) => [each.containerInstanceArn, each]));
  return arns.map((arn) => {
    const instance = found.get(arn);
    const taskCount = (instance?.runningTasksCount ?? 0) + (instance?.pendingTasksCount ?? 0);
    return {
      state: { arn, status: instance?.status ?? "MISSING", taskCount },
      instanceId: instance?.ec2InstanceId ?? "",
    };
  });
}

/** When each task's protection ends; without those of which ECS doesn't tell. */
async function readProtections(reading: RetireReading, arns: readonly string[]): Promise<Map<string, number>> {
  const cluster = reading.settings.clusterArn;
  const answers = await inBatches(reading, arns, (tasks, options) =>
    reading.ports.ecs.getTaskProtection({ cluster, tasks }, options),
  );
  return new Map(
    answers
      .flatMap((answer) => answer.protectedTasks ?? [])
      .map(({ taskArn, protectionEnabled, expirationDate }) => [
        taskArn ?? "",
        protectionEnabled === true ? (expirationDate?.getTime() ?? Number.POSITIVE_INFINITY) : 0,
      ]),
  );
}

/** The health of every registered target, by group, instance and port. */
async function readRegistered({ ports, settings, deadline }: RetireReading): Promise<Map<string, string>> {
  const registered = new Map<string, string>();
  const read = async (targetGroupArn: string): Promise<void> => {
    try {
      const request = { TargetGroupArn: targetGroupArn };
      const answer = await retrying((options) => ports.elbv2.describeTargetHealth(request, options), deadline, ports);
      for (const { Target, TargetHealth } of answer.TargetHealthDescriptions ?? []) {
        const key = keyOf({ targetGroupArn, instanceId: Target?.Id ?? "", port: Target?.Port ?? 0 });
        registered.set(key, TargetHealth?.State ?? "");
      }
    } catch (error) {
      if (!isNamed(error, "TargetGroupNotFound", "TargetGroupNotFoundException")) throw error;
    }
  };
  await Promise.all(settings.targetGroupArns.map(read));
  return registered;
}

const keyOf = ({ targetGroupArn, instanceId, port }: Omit<TargetState, "health">): string =>
  `${targetGroupArn} ${instanceId} ${port}`;

interface Around {
  readonly balancers: readonly LoadBalancer[];
  readonly known: ReadonlySet<string>;
  readonly registered: ReadonlyMap<string, string>;
  readonly instanceIds: ReadonlyMap<string, string>;
  readonly protectedUntil: ReadonlyMap<string, number>;
}

const wanted = (tasks: readonly Task[]): Task[] => tasks.filter((task) => task.desiredStatus !== "STOPPED");

const markOf = ({ tags }: Task): Tag | undefined => tags?.find((tag) => tag.key === MARK_TAG);

/** What DescribeTasks alone tells. */
function taskOf(task: Task): Omit<TaskState, "targets" | "protectedUntil"> {
  const mark = markOf(task);
  return {
    arn: task.taskArn ?? "",
    lastStatus: task.lastStatus ?? "",
    zone: task.availabilityZone ?? "",
    instanceArn: task.containerInstanceArn,
    startedAt: task.startedAt?.getTime(),
    createdAt: task.createdAt?.getTime(),
    ...(mark === undefined ? { markedAt: undefined } : parseMark(mark.value ?? "")),
  };
}

function taskState(task: Task, around: Around): TaskState {
  return {
    ...taskOf(task),
    targets: targetsOf(task, around),
    protectedUntil: around.protectedUntil.get(task.taskArn ?? ""),
  };
}

/** A task's targets by its service's balancers: a container's port, as it is bound on the instance. */
function targetsOf(task: Task, { balancers, known, registered, instanceIds }: Around): TargetState[] | undefined {
  const instanceId = instanceIds.get(task.containerInstanceArn ?? "");
  const targets: TargetState[] = [];
  for (const { targetGroupArn, containerName, containerPort } of balancers) {
    const container = task.containers?.find((each) => each.name === containerName);
    const port = container?.networkBindings?.find((each) => each.containerPort === containerPort)?.hostPort;
    if (!instanceId || port === undefined || targetGroupArn === undefined || !known.has(targetGroupArn))
      return undefined;
    const target = { targetGroupArn, instanceId, port };
    targets.push({ ...target, health: registered.get(keyOf(target)) });
  }
  return targets;
}
