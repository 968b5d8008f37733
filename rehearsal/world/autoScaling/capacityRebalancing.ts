/** Capacity rebalancing: a replacement at a recommendation, and at once at a notice. */
import type { Ec2 } from "../ec2/ec2";
import type { Instance } from "../ec2/instance";
import type { Group } from "./group";
import { counts } from "./member";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-capacity-rebalancing.html */
export function rebalanceCapacity(group: Group, ec2: Ec2): void {
  // The hooks are called and a replacement is launched, whatever its own risk.
  ec2.noticed.subscribe((instance) => {
    const member = group.members.get(instance.id);
    if (member !== undefined) group.terminateMember(member, "capacity rebalancing: interruption notice");
  });
  // A replacement only where it is no worse: from a pool that has room and isn't the flagged instance's own.
  ec2.recommended.subscribe((instance) => {
    const member = group.members.get(instance.id);
    if (member === undefined || !counts(member) || !hasBetter(group, instance)) return;
    group.replaceFirst(member, "capacity rebalancing: recommendation");
  });
}

function hasBetter(group: Group, flagged: Instance): boolean {
  return group.launcher.hasSpot(
    (pool) => pool.instanceType === flagged.instanceType && pool.availabilityZone === flagged.availabilityZone,
  );
}
