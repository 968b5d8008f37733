/** How many of a service's tasks each zone and each instance has; tasks that are being stopped don't count. */
import type { ContainerInstance } from "./containerInstance";
import type { Task } from "./task";

export class Spread {
  private readonly zones = new Map<string, number>();
  private readonly instances = new Map<ContainerInstance, number>();

  add(task: Task): void {
    this.count(task.instance!, 1);
  }

  remove(task: Task): void {
    if (task.instance !== undefined) this.count(task.instance, -1);
  }

  inZone(zone: string): number {
    return this.zones.get(zone) ?? 0;
  }

  /** The zone with the most. */
  fullestZone(): string | undefined {
    let fullest: string | undefined;
    for (const [zone, count] of this.zones) if (fullest === undefined || count > this.inZone(fullest)) fullest = zone;
    return fullest;
  }

  on(instance: ContainerInstance): number {
    return this.instances.get(instance) ?? 0;
  }

  private count(instance: ContainerInstance, difference: 1 | -1): void {
    const zone = instance.ec2.availabilityZone;
    this.zones.set(zone, this.inZone(zone) + difference);
    const here = this.on(instance) + difference;
    if (here === 0) this.instances.delete(instance);
    else this.instances.set(instance, here);
  }
}
