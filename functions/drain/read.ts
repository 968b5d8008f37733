/** Reads the state that a plan is made from, in as few rounds of calls as AWS's APIs allow. */
import type { AutoScaling, AutoScalingInstanceDetails } from "@aws-sdk/client-auto-scaling";
import type { ECS, Service } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { batches, isNamed, pages, retrying, type Surroundings } from "../calls";
import {
  describeContainerInstances,
  describeServices,
  isEmpty,
  listContainerInstances,
  listServices,
} from "../cluster";
import type { DrainSettings } from "./settings";
import type { ClusterState, NoticedInstance, ServiceState, TargetState, TaskState } from "./state";

export interface ReadPorts {
  readonly ecs: Pick<
    ECS,
    | "listContainerInstances"
    | "describeContainerInstances"
    | "listTasks"
    | "describeTasks"
    | "listServices"
    | "describeServices"
  >;
  readonly elbv2: Pick<ElasticLoadBalancingV2, "describeTargetHealth">;
  readonly autoScaling: Pick<AutoScaling, "describeAutoScalingInstances" | "describeAutoScalingGroups">;
}

/** Everything a read needs: who to ask, for which cluster, until when (milliseconds since the epoch). */
export interface Reading {
  readonly ports: ReadPorts & Surroundings;
  readonly settings: DrainSettings;
  readonly deadline: number;
}

/** Of DescribeTasks. */
const DESCRIBE_LIMIT = 100;
const DESCRIBE_AUTO_SCALING_INSTANCES_LIMIT = 50;

/** How long a read is tried again without which the rest can still be done; the next check tries it anew. */
const PATIENCE_MS = 2000;

export interface Located {
  readonly instanceId: string;
  readonly containerInstanceArn: string;
}

/** The container instances of this cluster that run on the given EC2 instances; others are not among them. */
export async function locate(reading: Reading, instanceIds: readonly string[]): Promise<Located[]> {
  const found = await Promise.all(
    instanceIds.map(async (instanceId) => {
      const [containerInstanceArn] = await listContainerInstances(reading, {
        filter: `ec2InstanceId == ${instanceId}`,
      });
      return containerInstanceArn === undefined ? [] : [{ instanceId, containerInstanceArn }];
    }),
  );
  return found.flat();
}

/** The ARNs of the container instances that are DRAINING now. */
export function listDraining(reading: Reading): Promise<string[]> {
  return listContainerInstances(reading, { status: "DRAINING" });
}

/** The instances that belong to some Auto Scaling group. */
export async function readMembers(
  { ports, deadline }: Reading,
  instanceIds: readonly string[],
): Promise<AutoScalingInstanceDetails[]> {
  const answers = await Promise.all(
    batches(instanceIds, DESCRIBE_AUTO_SCALING_INSTANCES_LIMIT).map((InstanceIds) =>
      retrying((options) => ports.autoScaling.describeAutoScalingInstances({ InstanceIds }, options), deadline, ports),
    ),
  );
  return answers.flatMap((answer) => answer.AutoScalingInstances ?? []);
}

/** What the first round of calls finds. */
export interface FirstRound {
  /** In the order of the ids asked for; those of other clusters are among them, without ARN and lifecycle state. */
  readonly noticed: readonly NoticedInstance[];
  readonly draining: readonly string[];
  readonly serviceArns: readonly string[];
}

/** The first round: where the instances are, and what the next round describes. */
export async function readNoticed(reading: Reading, ends: ReadonlyMap<string, number>): Promise<FirstRound> {
  const ids = [...ends.keys()];
  const [located, lifecycleStates, serviceArns, draining] = await Promise.all([
    locate(reading, ids),
    readLifecycleStates(reading, ids),
    listServices(reading),
    listDraining(reading),
  ]);
  const arns = new Map(located.map((each) => [each.instanceId, each.containerInstanceArn]));
  const noticed = [...ends].map(([instanceId, deadline]): NoticedInstance => {
    const containerInstanceArn = arns.get(instanceId);
    const isDraining = containerInstanceArn !== undefined && draining.includes(containerInstanceArn);
    const lifecycleState = lifecycleStates.get(instanceId);
    return { instanceId, deadline, containerInstanceArn, draining: isDraining, lifecycleState };
  });
  return { noticed, draining, serviceArns };
}

/** Lifecycle states in this cluster's group. Draining doesn't wait for them: while they can't be read, they are Unknown. */
async function readLifecycleStates(reading: Reading, ids: readonly string[]): Promise<Map<string, string>> {
  const { ports, settings, deadline } = reading;
  try {
    const members = await readMembers({ ...reading, deadline: Math.min(deadline, ports.now() + PATIENCE_MS) }, ids);
    const own = members.filter((member) => member.AutoScalingGroupName === settings.autoScalingGroupName);
    return new Map(own.map((member) => [member.InstanceId ?? "", member.LifecycleState ?? "Unknown"]));
  } catch {
    return new Map(ids.map((id) => [id, "Unknown"]));
  }
}

/** Reads on from the first round: two more rounds of calls. */
export async function readState(
  reading: Reading,
  noticed: readonly NoticedInstance[],
  { draining, serviceArns }: FirstRound,
): Promise<ClusterState> {
  const own = new Set(noticed.map((each) => each.containerInstanceArn));
  const others = draining.filter((arn) => !own.has(arn));
  const [described, otherInstances, taskArns] = await Promise.all([
    describeServices(reading, serviceArns),
    describeInstances(reading, others),
    Promise.all(noticed.map((each) => listTasks(reading, each.containerInstanceArn))),
  ]);
  const services = described.map(serviceState);
  const targetGroupArns = [...new Set(services.flatMap((service) => service.targetGroupArns))];
  const [tasks, targets] = await Promise.all([
    Promise.all(taskArns.map((arns) => describeTasks(reading, arns))),
    Promise.all(targetGroupArns.map((arn) => describeTargets(reading, arn))),
  ]);
  return {
    going: noticed.map((each, index) => ({ ...each, tasks: tasks[index] ?? [] })),
    otherDraining: otherInstances.map((instance) => instance.instanceId),
    services,
    targets: targets.flatMap((each) => each ?? []),
    unreadTargetGroupArns: targetGroupArns.filter((_arn, index) => targets[index] === undefined),
  };
}

function serviceState({ serviceName, schedulingStrategy, loadBalancers = [] }: Service): ServiceState {
  return {
    name: serviceName ?? "",
    schedulingStrategy: schedulingStrategy === "DAEMON" ? "DAEMON" : "REPLICA",
    targetGroupArns: loadBalancers.flatMap(({ targetGroupArn }) => targetGroupArn ?? []),
  };
}

export interface InstanceStatus {
  readonly containerInstanceArn: string;
  readonly instanceId: string;
  /** Nothing holds its CPU or memory: every task that was on it is STOPPED. */
  readonly isEmpty: boolean;
  readonly agentConnected: boolean;
}

export async function describeInstances(reading: Reading, arns: readonly string[]): Promise<InstanceStatus[]> {
  return (await describeContainerInstances(reading, arns)).map((instance) => ({
    containerInstanceArn: instance.containerInstanceArn ?? "",
    instanceId: instance.ec2InstanceId ?? "",
    isEmpty: isEmpty(instance),
    agentConnected: instance.agentConnected ?? false,
  }));
}

/** The ARNs of an instance's tasks that should run; an instance that has not joined has none. */
async function listTasks(
  { ports, settings, deadline }: Reading,
  containerInstance: string | undefined,
): Promise<string[]> {
  if (containerInstance === undefined) return [];
  return pages(async (nextToken) => {
    const answer = await retrying(
      (options) => ports.ecs.listTasks({ cluster: settings.clusterArn, containerInstance, nextToken }, options),
      deadline,
      ports,
    );
    return { items: answer.taskArns, nextToken: answer.nextToken };
  });
}

async function describeTasks({ ports, settings, deadline }: Reading, arns: readonly string[]): Promise<TaskState[]> {
  const answers = await Promise.all(
    batches(arns, DESCRIBE_LIMIT).map((tasks) =>
      retrying((options) => ports.ecs.describeTasks({ cluster: settings.clusterArn, tasks }, options), deadline, ports),
    ),
  );
  return answers
    .flatMap((answer) => answer.tasks ?? [])
    .map((task): TaskState => ({
      arn: task.taskArn ?? "",
      serviceName: serviceOf(task.group),
      lastStatus: task.lastStatus ?? "",
      desiredStatus: task.desiredStatus ?? "",
      hostPorts: (task.containers ?? [])
        .flatMap((container) => container.networkBindings ?? [])
        .flatMap(({ hostPort }) => hostPort ?? []),
    }));
}

/** The service in a task's group, which the guide gives as the bare name and the API as `service:NAME`. */
function serviceOf(group: string | undefined): string | undefined {
  if (group === undefined || group.startsWith("family:")) return undefined;
  return group.startsWith("service:") ? group.slice("service:".length) : group;
}

/** A group's targets; none where it is gone, undefined where they can't be read now. */
async function describeTargets(
  { ports, deadline }: Reading,
  targetGroupArn: string,
): Promise<TargetState[] | undefined> {
  try {
    const { TargetHealthDescriptions = [] } = await retrying(
      (options) => ports.elbv2.describeTargetHealth({ TargetGroupArn: targetGroupArn }, options),
      Math.min(deadline, ports.now() + PATIENCE_MS),
      ports,
    );
    return TargetHealthDescriptions.map(({ Target, TargetHealth }): TargetState => ({
      targetGroupArn,
      instanceId: Target?.Id ?? "",
      port: Target?.Port ?? 0,
      health: TargetHealth?.State ?? "",
    }));
  } catch (error) {
    return isNamed(error, "TargetGroupNotFound", "TargetGroupNotFoundException") ? [] : undefined;
  }
}
