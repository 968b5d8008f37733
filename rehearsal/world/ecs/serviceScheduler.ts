/** Does what {@link decide} says, service by service: stops, starts, places, and moves tasks between zones. */
import type { Context, Random } from "../context";
import { ECS } from "../constants";
import type { Cluster } from "./cluster";
import { canPlaceOn, type ContainerInstance } from "./containerInstance";
import type { Deployment } from "./deployment";
import { place } from "./placement";
import { decide } from "./scheduler";
import type { Service } from "./service";
import type { Task } from "./task";
import { canRebalance, imbalanceOf, isSteady, isUnderWay } from "./zoneRebalancing";

export class ServiceScheduler {
  private readonly pending = new Set<Service>();
  /** Those that are looked at for uneven zones in a while. */
  private readonly rebalancing = new Set<Service>();
  /** Those whose next tasks wait since the last ones failed to start. */
  private readonly backingOff = new Set<Service>();

  constructor(
    private readonly cluster: Cluster,
    private readonly context: Context,
  ) {}

  /** Something changed that the scheduler will see in a moment. */
  reconsider(service: Service): void {
    if (this.pending.has(service)) return;
    this.pending.add(service);
    this.context.clock.after(ECS.schedulerMs, () => {
      this.pending.delete(service);
      this.reconcile(service);
    });
  }

  private reconcile(service: Service): void {
    const random = this.context.random(`ecs/${service.spec.name}`);
    service.rollout.review();
    const { stop, start, again } = decide(service, this.context.flags, random);
    for (const { task, reason, cause } of stop)
      this.cluster.life.stop(task, "scheduler", "ServiceSchedulerInitiated", reason, cause);
    for (const deployment of again) {
      deployment.lost--;
      this.create(service, deployment);
    }
    this.startNew(service, start);
    this.placeWaiting(service, random);
    if (!isUnderWay(service)) service.move = undefined;
    if (canRebalance(service.spec) && isSteady(service)) this.rebalanceLater(service);
  }

  /** Tasks of the primary deployment, unless it has failed; while its tasks fail to start, not before their wait is over. */
  private startNew(service: Service, count: number): void {
    const { startsFrom } = service.rollout;
    if (count === 0 || startsFrom === undefined) return;
    const { clock } = this.context;
    if (clock.now >= startsFrom) {
      for (let index = 0; index < count; index++) this.create(service, service.rollout.primary);
    } else if (!this.backingOff.has(service)) {
      this.backingOff.add(service);
      clock.at(startsFrom, () => {
        this.backingOff.delete(service);
        this.reconsider(service);
      });
    }
  }

  /** Tasks of one capacity provider that have no room don't hold up the others'. */
  private placeWaiting(service: Service, random: Random): void {
    const full = new Set<string | undefined>();
    for (const task of service.waiting) {
      if (full.has(task.capacityProvider)) continue;
      const instance = place(task, this.cluster.instances.values(), random);
      if (instance === undefined) full.add(task.capacityProvider);
      else this.startOn(instance, task);
    }
  }

  private startOn(instance: ContainerInstance, task: Task): void {
    if (!canPlaceOn(instance)) throw new Error(`placed on ${instance.ec2.id}, which is ${instance.status}`);
    this.cluster.life.start(task, instance);
    this.cluster.placed.publish(task);
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
    const random = this.context.random(`ecs/${service.spec.name}`);
    const imbalance = imbalanceOf(service, this.cluster.instances.values(), random);
    if (imbalance === undefined) return;
    const { from, to } = imbalance;
    const replacement = this.create(service, service.rollout.primary);
    service.move = { replacement, from };
    const zone = to.ec2.availabilityZone;
    this.context.log.write("ecs.ZoneRebalancing", { service: service.spec.name, task: replacement.arn, zone, from });
    this.startOn(to, replacement);
  }

  private create(service: Service, deployment: Deployment): Task {
    const task: Task = {
      arn: this.cluster.newArn("task"),
      taskDefinition: deployment.taskDefinition,
      service,
      deployment,
      isAgain: deployment !== service.rollout.primary,
      capacityProvider: service.nextProvider(),
      createdAt: this.context.clock.now,
      lastStatus: "PROVISIONING",
      desiredStatus: "RUNNING",
      instance: undefined,
      ports: [],
      process: "none",
      runningAt: undefined,
      stopCode: undefined,
      stoppedBy: undefined,
      stoppedReason: undefined,
      stopCause: undefined,
      protectedUntil: undefined,
      ownProtectionUntil: undefined,
      tags: service.spec.taskTags,
    };
    service.tasks.add(task);
    service.waiting.add(task);
    this.cluster.tasks.set(task.arn, task);
    this.cluster.life.note(task);
    return task;
  }
}
