/** How many tasks of a service a clairvoyant would have to run: what was promised, and what the load needs. */
import type { ContainerProfile } from "../inputs/profile";
import { leastCapacityOf } from "../traffic/taskCapacity";
import type { Service } from "../world/ecs/service";
import type { World } from "../world/world";

export interface Demand {
  /** Requests a second that come to a service; undefined: it isn't balanced. */
  readonly requestsPerSecond: (service: Service) => number | undefined;
  readonly profile: ContainerProfile;
}

/**
 * The desired count where it is fixed. Where it is scaled, its minimum, or as many tasks as work off the requests of the moment
 * if no CPU but their own is used. A scaled service without a load balancer: Infinity, since what its jobs need isn't known here.
 * Requests that take long count for nothing, which makes it less.
 */
export function neededTasks(world: World, service: Service, { requestsPerSecond, profile }: Demand): number {
  const target = [...world.scalableTargets.values()].find((each) => each.service === service);
  if (target === undefined) return service.desiredCount;
  const rate = requestsPerSecond(service);
  if (rate === undefined) return Infinity;
  const { longRequests, ...short } = profile;
  const perTask = leastCapacityOf(service, short);
  return Math.max(target.minCapacity, Math.ceil((rate * (1 - (longRequests?.share ?? 0))) / perTask));
}
