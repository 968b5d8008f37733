/**
 * A service's deployments: the primary one, those it replaces, the circuit breaker, and the way back.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
import type { Context } from "../context";
import { ECS } from "../constants";
import { Topic } from "../topic";
import { failureThreshold, type Deployment, type DeploymentFault } from "./deployment";
import type { Service } from "./service";
import type { TaskDefinitionSpec } from "./spec";
import { isActive, type Task } from "./task";

/** How tasks stop that nobody has to bring back: the deployment, the scale-in or the move that stopped them wanted it so. */
const WANTED = new Set<Task["stopCause"]>(["scaleIn", "deployment", "zoneRebalancing"]);

/** What ECS tells of a service. */
export interface ServiceEvent {
  readonly id: string;
  readonly at: number;
  readonly message: string;
}

/** ECS developer guide, service-event-messages: the last 100. */
const MOST_EVENTS = 100;

export class Rollout {
  /** A deployment begins, or its state changes. */
  readonly changed = new Topic<Deployment>();
  primary: Deployment;
  /** Those that still have tasks, the oldest first. */
  readonly older: Deployment[] = [];
  completed = 0;
  rolledBack = 0;
  /** The newest first. */
  readonly events: ServiceEvent[] = [];
  private lastCompleted: Deployment | undefined;
  private count = 0;
  private told = 0;
  /** Since its tasks fail to start, the next one waits until then. */
  private nextStartAt = 0;
  private backoffMs = 0;
  private healthyTasks = 0;

  constructor(
    private readonly service: Service,
    private readonly context: Context,
  ) {
    this.primary = this.make(service.spec.taskDefinition, undefined);
  }

  get isInProgress(): boolean {
    return this.primary.state === "IN_PROGRESS";
  }

  isOlder(task: Task): boolean {
    return task.deployment !== this.primary;
  }

  /** When the primary deployment may start tasks; undefined: not any more. */
  get startsFrom(): number | undefined {
    return this.primary.state === "FAILED" ? undefined : this.nextStartAt;
  }

  begin(taskDefinition: TaskDefinitionSpec, fails: DeploymentFault | undefined): Deployment {
    const deployment = this.make(taskDefinition, fails);
    this.replacePrimary(deployment);
    this.become(deployment, "IN_PROGRESS", `ECS deployment ${deployment.id} in progress.`);
    return deployment;
  }

  private make(taskDefinition: TaskDefinitionSpec, fails: DeploymentFault | undefined): Deployment {
    const { now } = this.context.clock;
    const id = `ecs-svc/${String(++this.count).padStart(19, "0")}`;
    const reason = `ECS deployment ${id} in progress.`;
    const counts = { hasRun: false, failedTasks: 0, lost: 0 };
    return { id, taskDefinition, fails, createdAt: now, updatedAt: now, state: "IN_PROGRESS", reason, ...counts };
  }

  private replacePrimary(deployment: Deployment): void {
    this.older.push(this.primary);
    const known = this.older.indexOf(deployment);
    if (known >= 0) this.older.splice(known, 1);
    this.primary = deployment;
    this.healthyTasks = 0;
    this.nextStartAt = 0;
    this.backoffMs = 0;
    this.service.standing.reviewAll();
  }

  onRunning({ deployment }: Task): void {
    if (deployment !== this.primary || deployment.hasRun) return;
    deployment.hasRun = true;
    deployment.failedTasks = 0;
    this.nextStartAt = 0;
    this.backoffMs = 0;
  }

  /** A task is STOPPED: it may have failed, and one of an older deployment may be missed. */
  onStopped(task: Task): void {
    const { deployment } = task;
    if (deployment !== this.primary) {
      if (!WANTED.has(task.stopCause)) deployment.lost++;
      return;
    }
    if (task.runningAt === undefined && task.stopCode === "TaskFailedToStart") this.backOff();
    if (this.hasFailed(task)) this.fail();
  }

  /** First whether tasks reach RUNNING, then whether they pass their health checks. */
  private hasFailed({ runningAt, stopCause, stopCode, deployment }: Task): boolean {
    const neverRan = runningAt === undefined && stopCause === undefined && stopCode !== "UserInitiated";
    const counts = deployment.hasRun ? stopCause === "unhealthy" : neverRan;
    if (!counts || deployment.state !== "IN_PROGRESS") return false;
    deployment.failedTasks++;
    return (
      this.service.spec.circuitBreaker.enable && deployment.failedTasks >= failureThreshold(this.service.desiredCount)
    );
  }

  /** Tasks that were started together fail together, and lengthen the wait once. */
  private backOff(): void {
    const { now } = this.context.clock;
    if (now < this.nextStartAt) return;
    const { firstMs, longestMs } = ECS.startBackoff;
    this.backoffMs = Math.min(longestMs, this.backoffMs === 0 ? firstMs : this.backoffMs * 2);
    this.nextStartAt = now + this.backoffMs;
  }

  private fail(): void {
    const failed = this.primary;
    const why = failed.hasRun ? "tasks failed container or load balancer health checks" : "tasks failed to start";
    const back = this.service.spec.circuitBreaker.rollback ? this.lastCompleted : undefined;
    this.become(failed, "FAILED", `ECS deployment circuit breaker: ${why}.`);
    if (back === undefined) return;
    this.rolledBack++;
    this.replacePrimary(back);
    Object.assign(back, { failedTasks: 0, lost: 0 });
    this.become(back, "IN_PROGRESS", `ECS deployment circuit breaker: rolling back to deploymentId ${back.id}.`);
  }

  /** Looks whether the primary deployment has come to its end, and which of the others have no tasks any more. */
  review(): void {
    if (this.older.length === 0 && !this.isInProgress) return;
    const healthy = this.healthyOfPrimary();
    // A task that becomes healthy has the circuit breaker begin anew.
    if (healthy > this.healthyTasks) this.primary.failedTasks = 0;
    this.healthyTasks = healthy;
    const isThere = healthy >= this.service.desiredCount && this.activeOlder().length === 0;
    if (this.isInProgress && isThere) this.complete();
    this.forgetOlder();
  }

  private healthyOfPrimary(): number {
    let healthy = 0;
    for (const task of this.service.tasks) {
      if (!this.isOlder(task) && isActive(task) && this.service.isHealthy(task)) healthy++;
    }
    return healthy;
  }

  private forgetOlder(): void {
    const living = new Set([...this.service.tasks].map(({ deployment }) => deployment));
    const isOver = this.primary.state === "COMPLETED";
    for (const each of [...this.older]) {
      const isMissed = !isOver && each.lost > 0;
      if (!living.has(each) && !isMissed) this.older.splice(this.older.indexOf(each), 1);
    }
  }

  /** Active tasks of older deployments. */
  activeOlder(): Task[] {
    if (this.older.length === 0) return [];
    return [...this.service.tasks].filter((task) => isActive(task) && this.isOlder(task));
  }

  private complete(): void {
    this.completed++;
    this.lastCompleted = this.primary;
    for (const each of this.older) each.lost = 0;
    this.become(this.primary, "COMPLETED", `ECS deployment ${this.primary.id} completed.`);
  }

  private become(deployment: Deployment, state: Deployment["state"], reason: string): void {
    deployment.state = state;
    deployment.reason = reason;
    deployment.updatedAt = this.context.clock.now;
    const { name } = this.service.spec;
    this.context.log.write("ecs.Deployment", { service: name, deployment: deployment.id, state, reason });
    this.tell(`(service ${name}) (deployment ${deployment.id}) ${reason}`);
    this.changed.publish(deployment);
  }

  private tell(message: string): void {
    const id = `00000000-0000-4000-8000-${String(++this.told).padStart(12, "0")}`;
    this.events.unshift({ id, at: this.context.clock.now, message });
    this.events.length = Math.min(this.events.length, MOST_EVENTS);
  }
}
