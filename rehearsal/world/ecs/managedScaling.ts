/** A capacity provider's managed scaling and managed termination protection. */
import type { Group } from "../autoScaling/group";
import { isEnding } from "../autoScaling/member";
import type { Context } from "../context";
import { PRIORITY } from "../clock";
import { MANAGED_SCALING as TIMES } from "../constants";
import type { Cluster } from "./cluster";
import type { CapacityProviderSpec, TaskDefinitionSpec } from "./spec";

/** What one instance of a type has for tasks. */
export interface Size {
  readonly cpu: number;
  readonly memoryMiB: number;
}

/**
 * Instances that waiting tasks would fill: tasks of the same requirements are packed together, onto the largest type.
 * A task larger than the smallest type never causes scaling.
 */
export function instancesFor(waiting: Iterable<TaskDefinitionSpec>, sizes: readonly Size[]): number {
  const smallest = bounds(sizes, Math.min);
  const largest = bounds(sizes, Math.max);
  const alike = new Map<string, { readonly task: TaskDefinitionSpec; count: number }>();
  for (const task of waiting) {
    if (task.cpu > smallest.cpu || task.memoryMiB > smallest.memoryMiB) continue;
    const key = `${task.cpu}/${task.memoryMiB}`;
    const known = alike.get(key);
    if (known === undefined) alike.set(key, { task, count: 1 });
    else known.count++;
  }
  let instances = 0;
  for (const { task, count } of alike.values()) {
    const each = Math.floor(Math.min(largest.cpu / task.cpu, largest.memoryMiB / task.memoryMiB));
    instances += Math.ceil(count / each);
  }
  return instances;
}

const bounds = (sizes: readonly Size[], pick: (...values: number[]) => number): Size => ({
  cpu: pick(...sizes.map((size) => size.cpu)),
  memoryMiB: pick(...sizes.map((size) => size.memoryMiB)),
});

/** CapacityProviderReservation: M/N × 100, and what it is without instances. */
export function reservation(needed: number, instances: number): number {
  if (instances > 0) return (needed / instances) * 100;
  return needed > 0 ? TIMES.reservationWithoutInstances.waiting : TIMES.reservationWithoutInstances.idle;
}

type Scaling = Pick<CapacityProviderSpec, "targetCapacity" | "minimumStep" | "maximumStep">;

/** The desired capacity after one scale-out: by the calculated step, within the smallest and the largest. */
export function scaledOut(desired: number, needed: number, instances: number, scaling: Scaling): number {
  // Without instances the metric says 200, whatever is needed: that makes two.
  const wanted = instances === 0 ? 2 : Math.ceil((needed * 100) / scaling.targetCapacity);
  if (wanted <= desired) return desired;
  return desired + Math.max(scaling.minimumStep, Math.min(scaling.maximumStep, wanted - desired));
}

/** The desired capacity after one minute of scale-in: at least one instance fewer, at most half of the excess. */
export function scaledIn(desired: number, needed: number, { targetCapacity }: Scaling): number {
  const excess = desired - Math.ceil((needed * 100) / targetCapacity);
  return excess <= 0 ? desired : desired - Math.max(1, Math.floor(excess * TIMES.scaleInShare));
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-scaling-behavior.html */
export class ManagedScaling {
  /** Datapoints in a row below the target. */
  private below = 0;
  private warmUntil = 0;

  constructor(
    private readonly spec: CapacityProviderSpec,
    private readonly cluster: Cluster,
    private readonly group: Group,
    private readonly sizes: readonly Size[],
    private readonly context: Context,
  ) {
    if (!spec.managedScaling) return;
    context.clock.every(TIMES.periodMs, TIMES.periodMs, () => this.tick(), PRIORITY.observe);
  }

  /** Publishes the metric and does what its two alarms do. */
  private tick(): void {
    if (this.spec.managedTerminationProtection) this.protect();
    const { instances, busy } = this.count();
    const waiting = this.cluster.provisioning(this.spec.name);
    const needed =
      busy +
      (waiting.length === 0
        ? 0
        : instancesFor(
            waiting.map((task) => task.taskDefinition),
            this.sizes,
          ));
    const metric = reservation(needed, instances);
    if (metric > this.spec.targetCapacity) this.scaleOut(needed, instances);
    else if (metric < this.spec.targetCapacity) this.scaleIn(needed);
    else this.below = 0;
  }

  private count(): { instances: number; busy: number } {
    let instances = 0;
    let busy = 0;
    for (const member of this.group.members.values()) {
      if (isEnding(member)) continue;
      instances++;
      if ((this.cluster.instanceOf(member.instance.id)?.tasks.size ?? 0) > 0) busy++;
    }
    return { instances, busy };
  }

  /** Waits while what was launched last is still warming up. */
  private scaleOut(needed: number, instances: number): void {
    this.below = 0;
    const { now } = this.context.clock;
    const wanted = scaledOut(this.group.desiredCapacity, needed, instances, this.spec);
    if (now < this.warmUntil || wanted === this.group.desiredCapacity) return;
    this.warmUntil = now + this.spec.warmupMs;
    this.group.setDesiredCapacity(wanted);
  }

  private scaleIn(needed: number): void {
    if (++this.below < TIMES.scaleInDatapoints) return;
    this.group.setDesiredCapacity(scaledIn(this.group.desiredCapacity, needed, this.spec));
  }

  /** Instances with tasks are protected from scale-in; empty ones are not. */
  private protect(): void {
    for (const { instance } of [...this.group.members.values()]) {
      const container = this.cluster.instanceOf(instance.id);
      if (container !== undefined) this.group.setProtection(instance.id, container.tasks.size > 0);
    }
  }
}
