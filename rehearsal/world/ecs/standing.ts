/**
 * What the scheduler thinks of each of a service's tasks: whether it is healthy, and whether and why it has to go.
 * Kept up to date task by task, so that a decision doesn't have to look at every task of a large service.
 */
import type { Context } from "../context";
import type { Service } from "./service";
import { isActive, type StopCause, type Task } from "./task";

export interface Leaving {
  readonly cause: Extract<StopCause, "draining" | "deployment" | "unhealthy">;
  readonly reason: string;
}

interface Opinion {
  readonly healthy: boolean;
  readonly leaving: Leaving | undefined;
}

const REASONS = {
  draining: { cause: "draining", reason: "its container instance is DRAINING" },
  deployment: { cause: "deployment", reason: "a newer deployment replaces it" },
  unhealthy: { cause: "unhealthy", reason: "its target is unhealthy" },
} as const satisfies Record<Leaving["cause"], Leaving>;

export class Standing {
  private readonly opinions = new Map<Task, Opinion>();
  /** Active tasks that have to go. */
  readonly leaving = new Map<Task, Leaving>();
  private healthy = 0;

  constructor(
    private readonly service: Service,
    private readonly context: Context,
  ) {}

  /** Tasks that should run, placed or not. */
  get activeCount(): number {
    return this.opinions.size;
  }

  get healthyCount(): number {
    return this.healthy;
  }

  /** Something about a task changed. */
  review(task: Task): void {
    this.forget(task);
    if (!isActive(task)) return;
    const opinion = { healthy: this.service.isHealthy(task), leaving: this.leavingReason(task) };
    this.opinions.set(task, opinion);
    if (opinion.healthy) this.healthy++;
    if (opinion.leaving !== undefined) this.leaving.set(task, opinion.leaving);
  }

  reviewAll(): void {
    for (const task of this.service.tasks) this.review(task);
  }

  forget(task: Task): void {
    if (this.opinions.get(task)?.healthy === true) this.healthy--;
    this.opinions.delete(task);
    this.leaving.delete(task);
  }

  /** Protection holds against deployments, not against failed health checks; against draining, as the flag says. */
  private leavingReason(task: Task): Leaving | undefined {
    const isShielded = this.service.isShielded(task);
    if (task.instance?.status === "DRAINING" && !(isShielded && this.context.flags.protectionBlocksDrain)) {
      return REASONS.draining;
    }
    if (this.service.isUnhealthy(task)) return REASONS.unhealthy;
    return this.service.rollout.isOlder(task) && !isShielded ? REASONS.deployment : undefined;
  }
}
