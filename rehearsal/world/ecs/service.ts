import type { Context } from "../context";
import { ECS } from "../constants";
import type { TargetGroup } from "../elb/targetGroup";
import { keyOf } from "../elb/target";
import { countByProvider, nextProvider } from "./capacityStrategy";
import { Rollout } from "./rollout";
import type { ServiceSpec, TaskDefinitionSpec } from "./spec";
import { Spread } from "./spread";
import { Standing } from "./standing";
import { isActive, type Task } from "./task";
import type { ZoneMove } from "./zoneRebalancing";

/** A service: its tasks, and what it promises of them. */
export class Service {
  /** Every task that isn't STOPPED. */
  readonly tasks = new Set<Task>();
  /** Those that wait for an instance. */
  readonly waiting = new Set<Task>();
  /** How its tasks lie over zones and instances. */
  readonly spread = new Spread();
  /** What the scheduler thinks of each task. */
  readonly standing: Standing;
  desiredCount: number;
  readonly rollout: Rollout;
  /** A task on its way into another zone. */
  move: ZoneMove | undefined;
  private readonly byTarget = new Map<string, Task>();

  constructor(
    readonly spec: ServiceSpec,
    readonly targetGroups: ReadonlyMap<string, TargetGroup>,
    private readonly context: Context,
  ) {
    this.desiredCount = spec.desiredCount;
    this.standing = new Standing(this, context);
    this.rollout = new Rollout(this, context);
  }

  /** Until the primary deployment is completed or has failed: Application Auto Scaling doesn't scale in meanwhile. */
  get deploymentInProgress(): boolean {
    return this.rollout.isInProgress;
  }

  /** What new tasks are made from. */
  get taskDefinition(): TaskDefinitionSpec {
    return this.rollout.primary.taskDefinition;
  }

  /** Rounded up, as AWS does. */
  get minimumHealthy(): number {
    return Math.ceil((this.desiredCount * this.spec.minimumHealthyPercent) / 100);
  }

  /** Rounded down, as AWS does. */
  get maximumRunning(): number {
    return Math.floor((this.desiredCount * this.spec.maximumPercent) / 100);
  }

  /** The capacity provider of its next task; undefined where it uses none. */
  nextProvider(): string | undefined {
    const { capacityProviderStrategy: strategy } = this.spec;
    if (strategy.length <= 1) return strategy[0]?.capacityProvider;
    return nextProvider(strategy, countByProvider([...this.tasks].filter(isActive)));
  }

  /** A task got its instance and ports. */
  onPlaced(task: Task): void {
    this.waiting.delete(task);
    this.spread.add(task);
    for (const { hostPort } of task.ports) this.byTarget.set(keyOf(task.instance!.ec2.id, hostPort), task);
  }

  /** A task is STOPPED. */
  onStopped(task: Task): void {
    this.tasks.delete(task);
    this.waiting.delete(task);
    this.standing.forget(task);
    if (task.instance === undefined) return;
    for (const { hostPort } of task.ports) this.byTarget.delete(keyOf(task.instance.ec2.id, hostPort));
  }

  /** The task that was given a port of an instance, whether or not its process still lives. */
  taskAt(instanceId: string, port: number): Task | undefined {
    return this.byTarget.get(keyOf(instanceId, port));
  }

  /** The target groups and host ports under which a task is registered. */
  targetsOf(task: Task): { readonly targetGroup: TargetGroup; readonly port: number }[] {
    return this.spec.loadBalancers.flatMap(({ targetGroupArn, containerName, containerPort }) => {
      const targetGroup = this.targetGroups.get(targetGroupArn);
      const binding = task.ports.find(
        (port) => port.containerName === containerName && port.containerPort === containerPort,
      );
      return targetGroup === undefined || binding === undefined ? [] : [{ targetGroup, port: binding.hostPort }];
    });
  }

  /** As the scheduler counts: RUNNING and healthy at the balancer, or 40 s after RUNNING where nothing checks. */
  isHealthy(task: Task): boolean {
    if (task.lastStatus !== "RUNNING" || task.instance === undefined) return false;
    if (this.spec.loadBalancers.length === 0)
      return this.context.clock.now - (task.runningAt ?? Infinity) >= ECS.healthyWithoutCheckMs;
    const instanceId = task.instance.ec2.id;
    return this.targetsOf(task).every(
      ({ targetGroup, port }) => targetGroup.targets.get(keyOf(instanceId, port))?.health === "healthy",
    );
  }

  /** Failed at the balancer after the grace period. */
  isUnhealthy(task: Task): boolean {
    if (task.lastStatus !== "RUNNING" || task.instance === undefined) return false;
    if (this.context.clock.now - task.runningAt! < this.spec.healthCheckGracePeriodSeconds * 1000) return false;
    const instanceId = task.instance.ec2.id;
    return this.targetsOf(task).some(
      ({ targetGroup, port }) => targetGroup.targets.get(keyOf(instanceId, port))?.health === "unhealthy",
    );
  }

  /** Scale-in protection holds against scale-in and deployments. */
  isShielded(task: Task): boolean {
    return (task.protectedUntil ?? 0) > this.context.clock.now;
  }
}
