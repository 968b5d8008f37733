/**
 * One target group: registration, health checks, deregistration, and whom the balancer routes to.
 * A check is an event only while its outcome can change a target's state, so a steady target costs nothing.
 */
import { between, type Context } from "../context";
import { PRIORITY } from "../clock";
import { ELB } from "../constants";
import { Topic } from "../topic";
import { keyOf, type Target } from "./target";
import type { Network, TargetGroupSpec } from "./targetGroupSpec";

export class TargetGroup {
  readonly targets = new Map<string, Target>();
  /** Somebody deregistered a target. */
  readonly deregistered = new Topic<Target>();
  readonly healthChanged = new Topic<Target>();
  /** A deregistered target's delay is over. */
  readonly unused = new Topic<Target>();

  constructor(
    readonly spec: TargetGroupSpec,
    private readonly context: Context,
    private readonly network: Network,
  ) {}

  /** Registers a target. One that is still draining is taken back: it gets requests again once it has passed a check. */
  register(instanceId: string, port: number): void {
    const known = this.targets.get(keyOf(instanceId, port));
    if (known !== undefined && known.deregisteredAt === undefined) return;
    this.context.clock.cancel(known?.timer);
    const { clock, log } = this.context;
    const checkPhaseMs = Math.floor(
      this.context.random(`elb/${this.spec.name}/phase`)() * this.spec.healthCheck.intervalMs,
    );
    const target: Target = {
      instanceId,
      port,
      health: "initial",
      checkPhaseMs,
      deregisteredAt: undefined,
      routedUntil: Number.POSITIVE_INFINITY,
      timer: undefined,
      inARow: 0,
    };
    this.context.beforeChange.publish(undefined);
    this.targets.set(keyOf(instanceId, port), target);
    log.write("elb.Registered", { targetGroup: this.spec.name, instanceId, port });
    target.timer = clock.at(this.nextCheck(target), () => this.check(target), PRIORITY.observe);
  }

  /** Deregisters a target; a port that isn't registered is success. */
  deregister(instanceId: string, port: number): void {
    const target = this.targets.get(keyOf(instanceId, port));
    if (target === undefined || target.deregisteredAt !== undefined) return;
    const { clock, log } = this.context;
    this.context.beforeChange.publish(undefined);
    const wasServing = this.routes(target);
    clock.cancel(target.timer);
    target.deregisteredAt = clock.now;
    target.health = "draining";
    const propagation = between(this.context.random(`elb/${this.spec.name}/propagation`), ELB.propagationMs);
    target.routedUntil = wasServing ? clock.now + propagation : clock.now;
    if (propagation > 0) clock.at(target.routedUntil, () => this.context.beforeChange.publish(undefined), PRIORITY.end);
    log.write("elb.Deregistered", { targetGroup: this.spec.name, instanceId, port });
    target.timer = clock.after(
      this.spec.deregistrationDelayMs,
      () => {
        this.context.beforeChange.publish(undefined);
        this.targets.delete(keyOf(instanceId, port));
        this.unused.publish(target);
      },
      PRIORITY.end,
    );
    this.deregistered.publish(target);
  }

  /** The container behind the port began or ceased to answer. */
  reachabilityChanged(instanceId: string, port: number): void {
    const target = this.targets.get(keyOf(instanceId, port));
    if (target === undefined || target.deregisteredAt !== undefined) return;
    this.context.beforeChange.publish(undefined);
    target.inARow = 0;
    this.context.clock.cancel(target.timer);
    target.timer = this.context.clock.at(this.nextCheck(target), () => this.check(target), PRIORITY.observe);
  }

  /** Registered targets that get requests: the healthy ones, or all where none is (fail open). */
  routed(): Target[] {
    const now = this.context.clock.now;
    const registered: Target[] = [];
    const healthy: Target[] = [];
    for (const target of this.targets.values()) {
      if (target.deregisteredAt !== undefined) {
        if (now < target.routedUntil) healthy.push(target);
        continue;
      }
      registered.push(target);
      if (target.health === "healthy") healthy.push(target);
    }
    return healthy.length > 0 ? healthy : registered;
  }

  healthyCount(): number {
    let count = 0;
    for (const target of this.targets.values()) if (target.health === "healthy") count++;
    return count;
  }

  private routes(target: Target): boolean {
    return this.routed().includes(target);
  }

  private nextCheck(target: Target): number {
    const { intervalMs } = this.spec.healthCheck;
    const { now } = this.context.clock;
    const elapsed = (((now - target.checkPhaseMs) % intervalMs) + intervalMs) % intervalMs;
    return now + (intervalMs - elapsed);
  }

  /** One check. A host that is gone answers nothing, so the check fails only at its timeout. */
  private check(target: Target): void {
    if (target.deregisteredAt !== undefined) return;
    const { clock } = this.context;
    const found = this.network.probe(target.instanceId, target.port);
    if (found === "serving") this.passed(target);
    else if (found === "refusing") this.failed(target);
    else target.timer = clock.after(this.spec.healthCheck.timeoutMs, () => this.failed(target), PRIORITY.observe);
  }

  /** A new target needs one success, one that was unhealthy its threshold. */
  private passed(target: Target): void {
    if (target.health === "healthy") return;
    target.inARow = target.health === "unhealthy" ? target.inARow + 1 : 1;
    if (target.health === "initial" || target.inARow >= this.spec.healthCheck.healthyThreshold)
      this.become(target, "healthy");
    else this.checkLater(target);
  }

  private failed(target: Target): void {
    if (target.deregisteredAt !== undefined) return;
    target.inARow = target.health === "unhealthy" ? 0 : target.inARow + 1;
    if (target.health !== "unhealthy" && target.inARow >= this.spec.healthCheck.unhealthyThreshold)
      this.become(target, "unhealthy");
    if (this.network.probe(target.instanceId, target.port) !== "dead" || target.health !== "unhealthy")
      this.checkLater(target);
  }

  private checkLater(target: Target): void {
    target.timer = this.context.clock.at(this.nextCheck(target), () => this.check(target), PRIORITY.observe);
  }

  private become(target: Target, health: "healthy" | "unhealthy"): void {
    this.context.beforeChange.publish(undefined);
    target.health = health;
    target.inARow = 0;
    this.context.log.write("elb.HealthChanged", {
      targetGroup: this.spec.name,
      instanceId: target.instanceId,
      port: target.port,
      health,
    });
    this.healthChanged.publish(target);
  }
}
