/** How services grew and shrank, how much ran of them meanwhile, and how their deployments ended. */
import type { Service } from "../world/ecs/service";
import type { World } from "../world/world";
import type { MeasuredResult } from "./result";
import { TaskTime } from "./taskTime";

const HOUR_MS = 3_600_000;

export class ScalingMeter {
  private readonly services: readonly Service[];
  private readonly ran: TaskTime;
  private scaleOuts = 0;
  private scaleIns = 0;
  private desiredMin: number;
  private desiredMax: number;
  private readonly before: MeasuredResult["deployments"];

  /** Measures from now on. */
  constructor(world: World) {
    const clusters = [...world.clusters.values()];
    this.services = clusters.flatMap((cluster) => [...cluster.services.values()]);
    this.ran = new TaskTime(world, this.services);
    this.desiredMin = this.desiredMax = this.desired();
    this.before = this.deployments();
    for (const cluster of clusters) {
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

  private deployments(): MeasuredResult["deployments"] {
    return {
      completed: this.services.reduce((sum, { rollout }) => sum + rollout.completed, 0),
      rolledBack: this.services.reduce((sum, { rollout }) => sum + rollout.rolledBack, 0),
    };
  }

  result(): Pick<MeasuredResult, "scaling" | "deployments"> {
    const { scaleOuts, scaleIns, desiredMin, desiredMax, before } = this;
    const { completed, rolledBack } = this.deployments();
    return {
      scaling: { taskHours: this.ran.ms / HOUR_MS, desiredMin, desiredMax, scaleOuts, scaleIns },
      deployments: { completed: completed - before.completed, rolledBack: rolledBack - before.rolledBack },
    };
  }
}
