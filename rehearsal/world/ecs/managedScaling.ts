/** A capacity provider's managed scaling, managed termination protection and managed draining. */
import type { Group } from "../autoScaling/group";
import { isEnding, type Member } from "../autoScaling/member";
import type { Context } from "../context";
import { PRIORITY } from "../clock";
import { ECS, MANAGED_SCALING as TIMES } from "../constants";
import type { Cluster } from "./cluster";
import type { CapacityProviderSpec } from "./spec";

/** Free room of an instance that a waiting task could take. */
interface Bin {
  cpu: number;
  memoryMiB: number;
}

export class ManagedScaling {
  private belowTarget = 0;
  private warmUntil = 0;

  constructor(
    private readonly spec: CapacityProviderSpec,
    private readonly cluster: Cluster,
    private readonly group: Group,
    private readonly largestInstance: Bin,
    private readonly context: Context,
  ) {
    if (spec.managedScaling) context.clock.every(TIMES.periodMs, TIMES.periodMs, () => this.tick(), PRIORITY.observe);
    if (spec.managedDraining) this.drainWhatTheGroupEnds();
  }

  /** Instances needed: those with tasks, and as many as the waiting tasks fill when packed. */
  private needed(): number {
    let busy = 0;
    for (const member of this.group.members.values()) {
      const instance = this.cluster.instanceOf(member.instance.id);
      if (!isEnding(member) && instance !== undefined && instance.tasks.size > 0) busy++;
    }
    const bins: Bin[] = [];
    for (const { taskDefinition } of this.cluster.provisioning(this.spec.name)) {
      let bin = bins.find((each) => each.cpu >= taskDefinition.cpu && each.memoryMiB >= taskDefinition.memoryMiB);
      if (bin === undefined) bins.push((bin = { ...this.largestInstance }));
      bin.cpu -= taskDefinition.cpu;
      bin.memoryMiB -= taskDefinition.memoryMiB;
    }
    return busy + bins.length;
  }

  /** Publishes CapacityProviderReservation and does what its two alarms do. */
  private tick(): void {
    if (this.spec.managedTerminationProtection) this.protect();
    const instances = [...this.group.members.values()].filter((member) => !isEnding(member)).length;
    const needed = this.needed();
    const reservation = instances === 0 ? (needed === 0 ? 100 : 200) : (needed / instances) * 100;
    const wanted = instances === 0 && needed > 0 ? 2 : Math.ceil((needed * 100) / this.spec.targetCapacity);
    const { now } = this.context.clock;
    if (reservation > this.spec.targetCapacity) {
      this.belowTarget = 0;
      if (now < this.warmUntil || wanted <= this.group.desiredCapacity) return;
      this.warmUntil = now + TIMES.warmupMs;
      this.group.setDesiredCapacity(wanted);
    } else if (reservation < this.spec.targetCapacity && wanted < this.group.desiredCapacity) {
      if (++this.belowTarget < TIMES.scaleInDatapoints) return;
      const excess = this.group.desiredCapacity - wanted;
      this.group.setDesiredCapacity(this.group.desiredCapacity - Math.max(1, Math.floor(excess * TIMES.scaleInShare)));
    } else {
      this.belowTarget = 0;
    }
  }

  /** Instances with tasks are protected from scale-in; empty ones are not. */
  private protect(): void {
    for (const member of [...this.group.members.values()]) {
      const instance = this.cluster.instanceOf(member.instance.id);
      if (instance !== undefined) this.group.setProtection(member.instance.id, instance.tasks.size > 0);
    }
  }

  /** ECS's own lifecycle hook: DRAINING, then CONTINUE once nothing runs, or after 48 h. */
  private drainWhatTheGroupEnds(): void {
    this.group.addTerminationHook();
    const waiting = new Set<Member>();
    const release = (member: Member): void => {
      if (waiting.delete(member)) this.group.completeTermination(member);
    };
    this.group.terminating.subscribe((member) => {
      const instance = this.cluster.instanceOf(member.instance.id);
      waiting.add(member);
      this.context.clock.after(ECS.managedDrainingMs, () => release(member));
      if (instance === undefined) return release(member);
      this.cluster.setStatus(instance, "DRAINING", "managed draining");
      if (instance.tasks.size === 0) release(member);
    });
    this.cluster.life.changed.subscribe((task) => {
      if (task.lastStatus !== "STOPPED" || task.instance?.tasks.size !== 0) return;
      for (const member of waiting) if (member.instance.id === task.instance.ec2.id) release(member);
    });
  }
}
