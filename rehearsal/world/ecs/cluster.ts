/** One ECS cluster: container instances, services, and the scheduler that keeps them together. */
import type { Context } from "../context";
import { ECS } from "../constants";
import type { Instance } from "../ec2/instance";
import type { TargetGroup } from "../elb/targetGroup";
import { noFaults, type Faults } from "../faults";
import { History } from "../history";
import { Recent } from "../recent";
import { Topic } from "../topic";
import type { AgentConfig } from "./agentConfig";
import { nextRevision, type DeploymentFault } from "./deployment";
import { registered, type ContainerInstance, type ContainerInstanceStatus } from "./containerInstance";
import { Service } from "./service";
import { ServiceScheduler } from "./serviceScheduler";
import type { CapacityProviderSpec, ServiceSpec, TaskDefinitionSpec } from "./spec";
import type { Task } from "./task";
import { TaskLife, type Workload } from "./taskLife";

export interface ClusterSpec {
  readonly name: string;
  readonly arn: string;
}

/** vCPUs and MiB of an instance type. */
export type InstanceFacts = (instanceType: string) => { readonly vcpu: number; readonly memoryMiB: number };

/** Who sets a desired count unless somebody else is named. */
export const SCALING = "application-autoscaling";

export interface DesiredCountChange {
  readonly service: Service;
  readonly from: number;
  readonly to: number;
  readonly by: string;
}

export interface DeploymentOptions {
  readonly taskDefinition?: TaskDefinitionSpec;
  /** What goes wrong with its tasks; nothing unless given. */
  readonly fails?: DeploymentFault;
}

export class Cluster {
  readonly instances = new Map<string, ContainerInstance>();
  /** Statuses of the last moments, for stale reads. */
  readonly statuses = new History<ContainerInstance, ContainerInstanceStatus>();
  /** Their tags of the last moments. */
  readonly instanceTags = new History<ContainerInstance, ContainerInstance["tags"]>();
  readonly services = new Map<string, Service>();
  readonly tasks = new Map<string, Task>();
  private readonly stopped = new Recent<Task>(ECS.stoppedVisibleMs);
  readonly capacityProviders: CapacityProviderSpec[] = [];
  faults: Faults = noFaults;
  readonly life: TaskLife;
  readonly registered = new Topic<ContainerInstance>();
  readonly placed = new Topic<Task>();
  readonly desiredCountChanged = new Topic<DesiredCountChange>();
  /** Somebody changed a task's tags. */
  readonly tagged = new Topic<Task>();
  readonly instanceTagged = new Topic<ContainerInstance>();
  readonly statusChanged = new Topic<{ readonly instance: ContainerInstance; readonly by: string }>();
  private readonly byEc2Id = new Map<string, ContainerInstance>();
  private readonly scheduler: ServiceScheduler;
  private count = 0;

  constructor(
    readonly spec: ClusterSpec,
    private readonly context: Context,
    readonly facts: InstanceFacts,
    workload: Workload,
  ) {
    this.life = new TaskLife(context, workload);
    this.life.changed.subscribe((task) => this.onTaskChanged(task));
    this.scheduler = new ServiceScheduler(this, context);
  }

  get region(): string {
    return this.spec.arn.split(":")[3] ?? "";
  }

  private get account(): string {
    return this.spec.arn.split(":")[4] ?? "";
  }

  instanceOf(ec2InstanceId: string): ContainerInstance | undefined {
    return this.byEc2Id.get(ec2InstanceId);
  }

  createService(spec: ServiceSpec, targetGroups: ReadonlyMap<string, TargetGroup>): Service {
    const service = new Service(spec, targetGroups, this.context);
    this.services.set(spec.name, service);
    for (const { targetGroupArn } of spec.loadBalancers) {
      const targetGroup = targetGroups.get(targetGroupArn);
      targetGroup?.deregistered.subscribe(({ instanceId, port }) => this.review(service, instanceId, port));
      targetGroup?.healthChanged.subscribe(({ instanceId, port }) => {
        this.review(service, instanceId, port);
        this.reconsider(service);
      });
    }
    this.reconsider(service);
    return service;
  }

  private review(service: Service, instanceId: string, port: number): void {
    const task = service.taskAt(instanceId, port);
    if (task !== undefined) service.standing.review(task);
  }

  /** Sets how many tasks a service should have; `by`: a function's name, or Application Auto Scaling. */
  setDesiredCount(service: Service, count: number, by: string = SCALING): void {
    const from = service.desiredCount;
    if (count === from) return;
    this.context.beforeChange.publish(undefined);
    service.desiredCount = count;
    this.context.log.write("ecs.DesiredCount", { service: service.spec.name, desiredCount: count, by });
    this.desiredCountChanged.publish({ service, from, to: count, by });
    this.reconsider(service);
  }

  /** Starts a new deployment of what the service already runs. */
  forceNewDeployment(service: Service): void {
    this.deploy(service, { taskDefinition: service.taskDefinition });
  }

  /** Starts a deployment: of the next revision unless told otherwise. */
  deploy(
    service: Service,
    { taskDefinition = nextRevision(service.taskDefinition), fails }: DeploymentOptions = {},
  ): void {
    if (fails === "health" && service.spec.loadBalancers.length === 0) {
      throw new Error(
        `a deployment of ${service.spec.name} that fails health checks: nothing checks the service's tasks; allowed: "start", or a service behind a target group`,
      );
    }
    service.rollout.begin(taskDefinition, fails);
    this.reconsider(service);
  }

  /** Sets and removes a task's tags. */
  tag(task: Task, tags: Task["tags"]): void {
    task.tags = tags;
    this.life.note(task);
    this.tagged.publish(task);
  }

  /** Sets and removes a container instance's tags. */
  tagInstance(instance: ContainerInstance, tags: ContainerInstance["tags"]): void {
    instance.tags = tags;
    this.instanceTags.record(instance, tags, this.context.clock.now);
    this.context.log.write("ecs.InstanceTags", { instanceId: instance.ec2.id, ...tags });
    this.instanceTagged.publish(instance);
  }

  /** Protects a task from scale-in until then; undefined: no longer. */
  protect(task: Task, until: number | undefined): void {
    task.protectedUntil = until;
    this.lookAgain(task);
    if (until !== undefined) this.context.clock.at(until, () => this.lookAgain(task));
  }

  /** Time alone, or protection, may have changed what the scheduler thinks of a task. */
  private lookAgain(task: Task): void {
    if (!task.service.tasks.has(task)) return;
    task.service.standing.review(task);
    this.reconsider(task.service);
  }

  register(ec2: Instance, agent: AgentConfig): ContainerInstance {
    const resources = registered(this.facts(ec2.instanceType), agent.reservedMemoryMiB);
    const provider = this.capacityProviders.find((each) =>
      each.autoScalingGroupArn.endsWith(`autoScalingGroupName/${ec2.autoScalingGroupName}`),
    );
    const instance: ContainerInstance = {
      arn: this.newArn("container-instance"),
      ec2,
      agent,
      capacityProvider: provider?.name,
      registeredCpu: resources.cpu,
      registeredMemoryMiB: resources.memoryMiB,
      registeredAt: this.context.clock.now,
      status: "ACTIVE",
      agentConnected: true,
      tasks: new Set(),
      usedCpu: 0,
      usedMemoryMiB: 0,
      nextHostPort: 0,
      images: new Map(),
      tags: {},
    };
    this.instances.set(instance.arn, instance);
    this.byEc2Id.set(ec2.id, instance);
    this.statuses.record(instance, "ACTIVE", this.context.clock.now);
    this.instanceTags.record(instance, instance.tags, this.context.clock.now);
    this.context.log.write("ecs.InstanceRegistered", { instanceId: ec2.id, cluster: this.spec.name });
    this.registered.publish(instance);
    this.reconsiderAll();
    return instance;
  }

  /** ACTIVE ↔ DRAINING; false where the instance is in neither. */
  setStatus(instance: ContainerInstance, status: Exclude<ContainerInstanceStatus, "INACTIVE">, by: string): boolean {
    if (instance.status === "INACTIVE") return false;
    if (instance.status === status) return true;
    instance.status = status;
    this.statuses.record(instance, status, this.context.clock.now);
    for (const task of instance.tasks) task.service.standing.review(task);
    this.context.log.write("ecs.InstanceStatus", { instanceId: instance.ec2.id, status, by });
    this.statusChanged.publish({ instance, by });
    this.reconsiderAll();
    return true;
  }

  /** The host is gone; the scheduler hears of it after a while. */
  onHostLost(ec2: Instance): void {
    const instance = this.byEc2Id.get(ec2.id);
    if (instance === undefined) return;
    instance.agentConnected = false;
    this.life.loseHost(instance);
    this.context.clock.after(this.context.flags.deadHostDetectSeconds * 1000, () => this.deregister(instance));
  }

  private deregister(instance: ContainerInstance): void {
    instance.status = "INACTIVE";
    this.statuses.record(instance, undefined, this.context.clock.now);
    this.instanceTags.record(instance, undefined, this.context.clock.now);
    this.life.declareLost(instance);
    this.instances.delete(instance.arn);
    this.byEc2Id.delete(instance.ec2.id);
    this.context.log.write("ecs.InstanceDeregistered", { instanceId: instance.ec2.id });
    this.reconsiderAll();
  }

  /** Tasks that wait for an instance. */
  provisioning(capacityProvider: string): Task[] {
    return [...this.services.values()].flatMap(({ waiting }) =>
      [...waiting].filter((task) => task.capacityProvider === capacityProvider),
    );
  }

  reconsiderAll(): void {
    for (const service of this.services.values()) this.reconsider(service);
  }

  private reconsider(service: Service): void {
    this.scheduler.reconsider(service);
  }

  /** An ARN that nothing had before. */
  newArn(kind: "task" | "container-instance"): string {
    const id = (++this.count).toString(16).padStart(32, "0");
    return `arn:aws:ecs:${this.region}:${this.account}:${kind}/${this.spec.name}/${id}`;
  }

  private onTaskChanged(task: Task): void {
    const { clock } = this.context;
    if (task.lastStatus === "STOPPED") {
      this.tasks.delete(task.arn);
      this.stopped.add(task.arn, task, clock.now);
      task.service.rollout.onStopped(task);
      this.reconsiderAll();
    } else if (task.lastStatus === "RUNNING") {
      task.service.rollout.onRunning(task);
      const { loadBalancers, healthCheckGracePeriodSeconds } = task.service.spec;
      const lookAgainMs = loadBalancers.length === 0 ? ECS.healthyWithoutCheckMs : healthCheckGracePeriodSeconds * 1000;
      if (lookAgainMs > 0) clock.after(lookAgainMs, () => this.lookAgain(task));
      this.reconsider(task.service);
    }
  }

  /** A task, also one that was STOPPED within the last hour. */
  visibleTask(arn: string): Task | undefined {
    return this.tasks.get(arn) ?? this.stopped.get(arn, this.context.clock.now);
  }

  stoppedTasks(): Task[] {
    return this.stopped.values(this.context.clock.now);
  }

  /** Container instances as a read that lags saw them. */
  instancesAt(time: number): { readonly instance: ContainerInstance; readonly status: ContainerInstanceStatus }[] {
    if (time >= this.context.clock.now) {
      return [...this.instances.values()].map((instance) => ({ instance, status: instance.status }));
    }
    const all = [...this.instances.values(), ...this.statuses.goneSince(time)];
    return all.flatMap((instance) => {
      const status = this.statuses.at(instance, time);
      return status === undefined ? [] : [{ instance, status }];
    });
  }
}
