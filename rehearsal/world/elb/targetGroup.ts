/**
 * One target group: registration, health checks, deregistration, and whom the balancer routes to.
 * A check is an event only while its outcome can change a target's state, so a steady target costs nothing.
 */
import { between, type Context } from "../context";
import { PRIORITY } from "../clock";
import { ELB } from "../constants";
import { History } from "../history";
import { Topic } from "../topic";
import { keyOf, type Target, type TargetHealth } from "./target";
import type { Network, TargetGroupSpec } from "./targetGroupSpec";

export class TargetGroup {
  readonly targets = new Map<string, Target>();
  /** Health of the last moments, for stale reads. */
  private readonly healths = new History<Target, TargetHealth>();
  private healthy = 0;
  /** Somebody deregistered a target. */
  readonly deregistered = new Topic<Target>();
  readonly healthChanged = new Topic<Target>();
  /** Whether a target gets requests may be another answer now. */
  readonly routingChanged = new Topic<Target>();
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
    // One that is taken back before its delay is over waits at least one whole interval for its first check.
    const drawn = this.context.random(`elb/${this.spec.name}/phase`)() * this.spec.healthCheck.intervalMs;
    const checkPhaseMs = known === undefined ? Math.floor(drawn) : clock.now % this.spec.healthCheck.intervalMs;
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
    if (known !== undefined) this.healths.record(known, undefined, clock.now);
    this.targets.set(keyOf(instanceId, port), target);
    this.setHealth(target, "initial");
    log.write("elb.Registered", { targetGroup: this.spec.name, instanceId, port });
    target.timer = clock.at(this.nextCheck(target), () => this.check(target), PRIORITY.observe);
  }

  /** Deregisters a target; a port that isn't registered is success. */
  deregister(instanceId: string, port: number): void {
    const target = this.targets.get(keyOf(instanceId, port));
    if (target === undefined || target.deregisteredAt !== undefined) return;
    const { clock, log } = this.context;
    this.context.beforeChange.publish(undefined);
    const wasServing = target.health === "healthy" || this.healthy === 0;
    clock.cancel(target.timer);
    target.deregisteredAt = clock.now;
    this.setHealth(target, "draining");
    const propagation = between(this.context.random(`elb/${this.spec.name}/propagation`), ELB.propagationMs);
    target.routedUntil = wasServing ? clock.now + propagation : clock.now;
    if (propagation > 0) clock.at(target.routedUntil, () => this.onPropagated(target), PRIORITY.end);
    log.write("elb.Deregistered", { targetGroup: this.spec.name, instanceId, port });
    target.timer = clock.after(
      this.spec.deregistrationDelayMs,
      () => {
        this.context.beforeChange.publish(undefined);
        this.targets.delete(keyOf(instanceId, port));
        this.healths.record(target, undefined, clock.now);
        this.routingChanged.publish(target);
        this.unused.publish(target);
      },
      PRIORITY.end,
    );
    this.deregistered.publish(target);
  }

  private onPropagated(target: Target): void {
    this.context.beforeChange.publish(undefined);
    this.routingChanged.publish(target);
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
    const targets = [...this.targets.values()];
    const inRotation = targets.filter((target) => this.isInRotation(target));
    return inRotation.length > 0 ? inRotation : targets.filter(({ deregisteredAt }) => deregisteredAt === undefined);
  }

  /** A healthy target, or one that was deregistered and that some of the balancer's own parts may still send requests. */
  isInRotation({ health, deregisteredAt, routedUntil }: Target): boolean {
    return deregisteredAt === undefined ? health === "healthy" : this.context.clock.now < routedUntil;
  }

  healthyCount(): number {
    return this.healthy;
  }

  /** Targets with their health as a read that lags saw them. */
  targetsAt(time: number): { readonly target: Target; readonly health: TargetHealth }[] {
    if (time >= this.context.clock.now) {
      return [...this.targets.values()].map((target) => ({ target, health: target.health }));
    }
    return [...this.targets.values(), ...this.healths.goneSince(time)].flatMap((target) => {
      const health = this.healths.at(target, time);
      return health === undefined ? [] : [{ target, health }];
    });
  }

  private setHealth(target: Target, health: TargetHealth): void {
    if (target.health === "healthy") this.healthy--;
    if (health === "healthy") this.healthy++;
    target.health = health;
    this.healths.record(target, health, this.context.clock.now);
    this.routingChanged.publish(target);
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
    this.setHealth(target, health);
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
