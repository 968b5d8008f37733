import type { Context } from "../context";
import { ECS } from "../constants";
import type { TargetGroup } from "../elb/targetGroup";
import { keyOf } from "../elb/target";
import type { ServiceSpec } from "./spec";
import type { Task } from "./task";

/** A service: its tasks, and what it promises of them. */
export class Service {
  readonly tasks = new Set<Task>();
  desiredCount: number;
  deployment = 1;

  constructor(
    readonly spec: ServiceSpec,
    readonly targetGroups: ReadonlyMap<string, TargetGroup>,
    private readonly context: Context,
  ) {
    this.desiredCount = spec.desiredCount;
  }

  /** Rounded up, as AWS does. */
  get minimumHealthy(): number {
    return Math.ceil((this.desiredCount * this.spec.minimumHealthyPercent) / 100);
  }

  /** Rounded down, as AWS does. */
  get maximumRunning(): number {
    return Math.floor((this.desiredCount * this.spec.maximumPercent) / 100);
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
}
