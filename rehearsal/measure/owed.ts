/** How many tasks a service is held to: its desired count of the moment, and not at once what was just added to it. */
import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { World } from "../world/world";

/**
 * What a task may take from the scheduler's decision to its first request where an instance has room for it: some 20 s for images,
 * as much for the user's own start, and a health check or two of up to 30 s. Waiting for an instance is not in it: that is capacity
 * which the service asked for and didn't have.
 */
export const TASK_START_MS = 120_000;

export class Owed {
  /** Counts from before a rise, and how long nothing more is expected. */
  private before: { readonly count: number; readonly until: number }[] = [];

  constructor(
    private readonly world: World,
    cluster: Cluster,
    private readonly service: Service,
    private readonly startMs = TASK_START_MS,
  ) {
    cluster.desiredCountChanged.subscribe(({ service: changed, from, to }) => {
      if (changed === service && to > from) this.onRise(from);
    });
  }

  get count(): number {
    const { now } = this.world.clock;
    this.before = this.before.filter(({ until }) => until > now);
    return Math.min(this.service.desiredCount, ...this.before.map(({ count }) => count));
  }

  private onRise(count: number): void {
    const { clock, context } = this.world;
    this.before.push({ count, until: clock.now + this.startMs });
    // Whoever compares looks again once the rise counts.
    clock.after(this.startMs, () => context.beforeChange.publish(undefined));
  }
}
