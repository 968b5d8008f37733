/** One ECS cluster: container instances, services, and the scheduler that keeps them together. */
import type { Context } from "../context";
import { ECS } from "../constants";
import type { Instance } from "../ec2/instance";
import type { TargetGroup } from "../elb/targetGroup";
import { History } from "../history";
import { Recent } from "../recent";
import { Topic } from "../topic";
import type { AgentConfig } from "./agentConfig";
import { canPlaceOn, registered, type ContainerInstance, type ContainerInstanceStatus } from "./containerInstance";
import { place } from "./placement";
import { decide } from "./scheduler";
import { Service } from "./service";
import type { CapacityProviderSpec, ServiceSpec } from "./spec";
import type { Task } from "./task";
import { TaskLife, type Workload } from "./taskLife";
import { canRebalance, imbalanceOf, isSteady, isUnderWay } from "./zoneRebalancing";

export interface ClusterSpec {
  readonly name: string;
  readonly arn: string;
}

/** vCPUs and MiB of an instance type. */
export type InstanceFacts = (instanceType: string) => { readonly vcpu: number; readonly memoryMiB: number };

export class Cluster {
  readonly instances = new Map<string, ContainerInstance>();
  /** Statuses of the last moments, for stale reads. */
  readonly statuses = new History<ContainerInstance, ContainerInstanceStatus>();
  readonly services = new Map<string, Service>();
  readonly tasks = new Map<string, Task>();
  private readonly stopped = new Recent<Task>(ECS.stoppedVisibleMs);
  readonly capacityProviders: CapacityProviderSpec[] = [];
  readonly life: TaskLife;
  readonly placed = new Topic<Task>();
  readonly statusChanged = new Topic<{ readonly instance: ContainerInstance; readonly by: string }>();
  private readonly byEc2Id = new Map<string, ContainerInstance>();
  private readonly pending = new Set<Service>();
  /** Those that are looked at for uneven zones in a while. */
  private readonly rebalancing = new Set<Service>();
  private count = 0;

  constructor(
    readonly spec: ClusterSpec,
    private readonly context: Context,
    private readonly facts: InstanceFacts,
    workload: Workload,
  ) {
    this.life = new TaskLife(context, workload);
    this.life.changed.subscribe((task) => this.onTaskChanged(task));
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

  /** Sets how many tasks a service should have. */
  setDesiredCount(service: Service, count: number): void {
    service.desiredCount = count;
    this.reconsider(service);
  }

  /** Starts a new deployment of what the service already runs. */
  forceNewDeployment(service: Service): void {
    service.deployment++;
    service.standing.reviewAll();
    this.reconsider(service);
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
      arn: `arn:aws:ecs:${this.region}:${this.account}:container-instance/${this.spec.name}/${this.id()}`,
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
    };
    this.instances.set(instance.arn, instance);
    this.byEc2Id.set(ec2.id, instance);
    this.statuses.record(instance, "ACTIVE", this.context.clock.now);
    this.context.log.write("ecs.InstanceRegistered", { instanceId: ec2.id, cluster: this.spec.name });
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
    this.life.declareLost(instance);
    this.instances.delete(instance.arn);
    this.byEc2Id.delete(instance.ec2.id);
    this.context.log.write("ecs.InstanceDeregistered", { instanceId: instance.ec2.id });
    this.reconsiderAll();
  }

  /** Tasks that wait for an instance. */
  provisioning(capacityProvider: string): Task[] {
    return [...this.services.values()]
      .filter((service) => service.spec.capacityProvider === capacityProvider)
      .flatMap((service) => [...service.waiting]);
  }

  reconsiderAll(): void {
    for (const service of this.services.values()) this.reconsider(service);
  }

  private reconsider(service: Service): void {
    if (this.pending.has(service)) return;
    this.pending.add(service);
    this.context.clock.after(ECS.schedulerMs, () => {
      this.pending.delete(service);
      this.reconcile(service);
    });
  }

  private reconcile(service: Service): void {
    const random = this.context.random(`ecs/${service.spec.name}`);
    const { stop, start } = decide(service, this.context.flags, random);
    for (const { task, reason } of stop) this.life.stop(task, "scheduler", "ServiceSchedulerInitiated", reason);
    for (let count = 0; count < start; count++) this.create(service);
    for (const task of service.waiting) {
      const instance = place(service, this.instances.values(), random);
      if (instance === undefined) break;
      this.startOn(instance, task);
    }
    if (!isUnderWay(service)) service.move = undefined;
    if (canRebalance(service.spec) && isSteady(service)) this.rebalanceLater(service);
  }

  private startOn(instance: ContainerInstance, task: Task): void {
    if (!canPlaceOn(instance)) throw new Error(`placed on ${instance.ec2.id}, which is ${instance.status}`);
    this.life.start(task, instance);
    this.placed.publish(task);
  }

  private rebalanceLater(service: Service): void {
    if (this.rebalancing.has(service)) return;
    this.rebalancing.add(service);
    this.context.clock.after(ECS.zoneRebalanceMs, () => {
      this.rebalancing.delete(service);
      if (isSteady(service)) this.rebalance(service);
    });
  }

  /** One move at a time, from the fullest zone to an instance that has room already. */
  private rebalance(service: Service): void {
    const imbalance = imbalanceOf(service, this.instances.values(), this.context.random(`ecs/${service.spec.name}`));
    if (imbalance === undefined) return;
    const { from, to } = imbalance;
    const replacement = this.create(service);
    service.move = { replacement, from };
    const zone = to.ec2.availabilityZone;
    this.context.log.write("ecs.ZoneRebalancing", { service: service.spec.name, task: replacement.arn, zone, from });
    this.startOn(to, replacement);
  }

  private create(service: Service): Task {
    const task: Task = {
      arn: `arn:aws:ecs:${this.region}:${this.account}:task/${this.spec.name}/${this.id()}`,
      taskDefinition: service.spec.taskDefinition,
      service,
      deployment: service.deployment,
      createdAt: this.context.clock.now,
      lastStatus: "PROVISIONING",
      desiredStatus: "RUNNING",
      instance: undefined,
      ports: [],
      process: "none",
      runningAt: undefined,
      stopCode: undefined,
      stoppedReason: undefined,
      protectedUntil: undefined,
    };
    service.tasks.add(task);
    service.waiting.add(task);
    this.tasks.set(task.arn, task);
    this.life.note(task);
    return task;
  }

  private onTaskChanged(task: Task): void {
    const { clock } = this.context;
    if (task.lastStatus === "STOPPED") {
      this.tasks.delete(task.arn);
      this.stopped.add(task.arn, task, clock.now);
      this.reconsiderAll();
    } else if (task.lastStatus === "RUNNING") {
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

  private id(): string {
    return (++this.count).toString(16).padStart(32, "0");
  }
}
