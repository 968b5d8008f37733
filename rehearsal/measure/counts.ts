/** Interruptions and tasks, counted as they happen. */
import type { World } from "../world/world";

export class Counts {
  readonly interruptions = { notices: 0, withoutNotice: 0, recommendations: 0, instancesLost: 0 };
  readonly tasks = { started: 0, stopped: 0, killed: 0 };

  constructor(world: World) {
    world.ec2.noticed.subscribe(() => this.interruptions.notices++);
    world.ec2.recommended.subscribe(() => this.interruptions.recommendations++);
    world.ec2.ended.subscribe(({ interruption }) => {
      if (interruption === undefined) return;
      this.interruptions.instancesLost++;
      if (interruption.noticedAt === undefined) this.interruptions.withoutNotice++;
    });
    for (const { life } of world.clusters.values()) {
      life.changed.subscribe((task) => {
        if (task.lastStatus === "RUNNING" && task.runningAt === world.clock.now) this.tasks.started++;
        if (task.lastStatus === "STOPPED") this.tasks.stopped++;
      });
      life.exited.subscribe(({ exit }) => {
        if (exit !== "finished") this.tasks.killed++;
      });
    }
  }
}
