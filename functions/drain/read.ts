/** Reads the state that a plan is made from, in as few rounds of calls as AWS's APIs allow. */
import type { AutoScaling, AutoScalingInstanceDetails } from "@aws-sdk/client-auto-scaling";
import type { ECS } from "@aws-sdk/client-ecs";
import type { ElasticLoadBalancingV2 } from "@aws-sdk/client-elastic-load-balancing-v2";
import { batches, pages, retrying, type Surroundings } from "../calls";
import type { DrainSettings } from "./settings";
import type { ClusterState, GoingInstance, ServiceState, SweepState, TargetState, TaskState } from "./state";

export interface ReadPorts {
  readonly ecs: Pick<
    ECS,
    "listContainerInstances" | "describeContainerInstances" | "listTasks" | "describeTasks" | "listServices" | "describeServices"
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

const DESCRIBE_SERVICES_LIMIT = 10;
const DESCRIBE_LIMIT = 100;
const DESCRIBE_AUTO_SCALING_INSTANCES_LIMIT = 50;

export interface Located {
  readonly instanceId: string;
  readonly containerInstanceArn: string;
}

/** The container instances of this cluster that run on the given EC2 instances; others are not among them. */
export async function locate({ ports, settings, deadline }: Reading, instanceIds: readonly string[]): Promise<Located[]> {
  const found = await Promise.all(
    instanceIds.map(async (instanceId) => {
      const answer = await retrying(
        () => ports.ecs.listContainerInstances({ cluster: settings.clusterArn, filter: `ec2InstanceId == ${instanceId}` }),
        deadline,
        ports,
      );
      const containerInstanceArn = answer.containerInstanceArns?.[0];
      return containerInstanceArn === undefined ? [] : [{ instanceId, containerInstanceArn }];
    }),
  );
  return found.flat();
}

/** Which of the instances are InService in this cluster's group. */
export async function readInService(reading: Reading, instanceIds: readonly string[]): Promise<Set<string>> {
  const own = (await readMembers(reading, instanceIds)).filter(
    (member) => member.AutoScalingGroupName === reading.settings.autoScalingGroupName && member.LifecycleState === "InService",
  );
  return new Set(own.map((member) => member.InstanceId ?? ""));
}

/** The instances that belong to some Auto Scaling group. */
async function readMembers({ ports, deadline }: Reading, instanceIds: readonly string[]): Promise<AutoScalingInstanceDetails[]> {
  const answers = await Promise.all(
    batches(instanceIds, DESCRIBE_AUTO_SCALING_INSTANCES_LIMIT).map((InstanceIds) =>
      retrying(() => ports.autoScaling.describeAutoScalingInstances({ InstanceIds }), deadline, ports),
    ),
  );
  return answers.flatMap((answer) => answer.AutoScalingInstances ?? []);
}

/** The ARNs of every service of the cluster. */
export function listServices({ ports, settings, deadline }: Reading): Promise<string[]> {
  return pages(async (nextToken) => {
    const answer = await retrying(
      () => ports.ecs.listServices({ cluster: settings.clusterArn, maxResults: DESCRIBE_LIMIT, nextToken }),
      deadline,
      ports,
    );
    return { items: answer.serviceArns, nextToken: answer.nextToken };
  });
}

/** The container instances that are DRAINING now. */
export function listDraining({ ports, settings, deadline }: Reading): Promise<string[]> {
  return pages(async (nextToken) => {
    const answer = await retrying(
      () => ports.ecs.listContainerInstances({ cluster: settings.clusterArn, status: "DRAINING", nextToken }),
      deadline,
      ports,
    );
    return { items: answer.containerInstanceArns, nextToken: answer.nextToken };
  });
}

export interface Going extends Located {
  readonly deadline: number;
}

/** Reads on from the located instances: two more rounds of calls. */
export async function readState(
  reading: Reading,
  going: readonly Going[],
  serviceArns: readonly string[],
  draining: readonly string[],
): Promise<ClusterState> {
  const [services, instances, taskArns] = await Promise.all([
    describeServices(reading, serviceArns),
    describeInstances(reading, [...new Set([...draining, ...going.map((each) => each.containerInstanceArn)])]),
    Promise.all(going.map((each) => listTasks(reading, each.containerInstanceArn))),
  ]);
  const targetGroupArns = [...new Set(services.flatMap((service) => service.targetGroupArns))];
  const [tasks, targets] = await Promise.all([
    Promise.all(taskArns.map((arns) => describeTasks(reading, arns))),
    Promise.all(targetGroupArns.map((arn) => describeTargets(reading, arn))),
  ]);
  const goingIds = new Set(going.map((each) => each.instanceId));
  return {
    going: going.map((each, index): GoingInstance => ({
      ...each,
      status: instances.find((instance) => instance.instanceId === each.instanceId)?.status ?? "INACTIVE",
      tasks: tasks[index] ?? [],
    })),
    otherDraining: instances.map((instance) => instance.instanceId).filter((id) => !goingIds.has(id)),
    services,
    targets: targets.flat(),
  };
}

async function describeServices({ ports, settings, deadline }: Reading, arns: readonly string[]): Promise<ServiceState[]> {
  const answers = await Promise.all(
    batches(arns, DESCRIBE_SERVICES_LIMIT).map((services) =>
      retrying(() => ports.ecs.describeServices({ cluster: settings.clusterArn, services }), deadline, ports),
    ),
  );
  return answers
    .flatMap((answer) => answer.services ?? [])
    .map((service): ServiceState => ({
      name: service.serviceName ?? "",
      schedulingStrategy: service.schedulingStrategy === "DAEMON" ? "DAEMON" : "REPLICA",
      targetGroupArns: (service.loadBalancers ?? []).flatMap(({ targetGroupArn }) => (targetGroupArn === undefined ? [] : [targetGroupArn])),
    }));
}

interface InstanceStatus {
  readonly containerInstanceArn: string;
  readonly instanceId: string;
  readonly status: string;
  readonly running: number;
}

async function describeInstances({ ports, settings, deadline }: Reading, arns: readonly string[]): Promise<InstanceStatus[]> {
  const answers = await Promise.all(
    batches(arns, DESCRIBE_LIMIT).map((containerInstances) =>
      retrying(() => ports.ecs.describeContainerInstances({ cluster: settings.clusterArn, containerInstances }), deadline, ports),
    ),
  );
  return answers
    .flatMap((answer) => answer.containerInstances ?? [])
    .map((instance) => ({
      containerInstanceArn: instance.containerInstanceArn ?? "",
      instanceId: instance.ec2InstanceId ?? "",
      status: instance.status ?? "",
      running: (instance.runningTasksCount ?? 0) + (instance.pendingTasksCount ?? 0),
    }));
}

function listTasks({ ports, settings, deadline }: Reading, containerInstance: string): Promise<string[]> {
  return pages(async (nextToken) => {
    const answer = await retrying(
      () => ports.ecs.listTasks({ cluster: settings.clusterArn, containerInstance, nextToken }),
      deadline,
      ports,
    );
    return { items: answer.taskArns, nextToken: answer.nextToken };
  });
}

async function describeTasks({ ports, settings, deadline }: Reading, arns: readonly string[]): Promise<TaskState[]> {
  const answers = await Promise.all(
    batches(arns, DESCRIBE_LIMIT).map((tasks) => retrying(() => ports.ecs.describeTasks({ cluster: settings.clusterArn, tasks }), deadline, ports)),
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
        .flatMap(({ hostPort }) => (hostPort === undefined ? [] : [hostPort])),
    }));
}

/** The service in a task's group, which the guide gives as the bare name and the API as `service:NAME`. */
function serviceOf(group: string | undefined): string | undefined {
  if (group === undefined || group.startsWith("family:")) return undefined;
  return group.startsWith("service:") ? group.slice("service:".length) : group;
}

async function describeTargets({ ports, deadline }: Reading, targetGroupArn: string): Promise<TargetState[]> {
  const answer = await retrying(() => ports.elbv2.describeTargetHealth({ TargetGroupArn: targetGroupArn }), deadline, ports);
  return (answer.TargetHealthDescriptions ?? []).map(({ Target, TargetHealth }): TargetState => ({
    targetGroupArn,
    instanceId: Target?.Id ?? "",
    port: Target?.Port ?? 0,
    health: TargetHealth?.State ?? "",
  }));
}

/** What the sweep looks at: usually two calls and nothing to do. */
export async function readSweep(reading: Reading): Promise<SweepState> {
  const { ports, settings, deadline } = reading;
  const [groups, draining] = await Promise.all([
    retrying(() => ports.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [settings.autoScalingGroupName] }), deadline, ports),
    listDraining(reading),
  ]);
  const members = groups.AutoScalingGroups?.[0]?.Instances ?? [];
  const ending = members.flatMap(({ InstanceId, LifecycleState }) =>
    InstanceId !== undefined && LifecycleState?.startsWith("Terminating") ? [InstanceId] : [],
  );
  const [endingLocated, drainingInstances] = await Promise.all([locate(reading, ending), describeInstances(reading, draining)]);
  const isDraining = new Set(draining);
  const isMember = new Set(members.map((member) => member.InstanceId));
  const outside = drainingInstances.filter((each) => each.running === 0 && !isMember.has(each.instanceId)).map((each) => each.instanceId);
  const inOtherGroup = new Set((await readMembers(reading, outside)).map((member) => member.InstanceId));
  return {
    endingButActive: endingLocated.filter((each) => !isDraining.has(each.containerInstanceArn)),
    emptyOrphans: outside.filter((instanceId) => !inOtherGroup.has(instanceId)),
  };
}
