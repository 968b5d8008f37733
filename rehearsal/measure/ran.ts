/** What runs, counted as it changes: instances by type, those that take tasks, and tasks by service. */
import type { ContainerInstance } from "../world/ecs/containerInstance";
import type { Instance } from "../world/ec2/instance";
import type { Service } from "../world/ecs/service";
import type { Task } from "../world/ecs/task";
import type { World } from "../world/world";

export class Ran {
  /** Pending, running and shutting-down instances, by type. */
  readonly living = new Map<string, number>();
  /** Of them the Spot ones. */
  readonly livingSpot = new Map<string, number>();
  /** Container instances that are ACTIVE, by type. */
  readonly active = new Map<string, number>();
  /** From RUNNING to the end of its process. */
  readonly tasks = new Map<Service, Set<Task>>();
  private readonly activeInstances = new Set<ContainerInstance>();
  /** Those that live and take no more tasks. */
  private readonly leaving = new Set<ContainerInstance>();

  /** Counts from now on. @param beforeChange told while everything is still as it was */
  constructor(
    world: World,
    private readonly beforeChange: () => void,
  ) {
    for (const instance of world.ec2.living.values()) this.count(instance, 1);
    world.ec2.launched.subscribe((instance) => this.change(() => this.count(instance, 1)));
    for (const { instances, services, registered, statusChanged, life } of world.clusters.values()) {
      for (const instance of instances.values()) this.look(instance);
      registered.subscribe((instance) => this.change(() => this.look(instance)));
      statusChanged.subscribe(({ instance }) => this.change(() => this.look(instance)));
      for (const service of services.values()) for (const task of service.tasks) this.add(task);
      life.changed.subscribe((task) => this.change(() => (task.lastStatus === "RUNNING" ? this.add(task) : undefined)));
      life.exited.subscribe(({ task }) => this.change(() => this.tasks.get(task.service)?.delete(task)));
    }
    world.ec2.ended.subscribe((instance) => this.change(() => this.onEnded(instance)));
  }

  /** Tasks on instances that take no more. */
  get leavingTasks(): Task[] {
    const all = [...this.leaving].flatMap(({ tasks }) => [...tasks]);
    return all.filter((task) => this.tasks.get(task.service)?.has(task) === true);
  }

  private change(make: () => void): void {
    this.beforeChange();
    make();
  }

  private add(task: Task): void {
    if (task.lastStatus !== "RUNNING" || task.process === "exited") return;
    const tasks = this.tasks.get(task.service) ?? new Set();
    this.tasks.set(task.service, tasks.add(task));
  }

  private look(instance: ContainerInstance): void {
    const isActive = instance.status === "ACTIVE" && instance.agentConnected;
    if (isActive) this.leaving.delete(instance);
    else this.leaving.add(instance);
    if (isActive === this.activeInstances.has(instance)) return;
    if (isActive) this.activeInstances.add(instance);
    else this.activeInstances.delete(instance);
    add(this.active, instance.ec2.instanceType, isActive ? 1 : -1);
  }

  private count({ instanceType, lifecycle }: Instance, difference: 1 | -1): void {
    add(this.living, instanceType, difference);
    if (lifecycle === "spot") add(this.livingSpot, instanceType, difference);
  }

  private onEnded(instance: Instance): void {
    this.count(instance, -1);
    for (const each of this.activeInstances) if (each.ec2 === instance) this.look(each);
    for (const each of this.leaving) if (each.ec2 === instance) this.leaving.delete(each);
  }
}

function add(counts: Map<string, number>, key: string, difference: number): void {
  counts.set(key, (counts.get(key) ?? 0) + difference);
}
