/** A small service in the simulated AWS, deployed from resources written by hand, so that no program has to run. */
import { INSTANCE_TYPES } from "../../components/cluster/instanceTypes";
import { deploy } from "../../rehearsal/deploy/deploy";
import { mockOutputs } from "../../rehearsal/deploy/mockOutputs";
import type { Resource } from "../../rehearsal/deploy/monitor";
import { type ContainerProfile, DEFAULT_PROFILE } from "../../rehearsal/inputs/profile";
import type { Shortage } from "../../rehearsal/traffic/tally";
import { Traffic } from "../../rehearsal/traffic/traffic";
import { ContainerWorkload } from "../../rehearsal/traffic/workload";
import type { Group } from "../../rehearsal/world/autoScaling/group";
import type { Instance } from "../../rehearsal/world/ec2/instance";
import type { Cluster } from "../../rehearsal/world/ecs/cluster";
import type { Service } from "../../rehearsal/world/ecs/service";
import type { Task } from "../../rehearsal/world/ecs/task";
import type { TargetGroup } from "../../rehearsal/world/elb/targetGroup";
import { DEFAULT_FLAGS, type Flags } from "../../rehearsal/world/flags";
import type { LogSink } from "../../rehearsal/world/log";
import { World } from "../../rehearsal/world/world";

export const PLACE = { region: "eu-west-1", account: "123456789012" };

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export interface StackShape {
  readonly instances: number;
  readonly tasks: number;
  /** How many more the group may have. */
  readonly spareInstances: number;
  /** The agent drains its instance on a notice. */
  readonly agentDrains: boolean;
  readonly deregistrationDelaySeconds: number;
  readonly stopTimeoutSeconds: number;
  /** Whether requests come to its tasks, or they look for work themselves. */
  readonly isBalanced: boolean;
}

const SHAPE: StackShape = {
  instances: 3,
  tasks: 2,
  spareInstances: 0,
  agentDrains: false,
  deregistrationDelaySeconds: 45,
  stopTimeoutSeconds: 30,
  isBalanced: true,
};

export function resource(type: string, name: string, inputs: Record<string, unknown>): Resource {
  const outputs = { ...inputs, ...mockOutputs({ type, name, inputs }, PLACE) };
  const rest = { parent: "", dependencies: [], ignoreChanges: [], deleteBeforeReplace: false, protect: false };
  return { urn: `urn:${type}:${name}`, type, name, id: name, inputs, outputs, ...rest };
}

/** Tasks behind a balancer, on Spot in two zones. */
export function smallStack(shape: Partial<StackShape> = {}): Resource[] {
  const { instances, tasks, spareInstances, agentDrains, deregistrationDelaySeconds, stopTimeoutSeconds, isBalanced } =
    {
      ...SHAPE,
      ...shape,
    };
  const userData = ["ECS_CLUSTER=shop", ...(agentDrains ? ["ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"] : [])];
  const script = ["#!/bin/bash", ...userData.map((setting) => `echo ${setting} >> /etc/ecs/ecs.config`), ""].join("\n");
  const container = {
    name: "web",
    // One fits an instance, so that each has its own and one instance is spare.
    cpu: 1100,
    memoryReservation: 512,
    portMappings: [{ containerPort: 80 }],
    stopTimeout: stopTimeoutSeconds,
  };
  const cluster = resource("aws:ecs/cluster:Cluster", "shop", {});
  const targetGroup = resource("aws:lb/targetGroup:TargetGroup", "web", {
    deregistrationDelay: deregistrationDelaySeconds,
    healthCheck: { interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 2 },
  });
  const role = resource("aws:iam/role:Role", "web", {});
  const mayProtect = { Effect: "Allow", Action: ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"], Resource: "*" };
  const definition = resource("aws:ecs/taskDefinition:TaskDefinition", "web", {
    containerDefinitions: JSON.stringify([container]),
    taskRoleArn: role.outputs.arn,
  });
  return [
    cluster,
    targetGroup,
    role,
    resource("aws:iam/rolePolicy:RolePolicy", "web", {
      role: role.id,
      policy: JSON.stringify({ Statement: [mayProtect] }),
    }),
    definition,
    resource("aws:ec2/launchTemplate:LaunchTemplate", "shop", { userData: Buffer.from(script).toString("base64") }),
    resource("aws:autoscaling/group:Group", "shop", {
      minSize: instances,
      maxSize: instances + spareInstances,
      vpcZoneIdentifiers: ["subnet-a", "subnet-b"],
      mixedInstancesPolicy: {
        instancesDistribution: { onDemandPercentageAboveBaseCapacity: 0 },
        launchTemplate: {
          launchTemplateSpecification: { launchTemplateId: "shop" },
          overrides: [{ instanceType: "m5.large" }],
        },
      },
    }),
    resource("aws:ecs/service:Service", "web", {
      cluster: cluster.outputs.arn,
      taskDefinition: definition.outputs.arn,
      desiredCount: tasks,
      // Nothing moves by itself, so that a test has only what it does.
      availabilityZoneRebalancing: "DISABLED",
      loadBalancers: isBalanced
        ? [{ targetGroupArn: targetGroup.outputs.arn, containerName: "web", containerPort: 80 }]
        : [],
    }),
  ];
}

export interface StageOptions {
  readonly seed: number;
  readonly stack: Partial<StackShape>;
  readonly profile: Partial<ContainerProfile>;
  readonly flags: Partial<Flags>;
  readonly sink: LogSink;
}

export interface TrafficShape {
  readonly requestsPerSecond: number;
  /** How long they come; for ever unless given. */
  readonly forMs: number;
  readonly exact: boolean;
  readonly shortage: () => Shortage;
}

/** The stack after its start: every task serves. */
export class Stage {
  private constructor(
    readonly world: World,
    readonly profile: ContainerProfile,
    readonly workload: ContainerWorkload,
  ) {}

  static async set(options: Partial<StageOptions> = {}): Promise<Stage> {
    const { seed = 1, sink } = options;
    const profile = { ...DEFAULT_PROFILE, cpuSecondsPerRequest: 0, ...options.profile };
    const workload = new ContainerWorkload(profile);
    const world = new World({ seed, flags: { ...DEFAULT_FLAGS, ...options.flags }, ...PLACE, sink });
    const facts = (type: string) => INSTANCE_TYPES.get(type)!;
    await deploy(smallStack(options.stack), { world, workload, facts, pools: { rank: () => 0 } });
    const stage = new Stage(world, profile, workload);
    await stage.run(10 * MINUTE);
    return stage;
  }

  get group(): Group {
    return this.world.groups.get("shop")!;
  }

  get cluster(): Cluster {
    return this.world.clusters.get("shop")!;
  }

  get service(): Service {
    return this.cluster.services.get("web")!;
  }

  get targetGroup(): TargetGroup {
    return [...this.world.targetGroups.values()][0]!;
  }

  get tasks(): Task[] {
    return [...this.service.tasks];
  }

  /** Those with tasks. */
  get instances(): Instance[] {
    return this.tasks.flatMap(({ instance }) => (instance === undefined ? [] : [instance.ec2]));
  }

  get promises() {
    return [{ cluster: this.cluster, service: this.service, desiredCount: this.service.desiredCount }];
  }

  run(milliseconds: number): Promise<void> {
    return this.world.run(this.world.clock.now + milliseconds);
  }

  /** Requests from now on, at a constant rate. */
  send(shape: Partial<TrafficShape> = {}): Traffic {
    const { requestsPerSecond = 100, forMs, exact = false, shortage = () => undefined } = shape;
    const { world, cluster, service, targetGroup, profile, workload } = this;
    const { now } = world.clock;
    const end = forMs === undefined ? [] : [{ atMs: now + forMs, requestsPerSecond: 0 }];
    const load = { source: "test", durationMs: Infinity, steps: [{ atMs: now, requestsPerSecond }, ...end] };
    const onServing = (): void => undefined;
    return new Traffic({ world, cluster, service, targetGroup, profile, workload, load, exact, shortage, onServing });
  }
}
