/** The drain functions that take recommendations for hints, and what they act on, as their environments name it. */
import type { Group } from "../world/autoScaling/group";
import type { Cluster } from "../world/ecs/cluster";
import type { ContainerInstance } from "../world/ecs/containerInstance";
import type { World } from "../world/world";

export interface HintFunction {
  readonly cluster: Cluster;
  readonly group: Group;
  /** How long a recommendation counts. */
  readonly patienceMs: number;
}

const RECOMMENDATION = "spotproof:recommendation";

/** When the instance was recommended, as its tag says; undefined where it isn't hinted. */
export const hintOf = ({ tags }: ContainerInstance): string | undefined => tags[RECOMMENDATION];

export const isMember = ({ group }: HintFunction, { ec2 }: ContainerInstance): boolean => group.members.has(ec2.id);

export function hintFunctionsOf(world: World): HintFunction[] {
  return world.functions.flatMap(({ spec: { environment } }) => {
    if (environment.RECOMMENDATIONS !== "hint") return [];
    const cluster = [...world.clusters.values()].find(({ spec }) => spec.arn === environment.CLUSTER_ARN);
    const group = world.groups.get(environment.AUTO_SCALING_GROUP_NAME ?? "");
    if (cluster === undefined || group === undefined) return [];
    return [{ cluster, group, patienceMs: Number(environment.RECOMMENDATION_MINUTES) * 60_000 }];
  });
}
