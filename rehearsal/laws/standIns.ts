/** On-Demand Instances that stand in for Spot ones, and the function that lets them, as its environment tells. */
import { onDemandShare } from "../world/autoScaling/census";
import type { Group } from "../world/autoScaling/group";
import { counts } from "../world/autoScaling/member";
import type { World } from "../world/world";

export interface FallbackFunction {
  readonly group: Group;
  readonly declaredBase: number;
  readonly maxInstances: number;
}

export function fallbackFunctions({ functions, groups }: World): FallbackFunction[] {
  return functions.flatMap(({ spec: { environment } }) => {
    const { DECLARED_BASE_CAPACITY, AUTO_SCALING_GROUP_NAME = "", MAX_INSTANCES } = environment;
    const group = groups.get(AUTO_SCALING_GROUP_NAME);
    if (DECLARED_BASE_CAPACITY === undefined || group === undefined) return [];
    return [{ group, declaredBase: Number(DECLARED_BASE_CAPACITY), maxInstances: Number(MAX_INSTANCES) }];
  });
}

/** Those in the group above its declared share. */
export function standIns({ group, declaredBase }: FallbackFunction): number {
  const declared = { ...group.spec, onDemandBaseCapacity: declaredBase };
  const onDemand = [...group.members.values()].filter(
    (member) => counts(member) && member.instance.lifecycle === "on-demand",
  );
  return Math.max(0, onDemand.length - onDemandShare(declared, group.desiredCapacity));
}
