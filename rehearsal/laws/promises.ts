import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";

/** What a service was declared to have, and who keeps it. */
export interface ServicePromise {
  readonly cluster: Cluster;
  readonly service: Service;
  readonly desiredCount: number;
}
