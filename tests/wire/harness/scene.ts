/** A cluster on instances of a group, made through AWS's own API: what a deployed stack looks like to its functions. */
import { CLUSTER_TAG } from "../../../components/tags";
import type { Clients } from "./clients";

/** What the program that the functions come from calls them. */
const CLUSTER = "shop";
const GROUP = "shop-group";
const QUEUE = "shop-events";

/** How many tasks StartTask starts at once. */
const START_LIMIT = 10;

export interface PlacedTask {
  readonly arn: string;
}

export class Scene {
  /** ARNs of container instances, by instance. */
  private readonly joined = new Map<string, string>();

  private constructor(
    readonly clients: Clients,
    /** In the group and in the cluster, in the order in which they joined. */
    readonly instanceIds: readonly string[],
    readonly queueUrl: string,
    readonly groupArn: string,
  ) {}

  /** A group of so many instances, each of which has joined the cluster. */
  static async set(clients: Clients, { instances = 3, queue = QUEUE } = {}): Promise<Scene> {
    const queueUrl = await makeQueue(clients, queue);
    const groupArn = await makeGroup(clients, instances);
    await clients.ecs.createCluster({ clusterName: CLUSTER });
    const scene = new Scene(clients, await membersOf(clients), queueUrl, groupArn);
    for (const instanceId of scene.instanceIds) await scene.join(instanceId);
    return scene;
  }

  /** What the agent on the instance does when it starts. */
  async join(instanceId: string): Promise<void> {
    const { ecs } = this.clients;
    const instanceIdentityDocument = JSON.stringify({ instanceId });
    const { containerInstance } = await ecs.registerContainerInstance({ cluster: CLUSTER, instanceIdentityDocument });
    this.joined.set(instanceId, containerInstance?.containerInstanceArn ?? "");
  }

  /** A service; with a target group if it is balanced. */
  async createService(
    serviceName: string,
    { balanced = true, tags = {} }: { balanced?: boolean; tags?: Readonly<Record<string, string>> } = {},
  ): Promise<string> {
    const { ecs } = this.clients;
    const image = "public.ecr.aws/nginx/nginx:1.29.3";
    const container = { name: "web", image, cpu: 256, memory: 128, portMappings: [{ containerPort: 80 }] };
    await ecs.registerTaskDefinition({ family: serviceName, containerDefinitions: [container] });
    const targetGroupArn = balanced ? await this.createTargetGroup(serviceName) : "";
    const loadBalancers = balanced ? [{ targetGroupArn, containerName: "web", containerPort: 80 }] : [];
    await ecs.createService({
      cluster: CLUSTER,
      serviceName,
      taskDefinition: serviceName,
      desiredCount: 0,
      loadBalancers,
      tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
    });
    return targetGroupArn;
  }

  private async createTargetGroup(Name: string): Promise<string> {
    const { ec2, elbv2 } = this.clients;
    const { Vpcs } = await ec2.describeVpcs({});
    const Tags = [{ Key: CLUSTER_TAG, Value: CLUSTER }];
    const request = { Name, Protocol: "HTTP", Port: 80, VpcId: Vpcs?.[0]?.VpcId, Tags } as const;
    const { TargetGroups } = await elbv2.createTargetGroup(request);
    return TargetGroups?.[0]?.TargetGroupArn ?? "";
  }

  /**
   * Places a task of a service and, where there is a target group, registers its target, as ECS does.
   * @param at when it was made and began to run; nobody can tell where it isn't given
   */
  async place(
    service: string,
    instanceId: string,
    hostPort: number,
    targetGroupArn?: string,
    at?: Date,
  ): Promise<PlacedTask> {
    const { ecs, elbv2 } = this.clients;
    const [arn = ""] = await this.placeMany(service, instanceId, 1);
    const networkBindings = [{ bindIP: "0.0.0.0", containerPort: 80, hostPort, protocol: "tcp" as const }];
    const containers = [{ containerName: "web", status: "RUNNING", networkBindings }];
    const times = { pullStartedAt: at, pullStoppedAt: at };
    await ecs.submitTaskStateChange({ cluster: CLUSTER, task: arn, status: "RUNNING", containers, ...times });
    if (targetGroupArn !== undefined) {
      await elbv2.registerTargets({ TargetGroupArn: targetGroupArn, Targets: [{ Id: instanceId, Port: hostPort }] });
    }
    return { arn };
  }

  /** Places so many tasks of a service without host ports, and gives their ARNs. */
  async placeMany(service: string, instanceId: string, count: number): Promise<string[]> {
    const containerInstance = this.containerInstanceOf(instanceId);
    const arns: string[] = [];
    while (arns.length < count) {
      const containerInstances = Array<string>(Math.min(START_LIMIT, count - arns.length)).fill(containerInstance);
      // AWS takes no such group from a caller; moto, which runs no service's tasks, does.
      const request = { cluster: CLUSTER, taskDefinition: service, containerInstances, group: `service:${service}` };
      const { tasks = [] } = await this.clients.ecs.startTask(request);
      arns.push(...tasks.flatMap((task) => task.taskArn ?? []));
    }
    return arns;
  }

  /** The ARN that the instance got when it joined. */
  containerInstanceOf(instanceId: string): string {
    const arn = this.joined.get(instanceId);
    if (arn === undefined) throw new Error(`${instanceId} has not joined the cluster`);
    return arn;
  }

  /** What an operator does. */
  async drain(instanceId: string): Promise<void> {
    const containerInstances = [this.containerInstanceOf(instanceId)];
    await this.clients.ecs.updateContainerInstancesState({ cluster: CLUSTER, containerInstances, status: "DRAINING" });
  }

  /** The status of an instance's container instance. */
  async statusOf(instanceId: string): Promise<string | undefined> {
    const containerInstances = [this.containerInstanceOf(instanceId)];
    const request = { cluster: CLUSTER, containerInstances };
    return (await this.clients.ecs.describeContainerInstances(request)).containerInstances?.[0]?.status;
  }

  /** The instances of the group now. */
  members(): Promise<string[]> {
    return membersOf(this.clients);
  }

  /** Instances and ports that are registered. */
  async targetsOf(TargetGroupArn: string): Promise<string[]> {
    const { TargetHealthDescriptions } = await this.clients.elbv2.describeTargetHealth({ TargetGroupArn });
    return (TargetHealthDescriptions ?? []).map(({ Target }) => `${Target?.Id}:${Target?.Port}`);
  }

  async instanceState(instanceId: string): Promise<string | undefined> {
    const { Reservations } = await this.clients.ec2.describeInstances({ InstanceIds: [instanceId] });
    return Reservations?.[0]?.Instances?.[0]?.State?.Name;
  }

  async taskStatus({ arn }: PlacedTask): Promise<string | undefined> {
    const { tasks } = await this.clients.ecs.describeTasks({ cluster: CLUSTER, tasks: [arn] });
    return tasks?.[0]?.desiredStatus;
  }
}

async function makeQueue({ sqs }: Clients, QueueName: string): Promise<string> {
  const { QueueUrl } = await sqs.createQueue({ QueueName, Attributes: { VisibilityTimeout: "30" } });
  return QueueUrl ?? "";
}

async function makeGroup({ ec2, autoScaling }: Clients, size: number): Promise<string> {
  const { Subnets = [] } = await ec2.describeSubnets({});
  const LaunchTemplateData = { ImageId: "ami-12345678", InstanceType: "m5.large" } as const;
  await ec2.createLaunchTemplate({ LaunchTemplateName: GROUP, LaunchTemplateData });
  await autoScaling.createAutoScalingGroup({
    AutoScalingGroupName: GROUP,
    MinSize: size,
    MaxSize: size * 2,
    DesiredCapacity: size,
    LaunchTemplate: { LaunchTemplateName: GROUP, Version: "$Latest" },
    VPCZoneIdentifier: Subnets.map((subnet) => subnet.SubnetId).join(","),
    NewInstancesProtectedFromScaleIn: true,
    Tags: [{ Key: CLUSTER_TAG, Value: CLUSTER, PropagateAtLaunch: true }],
  });
  const { AutoScalingGroups } = await autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [GROUP] });
  return AutoScalingGroups?.[0]?.AutoScalingGroupARN ?? "";
}

async function membersOf({ autoScaling }: Clients): Promise<string[]> {
  const { AutoScalingGroups } = await autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [GROUP] });
  return (AutoScalingGroups?.[0]?.Instances ?? []).flatMap((instance) => instance.InstanceId ?? []);
}
