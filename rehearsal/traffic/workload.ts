/** The user's container, as its profile describes it. */
import type { ContainerProfile } from "../inputs/profile";
import type { Task } from "../world/ecs/task";
import type { Workload } from "../world/ecs/taskLife";

export class ContainerWorkload implements Workload {
  /** Who knows how long the requests of a task still take, in milliseconds. */
  private readonly inFlight: ((task: Task) => number)[] = [];
  /** Who knows what a worker does on SIGTERM; undefined where the task is no worker. */
  private readonly workers: ((task: Task) => ContainerProfile["onSigterm"] | undefined)[] = [];

  constructor(private readonly profile: ContainerProfile) {}

  get acceptsAfterSigterm(): boolean {
    return this.profile.onSigterm === "ignore";
  }

  countInFlight(drainMs: (task: Task) => number): void {
    this.inFlight.push(drainMs);
  }

  /** A worker that finishes does so in its own time, and says when. */
  addWorkers(onSigterm: (task: Task) => ContainerProfile["onSigterm"] | undefined): void {
    this.workers.push(onSigterm);
  }

  startMs(): number {
    return (this.profile.startSeconds + this.profile.healthySeconds) * 1000;
  }

  exitAfterSigtermMs(task: Task): number | undefined {
    for (const onSigterm of this.workers) {
      const does = onSigterm(task);
      if (does !== undefined) return does === "exit" ? 0 : undefined;
    }
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
