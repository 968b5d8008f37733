/** The user's container, as its profile describes it. */
import type { ContainerProfile } from "../inputs/profile";
import type { Task } from "../world/ecs/task";
import type { Workload } from "../world/ecs/taskLife";

export class ContainerWorkload implements Workload {
  /** Who knows how long the requests of a task still take, in milliseconds. */
  private readonly inFlight: ((task: Task) => number)[] = [];

  constructor(private readonly profile: ContainerProfile) {}

  get acceptsAfterSigterm(): boolean {
    return this.profile.onSigterm === "ignore";
  }

  countInFlight(drainMs: (task: Task) => number): void {
    this.inFlight.push(drainMs);
  }

  startMs(): number {
    return (this.profile.startSeconds + this.profile.healthySeconds) * 1000;
  }

  exitAfterSigtermMs(task: Task): number | undefined {
    switch (this.profile.onSigterm) {
      case "finish":
        return Math.ceil(Math.max(0, ...this.inFlight.map((drainMs) => drainMs(task))));
      case "exit":
        return 0;
      case "ignore":
        return undefined;
    }
  }
}
