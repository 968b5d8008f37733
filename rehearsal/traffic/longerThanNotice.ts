/** Says which services work on requests that no interruption waits for. */
import type { ContainerProfile } from "../inputs/profile";
import type { Group } from "../world/autoScaling/group";
import { SPOT } from "../world/constants";
import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { World } from "../world/world";
import { shareLonger } from "./durations";

/** Fewer than this aren't worth a remark: exponential durations have no longest one. */
const WORTH_A_REMARK = 0.001;

export function longerThanNotice({ longRequests }: ContainerProfile, world: World): string[] {
  if (longRequests === undefined) return [];
  const seconds = SPOT.noticeMs / 1000;
  const share = shareLonger(longRequests, seconds);
  if (share < WORTH_A_REMARK) return [];
  const percent = (share * 100).toLocaleString("en-US", { maximumFractionDigits: 1 });
  return [...world.clusters.values()].flatMap((cluster) =>
    [...cluster.services.values()]
      .filter((service) => service.spec.loadBalancers.length > 0 && isSpotAlone(service, cluster, world))
      .map(
        ({ spec }) =>
          `${percent} % of the long requests take longer than the ${seconds} s of an interruption's notice, and ${spec.name} runs on Spot alone: ` +
          `whatever is done, an interruption cuts them; give it on-demand capacity, or make them shorter or resumable`,
      ),
  );
}

function isSpotAlone({ spec }: Service, cluster: Cluster, world: World): boolean {
  const named = spec.capacityProviderStrategy.map(({ capacityProvider }) => capacityProvider);
  const providers = cluster.capacityProviders.filter(({ name }) => named.includes(name));
  const groups = [...world.groups.values()].filter(
    (group) =>
      named.length === 0 || providers.some(({ autoScalingGroupArn }) => autoScalingGroupArn === group.spec.arn),
  );
  return groups.length > 0 && groups.every(hasNoOnDemand);
}

const hasNoOnDemand = ({ spec }: Group): boolean =>
  spec.onDemandBaseCapacity === 0 && spec.onDemandPercentageAboveBaseCapacity === 0;
