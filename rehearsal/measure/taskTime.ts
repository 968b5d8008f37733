/** How long the tasks of some services run, from RUNNING to STOPPED. */
import type { Service } from "../world/ecs/service";
import type { Task } from "../world/ecs/task";
import type { World } from "../world/world";

export class TaskTime {
  private readonly since: number;
  private ranMs = 0;

  /** Measures from now on. */
  constructor(
    private readonly world: World,
    private readonly services: readonly Service[],
  ) {
    this.since = world.clock.now;
    for (const cluster of world.clusters.values()) {
      cluster.life.changed.subscribe((task) => {
        if (task.lastStatus === "STOPPED" && services.includes(task.service)) this.ranMs += this.ranFor(task);
      });
    }
  }

  get ms(): number {
    const living = this.services.flatMap(({ tasks }) => [...tasks]);
    return living.reduce((sum, task) => sum + this.ranFor(task), this.ranMs);
  }

  private ranFor({ runningAt }: Task): number {
    return runningAt === undefined ? 0 : this.world.clock.now - Math.max(runningAt, this.since);
  }
}
