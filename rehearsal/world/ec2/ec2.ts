/** EC2: instances from launch to end. */
import type { Context } from "../context";
import { eventTime } from "../context";
import { PRIORITY } from "../clock";
import { EC2 as TIMES, SPOT } from "../constants";
import type { EventBus } from "../eventBridge";
import { Recent } from "../recent";
import { Topic } from "../topic";
import type { Instance, LaunchSpec } from "./instance";
import { SpotMarket, type Pool } from "./spotMarket";

export type LaunchError = "InsufficientInstanceCapacity";

export class Ec2 {
  readonly market = new SpotMarket();
  /** Pending, running and shutting-down instances. */
  readonly living = new Map<string, Instance>();
  /** Terminated instances that can still be described, tagged or terminated again. */
  private readonly terminated = new Recent<Instance>(TIMES.terminatedVisibleMs);
  readonly launched = new Topic<Instance>();
  readonly running = new Topic<Instance>();
  /** The instance metadata service shows a notice. */
  readonly noticed = new Topic<Instance>();
  readonly recommended = new Topic<Instance>();
  readonly ended = new Topic<Instance>();
  /** Capacity rose or fell: a launch that failed may succeed now. */
  readonly marketMoved = new Topic<undefined>();
  private count = 0;

  constructor(
    private readonly context: Context,
    private readonly bus: EventBus,
  ) {}

  canLaunchSpot(pool: Pool): boolean {
    return this.market.hasRoom(pool);
  }

  /** Whether a strategy that looks at capacity takes the pool last; as the flag says. */
  isAtRisk(pool: Pool): boolean {
    const { flags, clock } = this.context;
    return flags.strategySeesRecommendations && this.market.isAtRisk(pool, clock.now);
  }

  /** A living instance, or one that ended within the last hour. */
  visible(id: string): Instance | undefined {
    return this.living.get(id) ?? this.terminated.get(id, this.context.clock.now);
  }

  launch(spec: LaunchSpec): Instance | LaunchError {
    if (spec.lifecycle === "spot" && !this.canLaunchSpot(spec)) return "InsufficientInstanceCapacity";
    const { clock, log } = this.context;
    const id = `i-${(++this.count).toString(16).padStart(17, "0")}`;
    const instance: Instance = { ...spec, id, launchedAt: clock.now, state: "pending" };
    this.living.set(id, instance);
    if (spec.lifecycle === "spot") this.market.count(instance, 1);
    const { instanceType, availabilityZone, lifecycle } = spec;
    log.write("ec2.Launched", { instanceId: id, instanceType, availabilityZone, lifecycle });
    this.launched.publish(instance);
    clock.after(TIMES.pendingToRunningMs, () => {
      if (instance.state !== "pending") return;
      instance.state = "running";
      this.running.publish(instance);
    });
    return instance;
  }

  /** A regular termination, as an API call or a group asks for it. Terminating what is gone changes nothing. */
  terminate(id: string, reason: string): void {
    const instance = this.living.get(id);
    if (instance === undefined || instance.state === "shutting-down") return;
    instance.state = "shutting-down";
    this.context.clock.after(TIMES.shutdownMs, () => this.end(instance, reason), PRIORITY.end);
  }

  recommend(instance: Instance): void {
    if (!this.isUp(instance) || instance.recommendedAt !== undefined) return;
    instance.recommendedAt = this.context.clock.now;
    this.market.raiseRisk(instance, instance.recommendedAt + SPOT.elevatedRiskMs);
    this.context.log.write("ec2.RebalanceRecommendation", { instanceId: instance.id });
    this.bus.publish(this.event("EC2 Instance Rebalance Recommendation", instance, {}), "bestEffort");
    this.recommended.publish(instance);
  }

  /** Takes a Spot instance back at `endsAt`; with a notice unless `silent`. */
  interrupt(instance: Instance, endsAt: number, silent: boolean): void {
    if (!this.isUp(instance) || instance.interruption !== undefined) return;
    const { clock, log } = this.context;
    log.write("ec2.InterruptionDecided", { instanceId: instance.id, inMs: endsAt - clock.now, notice: !silent });
    if (silent) instance.interruption = { endsAt, noticedAt: undefined, eventLost: false };
    else {
      const event = this.event("EC2 Spot Instance Interruption Warning", instance, { "instance-action": "terminate" });
      const { isLost } = this.bus.publish(event, "bestEffort");
      instance.interruption = { endsAt, noticedAt: clock.now, eventLost: isLost };
      this.noticed.publish(instance);
    }
    clock.at(
      endsAt,
      () => this.end(instance, silent ? "Spot interruption without notice" : "Spot interruption"),
      PRIORITY.end,
    );
  }

  isUp(instance: Instance): boolean {
    return instance.state === "pending" || instance.state === "running";
  }

  private end(instance: Instance, reason: string): void {
    if (instance.state === "terminated") return;
    instance.state = "terminated";
    instance.endedAt = this.context.clock.now;
    instance.endReason = reason;
    this.living.delete(instance.id);
    this.terminated.add(instance.id, instance, instance.endedAt);
    if (instance.lifecycle === "spot") this.market.count(instance, -1);
    this.context.log.write("ec2.Terminated", { instanceId: instance.id, reason });
    this.ended.publish(instance);
  }

  private event(detailType: string, instance: Instance, detail: Record<string, string>) {
    return {
      "detail-type": detailType,
      source: "aws.ec2",
      time: eventTime(this.context.clock.now),
      resources: [`arn:aws:ec2:${this.bus.region}:${this.bus.account}:instance/${instance.id}`],
      detail: { "instance-id": instance.id, ...detail },
    };
  }
}
