/** Containers that protect their work: each runs the runtime's own code, on the world's clock. */
import { WorkProtection, type ProtectionEvent, type TaskProtection } from "../../runtime/workProtection";
import type { Context } from "../world/context";
import { AgentProtection } from "../world/ecs/agentProtection";
import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { Task } from "../world/ecs/task";
import { containerTimers } from "./containerTimers";

export interface ProtectedTasksOptions {
  readonly context: Context;
  readonly cluster: Cluster;
  readonly service: Service;
  /** How a task's container reaches ECS. @default through the agent */
  readonly protectionOf?: (task: Task) => TaskProtection;
}

/** What is worth a line of the log; renewals and looks that find nothing aren't. */
const LOGGED: ReadonlySet<ProtectionEvent["kind"]> = new Set([
  "protected",
  "released",
  "shortened",
  "foreign",
  "failed",
]);

export class ProtectedTasks {
  private readonly running = new Map<Task, WorkProtection>();

  constructor(private readonly options: ProtectedTasksOptions) {
    const { cluster, service } = options;
    for (const task of service.tasks) if (task.process === "serving") this.start(task);
    cluster.life.serving.subscribe((task) => this.start(task));
    cluster.life.exited.subscribe(({ task }) => this.running.delete(task));
  }

  /** A unit of work of a task begins; the returned function ends it. Undefined where the container isn't there. */
  begin(task: Task): (() => void) | undefined {
    const protection = this.running.get(task);
    if (protection === undefined) return undefined;
    const isFirst = protection.inProgress === 0;
    const end = protection.begin();
    if (isFirst) this.wake();
    return () => {
      if (!this.running.has(task)) return;
      end();
      if (protection.inProgress === 0) this.wake();
    };
  }

  private start(task: Task): void {
    const { context, cluster, service, protectionOf } = this.options;
    if (task.service !== service) return;
    const protection = new WorkProtection({
      protection: protectionOf?.(task) ?? new AgentProtection(cluster, task, context),
      timers: containerTimers(context.clock, () => this.running.has(task)),
      random: context.random(`traffic/${service.spec.name}/protection`),
      report: (event) => {
        if (LOGGED.has(event.kind)) context.log.write("work.Protection", { task: task.arn, what: event.kind });
      },
    });
    this.running.set(task, protection);
  }

  /** Units between the first and the last call nothing. */
  private wake(): void {
    this.options.context.clock.handlersWoken = true;
  }
}
