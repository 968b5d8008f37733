/** The balance between zones: after an outage the group launches in the emptier zone before it ends an instance in the fuller one. */
import { AUTO_SCALING as TIMES } from "../constants";
import type { GroupSpec } from "./groupSpec";
import { counts, isProtected, type Member } from "./member";

/** What moves: a member of a zone that has at least two more than `zone`. */
export interface Move {
  readonly victim: Member;
  readonly zone: string;
}

/**
 * The moves that would even the zones out, the emptiest zone first; none while a launch or an end is under way, or where
 * every member of the fuller zones is protected.
 */
export function movesToBalance(members: Iterable<Member>, spec: GroupSpec): Move[] {
  const byZone = new Map(spec.availabilityZones.map((zone): [string, Member[]] => [zone, []]));
  let total = 0;
  for (const member of members) {
    if (!counts(member) || member.lifecycleState !== "InService") return [];
    byZone.get(member.instance.availabilityZone)?.push(member);
    total++;
  }
  const { share, instances } = TIMES.zoneBalanceMargin;
  if (total >= spec.maxSize + Math.max(Math.floor(spec.maxSize * share), instances)) return [];
  const zones = [...byZone].sort(([, a], [, b]) => a.length - b.length);
  return zones.flatMap(([zone, own]) => {
    const [, fullest] = zones.findLast(([, other]) => other.some((member) => !isProtected(member))) ?? [];
    const victim = fullest?.find((member) => !isProtected(member));
    return victim !== undefined && fullest!.length - own.length >= 2 ? [{ victim, zone }] : [];
  });
}
