/** Minutes in which a service of workers had fewer tasks than it wanted. */
import { PRIORITY } from "../world/clock";
import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { World } from "../world/world";
import { CapacityMeter, type CapacityLoss } from "./capacity";
import { Owed } from "./owed";

/** What a worker may take from the scheduler's decision to its first job: it is scaled from nothing, and an instance has to come first. */
const WORKER_START_MS = 300_000;

export class WorkerCapacity {
  private readonly meter: CapacityMeter;
  private readonly owed: Owed;
  private isStale = false;

  constructor(
    private readonly world: World,
    cluster: Cluster,
    private readonly service: Service,
    isOutage: () => boolean,
  ) {
    this.meter = new CapacityMeter(world, isOutage);
    this.owed = new Owed(world, cluster, service, WORKER_START_MS);
    world.context.beforeChange.subscribe(() => this.beforeChange());
    this.look();
  }

  result(): CapacityLoss {
    return this.meter.result();
  }

  /** Settles what was, and looks again when the first event after the change has run. */
  private beforeChange(): void {
    this.meter.settle();
    if (this.isStale) return;
    this.isStale = true;
    this.world.clock.after(0, () => this.look(), PRIORITY.observe);
  }

  private look(): void {
    this.isStale = false;
    const serving = [...this.service.tasks].filter(({ process }) => process === "serving").length;
    this.meter.observe(serving, this.owed.count);
  }
}
