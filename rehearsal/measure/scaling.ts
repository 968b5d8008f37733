/** How services grew and shrank, how much ran of them meanwhile, and how their deployments ended. */
import type { Service } from "../world/ecs/service";
import type { Task } from "../world/ecs/task";
import type { World } from "../world/world";
import type { MeasuredResult } from "./result";

const HOUR_MS = 3_600_000;

export class ScalingMeter {
  private readonly services: readonly Service[];
  private readonly since: number;
  private ranMs = 0;
  private scaleOuts = 0;
  private scaleIns = 0;
  private desiredMin: number;
  private desiredMax: number;
  private readonly before: MeasuredResult["deployments"];

  /** Measures from now on. */
  constructor(private readonly world: World) {
    const clusters = [...world.clusters.values()];
    this.services = clusters.flatMap((cluster) => [...cluster.services.values()]);
    this.since = world.clock.now;
    this.desiredMin = this.desiredMax = this.desired();
    this.before = this.deployments();
    for (const cluster of clusters) {
      cluster.life.changed.subscribe((task) => {
        if (task.lastStatus === "STOPPED") this.ranMs += this.ranFor(task);
      });
      cluster.desiredCountChanged.subscribe(({ from, to }) => this.onDesired(from, to));
    }
  }

  private onDesired(from: number, to: number): void {
    if (to > from) this.scaleOuts++;
    else this.scaleIns++;
    const desired = this.desired();
    this.desiredMin = Math.min(this.desiredMin, desired);
    this.desiredMax = Math.max(this.desiredMax, desired);
  }

  private desired(): number {
    return this.services.reduce((sum, { desiredCount }) => sum + desiredCount, 0);
  }

  private ranFor({ runningAt }: Task): number {
    return runningAt === undefined ? 0 : this.world.clock.now - Math.max(runningAt, this.since);
  }

  private deployments(): MeasuredResult["deployments"] {
    return {
      completed: this.services.reduce((sum, { rollout }) => sum + rollout.completed, 0),
      rolledBack: this.services.reduce((sum, { rollout }) => sum + rollout.rolledBack, 0),
    };
  }

  result(): Pick<MeasuredResult, "scaling" | "deployments"> {
    const { scaleOuts, scaleIns, desiredMin, desiredMax, before } = this;
    const living = this.services.flatMap(({ tasks }) => [...tasks]);
    const ranMs = living.reduce((sum, task) => sum + this.ranFor(task), this.ranMs);
    const { completed, rolledBack } = this.deployments();
    return {
      scaling: { taskHours: ranMs / HOUR_MS, desiredMin, desiredMax, scaleOuts, scaleIns },
      deployments: { completed: completed - before.completed, rolledBack: rolledBack - before.rolledBack },
    };
  }
}
