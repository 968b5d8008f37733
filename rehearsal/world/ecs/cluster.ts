/** One ECS cluster: container instances, services, and the scheduler that keeps them together. */
import type { Context } from "../context";
import type { Timer } from "../clock";
import { ECS } from "../constants";
import type { Instance } from "../ec2/instance";
import type { TargetGroup } from "../elb/targetGroup";
import { Topic } from "../topic";
import type { AgentConfig } from "./agentConfig";
import { canPlaceOn, type ContainerInstance, type ContainerInstanceStatus } from "./containerInstance";
import { place } from "./placement";
import { decide } from "./scheduler";
import { Service } from "./service";
import type { CapacityProviderSpec, ServiceSpec } from "./spec";
import { isActive, type Task } from "./task";
import { TaskLife, type Workload } from "./taskLife";

export interface ClusterSpec {
  readonly name: string;
  readonly arn: string;
}

/** vCPUs and MiB of an instance type. */
export type InstanceFacts = (instanceType: string) => { readonly vcpu: number; readonly memoryMiB: number };

export class Cluster {
  readonly instances = new Map<string, ContainerInstance>();
  readonly services = new Map<string, Service>();
  readonly tasks = new Map<string, Task>();
  readonly capacityProviders: CapacityProviderSpec[] = [];
  readonly life: TaskLife;
  readonly placed = new Topic<Task>();
  readonly statusChanged = new Topic<{ readonly instance: ContainerInstance; readonly by: string }>();
  private readonly byEc2Id = new Map<string, ContainerInstance>();
  private readonly pending = new Map<Service, Timer>();
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
      targetGroups.get(targetGroupArn)?.healthChanged.subscribe(() => this.reconsider(service));
    }
    this.reconsider(service);
    return service;
  }

  /** Starts a new deployment of what the service already runs. */
  forceNewDeployment(service: Service): void {
    service.deployment++;
    this.reconsider(service);
  }

  register(ec2: Instance, agent: AgentConfig): ContainerInstance {
    const { vcpu, memoryMiB } = this.facts(ec2.instanceType);
    const provider = this.capacityProviders.find((each) =>
      each.autoScalingGroupArn.endsWith(`autoScalingGroupName/${ec2.autoScalingGroupName}`),
    );
    const instance: ContainerInstance = {
      arn: `arn:aws:ecs:${this.region}:${this.account}:container-instance/${this.spec.name}/${this.id()}`,
      ec2,
      agent,
      capacityProvider: provider?.name,
      registeredCpu: vcpu * 1024,
      registeredMemoryMiB: Math.floor(memoryMiB * ECS.registeredMemory) - agent.reservedMemoryMiB,
      registeredAt: this.context.clock.now,
      status: "ACTIVE",
      agentConnected: true,
      tasks: new Set(),
      usedCpu: 0,
      usedMemoryMiB: 0,
      nextHostPort: 0,
    };
    this.instances.set(instance.arn, instance);
    this.byEc2Id.set(ec2.id, instance);
    this.context.log.write("ecs.InstanceRegistered", { instanceId: ec2.id, cluster: this.spec.name });
    this.reconsiderAll();
    return instance;
  }

  /** ACTIVE ↔ DRAINING; false where the instance is in neither. */
  setStatus(instance: ContainerInstance, status: Exclude<ContainerInstanceStatus, "INACTIVE">, by: string): boolean {
    if (instance.status === "INACTIVE") return false;
    if (instance.status === status) return true;
    instance.status = status;
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
      .flatMap((service) => [...service.tasks].filter((task) => task.lastStatus === "PROVISIONING"));
  }

  reconsiderAll(): void {
    for (const service of this.services.values()) this.reconsider(service);
  }

  private reconsider(service: Service, delay: number = ECS.schedulerMs): void {
    if (this.pending.has(service)) return;
    this.pending.set(
      service,
      this.context.clock.after(delay, () => {
        this.pending.delete(service);
        this.reconcile(service);
      }),
    );
  }

  private reconcile(service: Service): void {
    const { stop, start } = decide(service, this.context.flags, this.context.clock.now);
    for (const { task, reason } of stop) this.life.stop(task, "scheduler", "ServiceSchedulerInitiated", reason);
    for (let count = 0; count < start; count++) this.create(service);
    for (const task of service.tasks) {
      if (task.lastStatus !== "PROVISIONING" || !isActive(task)) continue;
      const instance = place(service, this.instances.values());
      if (instance === undefined) break;
      if (!canPlaceOn(instance)) throw new Error(`placed on ${instance.ec2.id}, which is ${instance.status}`);
      this.life.start(task, instance);
      this.placed.publish(task);
    }
  }

  private create(service: Service): void {
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
    this.tasks.set(task.arn, task);
  }

  private onTaskChanged(task: Task): void {
    if (task.lastStatus === "STOPPED") {
      // Stopped tasks stay visible for an hour or more; nothing here looks at them, so they go at once.
      this.tasks.delete(task.arn);
      this.reconsiderAll();
    } else if (task.lastStatus === "RUNNING") {
      this.reconsider(
        task.service,
        task.service.spec.loadBalancers.length === 0 ? ECS.healthyWithoutCheckMs : ECS.schedulerMs,
      );
    }
  }

  private id(): string {
    return (++this.count).toString(16).padStart(32, "0");
  }
}
