/** Which instance a group ends when it scales in. */
import type { GroupSpec } from "./groupSpec";
import { isProtected, type Member } from "./member";

const HOUR_MS = 3_600_000;

/**
 * The zone with the most instances first, then the side (Spot or on-demand) that restores the ratio, then the termination policies.
 * Undefined where every instance is protected.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
 */
export function chooseVictim(
  members: readonly Member[],
  spec: GroupSpec,
  surplusSide: "spot" | "on-demand" | undefined,
  now: number,
): Member | undefined {
  const open = members.filter((member) => !isProtected(member));
  if (open.length === 0) return undefined;
  const zones = new Map<string, number>();
  for (const { instance } of members) {
    zones.set(instance.availabilityZone, (zones.get(instance.availabilityZone) ?? 0) + 1);
  }
  const inZone = (zone: string): number => zones.get(zone) ?? 0;
  const fullest = Math.max(...open.map((member) => inZone(member.instance.availabilityZone)));
  const ofZone = open.filter((member) => inZone(member.instance.availabilityZone) === fullest);
  const ofSide = ofZone.filter((member) => member.instance.lifecycle === surplusSide);
  const candidates = ofSide.length > 0 ? ofSide : ofZone;
  return candidates.reduce((best, member) => (isBefore(member, best, spec.terminationPolicies, now) ? member : best));
}

function isBefore(a: Member, b: Member, policies: readonly string[], now: number): boolean {
  for (const policy of policies.length > 0 ? policies : ["Default"]) {
    const difference = policyKey(a, policy, now) - policyKey(b, policy, now);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

/** The smaller ends first. */
function policyKey(member: Member, policy: string, now: number): number {
  const age = now - member.instance.launchedAt;
  switch (policy) {
    case "ClosestToNextInstanceHour":
    case "Default":
      return HOUR_MS - (age % HOUR_MS);
    case "OldestLaunchTemplate":
      return member.instance.launchTemplateVersion ?? 0;
    case "OldestInstance":
      return -age;
    case "NewestInstance":
      return age;
    default:
      return 0;
  }
}
