/** Small worlds made by hand: one group, one cluster, one service, and a log that a test can read. */
import type { GroupSpec } from "../../../rehearsal/world/autoScaling/groupSpec";
import { Group } from "../../../rehearsal/world/autoScaling/group";
import { Cluster } from "../../../rehearsal/world/ecs/cluster";
import type { Service } from "../../../rehearsal/world/ecs/service";
import type { CapacityProviderSpec, ServiceSpec } from "../../../rehearsal/world/ecs/spec";
import type { Task } from "../../../rehearsal/world/ecs/task";
import type { Workload } from "../../../rehearsal/world/ecs/taskLife";
import { TargetGroup } from "../../../rehearsal/world/elb/targetGroup";
import type { TargetGroupSpec } from "../../../rehearsal/world/elb/targetGroupSpec";
import { DEFAULT_FLAGS, type Flags } from "../../../rehearsal/world/flags";
import type { LogLine } from "../../../rehearsal/world/log";
import { networkOf } from "../../../rehearsal/world/network";
import { Queue, type QueueSpec } from "../../../rehearsal/world/sqs/queue";
import { World } from "../../../rehearsal/world/world";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const REGION = "eu-west-1";
export const ACCOUNT = "123456789012";
export const arn = (service: string, resource: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

/** A world whose log is kept. */
export interface Logged {
  readonly world: World;
  readonly log: LogLine[];
  /** The lines of one event. */
  readonly of: (event: string) => LogLine[];
}

export function makeWorld(flags: Partial<Flags> = {}, seed = 1): Logged {
  const log: LogLine[] = [];
  const world = new World({
    seed,
    flags: { ...DEFAULT_FLAGS, ...flags },
    region: REGION,
    account: ACCOUNT,
    sink: (line) => log.push(line),
  });
  return { world, log, of: (event) => log.filter((line) => line.event === event) };
}

export const GROUP: GroupSpec = {
  name: "group",
  arn: arn("autoscaling", "autoScalingGroup:00000000-0000-4000-8000-000000000000:autoScalingGroupName/group"),
  minSize: 0,
  maxSize: 20,
  desiredCapacity: 2,
  availabilityZones: ["a", "b", "c"],
  instanceTypes: ["m5.large", "m6i.large"],
  onDemandBaseCapacity: 0,
  onDemandPercentageAboveBaseCapacity: 0,
  spotAllocationStrategy: "price-capacity-optimized",
  balancedOnly: false,
  capacityRebalance: false,
  protectFromScaleIn: false,
  terminationPolicies: [],
  terminationHooks: [],
  suspendedProcesses: [],
  userData: "#!/bin/bash\necho ECS_CLUSTER=cluster >> /etc/ecs/ecs.config\n",
  launchTags: { "spotproof:cluster": "cluster" },
  hasMixedInstancesPolicy: true,
  tags: [{ key: "spotproof:cluster", value: "cluster", propagateAtLaunch: true }],
};

/** In the order in which the group names its types. */
export function addGroup(world: World, spec: Partial<GroupSpec> = {}): Group {
  const whole = { ...GROUP, ...spec };
  const group = new Group(whole, world.context, world.ec2, world.bus, {
    rank: (_strategy, type) => whole.instanceTypes.indexOf(type),
  });
  world.groups.set(whole.name, group);
  return group;
}

export const WORKLOAD: Workload = {
  startMs: () => 5 * SECOND,
  exitAfterSigtermMs: () => 2 * SECOND,
  acceptsAfterSigterm: false,
};

/** Every instance type has 2 vCPUs and 8 GiB. */
export function addCluster(world: World, workload: Workload = WORKLOAD): Cluster {
  const spec = { name: "cluster", arn: arn("ecs", "cluster/cluster") };
  const cluster = new Cluster(spec, world.context, () => ({ vcpu: 2, memoryMiB: 8192 }), workload);
  world.clusters.set(spec.name, cluster);
  return cluster;
}

export const PROVIDER: CapacityProviderSpec = {
  name: "provider",
  autoScalingGroupArn: GROUP.arn,
  managedScaling: true,
  targetCapacity: 100,
  minimumStep: 1,
  maximumStep: 10_000,
  warmupMs: 5 * MINUTE,
  managedTerminationProtection: false,
  managedDraining: false,
};

export const TARGET_GROUP: TargetGroupSpec = {
  name: "targets",
  arn: arn("elasticloadbalancing", "targetgroup/targets/0000000000000001"),
  deregistrationDelayMs: 30 * SECOND,
  healthCheck: { intervalMs: 10 * SECOND, timeoutMs: 5 * SECOND, healthyThreshold: 3, unhealthyThreshold: 2 },
  tags: { "spotproof:cluster": "cluster" },
};

export function addTargetGroup(world: World, spec: Partial<TargetGroupSpec> = {}): TargetGroup {
  const whole = { ...TARGET_GROUP, ...spec };
  const targetGroup = new TargetGroup(whole, world.context, networkOf(world));
  world.targetGroups.set(whole.arn, targetGroup);
  return targetGroup;
}

export const SERVICE: ServiceSpec = {
  name: "web",
  arn: arn("ecs", "service/cluster/web"),
  taskDefinition: {
    arn: arn("ecs", "task-definition/web:1"),
    family: "web",
    cpu: 512,
    memoryMiB: 512,
    containers: [{ name: "web", image: "web:1", containerPorts: [80], stopTimeoutSeconds: undefined }],
    taskRole: [{ Effect: "Allow", Action: "ecs:*TaskProtection", Resource: "*" }],
  },
  desiredCount: 2,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  availabilityZoneRebalancing: false,
  placementStrategies: [],
  healthCheckGracePeriodSeconds: 0,
  loadBalancers: [],
  capacityProviderStrategy: [],
  circuitBreaker: { enable: false, rollback: false },
  tags: {},
  taskTags: {},
};

/** A strategy of one capacity provider. */
export const ALL_ON = (capacityProvider: string) => [{ capacityProvider, base: 0, weight: 1 }];

/** Behind the world's target group, where there is one. */
export function addService(world: World, spec: Partial<ServiceSpec> = {}): Service {
  const [cluster] = [...world.clusters.values()];
  const loadBalancers = [...world.targetGroups.keys()].map((targetGroupArn) => ({
    targetGroupArn,
    containerName: "web",
    containerPort: 80,
  }));
  return cluster!.createService({ ...SERVICE, loadBalancers, ...spec }, world.targetGroups);
}

export interface Stage extends Logged {
  readonly group: Group;
  readonly cluster: Cluster;
  readonly service: Service;
  readonly targetGroup: TargetGroup;
}

export interface StageOptions {
  readonly flags?: Partial<Flags>;
  readonly group?: Partial<GroupSpec>;
  readonly targetGroup?: Partial<TargetGroupSpec> | null;
  readonly service?: Partial<ServiceSpec>;
  readonly workload?: Partial<Workload>;
}

/** When a stage is ready: its instances have registered and its tasks run. */
export const STAGED = 10 * MINUTE;

/** A balanced service of two tasks on two instances, which were there before it. */
export async function makeStage(options: StageOptions = {}): Promise<Stage> {
  const logged = makeWorld(options.flags);
  const { world } = logged;
  const cluster = addCluster(world, { ...WORKLOAD, ...options.workload });
  if (options.targetGroup !== null) addTargetGroup(world, options.targetGroup);
  const group = addGroup(world, options.group);
  await world.run(STAGED / 2);
  const service = addService(world, options.service);
  await world.run(STAGED);
  return { ...logged, group, cluster, service, targetGroup: [...world.targetGroups.values()][0]! };
}

/** The world moves on by so much. */
export const later = (world: World, ms: number): Promise<void> => world.run(world.clock.now + ms);

export const tasksOf = (service: Service, lastStatus?: Task["lastStatus"]): Task[] =>
  [...service.tasks].filter((task) => lastStatus === undefined || task.lastStatus === lastStatus);

/** Seconds from then until now. */
export const secondsSince = (world: World, then: number): number => (world.clock.now - then) / 1000;

export function makeQueue(world: World, spec: Partial<QueueSpec> = {}): Queue {
  const name = spec.name ?? "queue";
  const queue = new Queue(
    {
      name,
      arn: arn("sqs", name),
      url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
      isFifo: false,
      contentBasedDeduplication: false,
      deduplicationScope: "queue",
      visibilityTimeoutMs: 30 * SECOND,
      retentionMs: 10 * MINUTE,
      delayMs: 0,
      receiveWaitMs: 0,
      redrive: undefined,
      ...spec,
    },
    world.context,
  );
  world.queues.set(queue.spec.url, queue);
  return queue;
}
