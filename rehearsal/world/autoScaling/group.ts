/** One Auto Scaling group: it launches, replaces, rebalances and ends instances, and asks EC2 for each. */
import type { Context } from "../context";
import { eventTime } from "../context";
import { PRIORITY, type Timer } from "../clock";
import { AUTO_SCALING as TIMES } from "../constants";
import type { Ec2 } from "../ec2/ec2";
import type { Instance, Lifecycle } from "../ec2/instance";
import type { EventBus } from "../eventBridge";
import { Topic } from "../topic";
import type { GroupSpec, PoolRanking } from "./groupSpec";
import { counts, isEnding, type Member } from "./member";
import { chooseVictim } from "./scaleIn";

export class Group {
  readonly members = new Map<string, Member>();
  readonly inService = new Topic<Member>();
  /** A member waits in Terminating:Wait; whoever has a lifecycle hook answers with {@link completeTermination}. */
  readonly terminating = new Topic<Member>();
  private desired: number;
  private hooks = 0;
  private retry: Timer | undefined;
  private reaction: Timer | undefined;
  /** Launches that failed since the last that succeeded. */
  failedLaunches = 0;

  constructor(
    readonly spec: GroupSpec,
    private readonly context: Context,
    private readonly ec2: Ec2,
    private readonly bus: EventBus,
    private readonly pools: PoolRanking,
  ) {
    this.desired = Math.max(spec.minSize, Math.min(spec.maxSize, spec.desiredCapacity ?? spec.minSize));
    ec2.running.subscribe((instance) => this.onRunning(instance));
    ec2.ended.subscribe((instance) => this.onEnded(instance));
    ec2.marketMoved.subscribe(() => this.reconsider());
    if (spec.capacityRebalance) {
      ec2.recommended.subscribe((instance) => this.onRecommended(instance));
      ec2.noticed.subscribe((instance) => this.onNoticed(instance));
    }
    this.reconsider();
  }

  get desiredCapacity(): number {
    return this.desired;
  }

  setDesiredCapacity(capacity: number): void {
    const wanted = Math.max(this.spec.minSize, Math.min(this.spec.maxSize, capacity));
    if (wanted === this.desired) return;
    this.desired = wanted;
    this.context.log.write("autoScaling.DesiredCapacity", { group: this.spec.name, desiredCapacity: wanted });
    this.reconsider();
  }

  /** Someone will answer every Terminating:Wait of this group. */
  addTerminationHook(): void {
    this.hooks++;
  }

  /** Whether the group wants an instance and no pool would give it one. */
  get isOutOfCapacity(): boolean {
    return (
      this.missing() > 0 &&
      this.nextLifecycle() === "spot" &&
      !this.spotPools().some((pool) => this.ec2.canLaunchSpot(pool))
    );
  }

  /** Takes an instance out of the group without ending it; without decrement the group launches another. */
  detach(instanceId: string, decrement: boolean): void {
    if (!this.members.delete(instanceId)) return;
    this.context.log.write("autoScaling.Detached", { group: this.spec.name, instanceId });
    if (decrement) this.setDesiredCapacity(this.desired - 1);
    this.reconsider();
  }

  /** Ends a member whether or not it is protected, hooks first. */
  terminateMember(member: Member, cause: string): void {
    if (isEnding(member)) return;
    member.lifecycleState = this.hooks > 0 ? "Terminating:Wait" : "Terminating:Proceed";
    this.context.log.write("autoScaling.Terminating", { group: this.spec.name, instanceId: member.instance.id, cause });
    this.reconsider();
    if (this.hooks === 0) this.proceed(member);
    else {
      this.context.clock.after(TIMES.hookHeartbeatMs, () => this.completeTermination(member));
      this.terminating.publish(member);
    }
  }

  completeTermination(member: Member): void {
    if (member.lifecycleState !== "Terminating:Wait") return;
    member.lifecycleState = "Terminating:Proceed";
    this.proceed(member);
  }

  private proceed(member: Member): void {
    if (this.members.get(member.instance.id) === member) this.ec2.terminate(member.instance.id, "Auto Scaling");
  }

  private onRunning(instance: Instance): void {
    const member = this.members.get(instance.id);
    if (member?.lifecycleState !== "Pending") return;
    member.lifecycleState = "InService";
    this.event("EC2 Instance Launch Successful", instance.id);
    this.inService.publish(member);
    this.finishRebalancing();
  }

  /** "Not running" is unhealthy at once, but the group has to look. */
  private onEnded(instance: Instance): void {
    const member = this.members.get(instance.id);
    if (member === undefined) return;
    const { clock, log } = this.context;
    if (isEnding(member)) {
      this.members.delete(instance.id);
      return;
    }
    const period = TIMES.healthCheckPeriodMs;
    clock.at(Math.ceil((clock.now + 1) / period) * period, () => {
      if (!this.members.delete(instance.id)) return;
      log.write("autoScaling.Unhealthy", { group: this.spec.name, instanceId: instance.id });
      this.reconsider();
    });
  }

  private onNoticed(instance: Instance): void {
    const member = this.members.get(instance.id);
    if (member !== undefined) this.terminateMember(member, "capacity rebalancing: interruption notice");
  }

  /** Launches only where the replacement is no worse: into a pool that has room and isn't the flagged instance's own. */
  private onRecommended(instance: Instance): void {
    const member = this.members.get(instance.id);
    if (member === undefined || !counts(member)) return;
    const hasBetter = this.spotPools().some(
      (pool) =>
        (pool.instanceType !== instance.instanceType || pool.availabilityZone !== instance.availabilityZone) &&
        this.ec2.canLaunchSpot(pool),
    );
    if (!hasBetter) return;
    member.atRisk = true;
    this.reconsider();
  }

  /** Ends what was at risk once its replacement is in service; what is protected from scale-in stays, and so does the surplus. */
  private finishRebalancing(): void {
    const atRisk = [...this.members.values()].filter((member) => member.atRisk && !isEnding(member));
    const serving = [...this.members.values()].filter(
      (member) => counts(member) && member.lifecycleState === "InService",
    ).length;
    if (serving < this.desired) return;
    for (const member of atRisk) {
      if (!member.protectedFromScaleIn) this.terminateMember(member, "capacity rebalancing: recommendation");
    }
  }

  /** Protection is lifted or set; what waited for it can end now. */
  setProtection(instanceId: string, isProtected: boolean): void {
    const member = this.members.get(instanceId);
    if (member === undefined || member.protectedFromScaleIn === isProtected) return;
    member.protectedFromScaleIn = isProtected;
    if (!isProtected) {
      this.finishRebalancing();
      this.reconsider();
    }
  }

  private missing(): number {
    let counted = 0;
    for (const member of this.members.values()) if (counts(member)) counted++;
    return this.desired - counted;
  }

  private reconsider(): void {
    this.reaction ??= this.context.clock.after(TIMES.reactionMs, () => {
      this.reaction = undefined;
      this.reconcile();
    });
  }

  private reconcile(): void {
    for (let missing = this.missing(); missing > 0; missing--) {
      if (!this.launchOne()) {
        this.retryLater();
        break;
      }
    }
    for (let surplus = -this.missing(); surplus > 0; surplus--) {
      if (!this.endOne()) break;
    }
  }

  private retryLater(): void {
    this.retry ??= this.context.clock.after(
      TIMES.launchRetryMs,
      () => {
        this.retry = undefined;
        this.reconcile();
      },
      PRIORITY.observe,
    );
  }

  /** All protected and a scale-in wanted: nothing ends, and desired capacity stays lowered. */
  private endOne(): boolean {
    const counted = [...this.members.values()].filter(counts);
    const onDemand = counted.filter((member) => member.instance.lifecycle === "on-demand").length;
    const surplusSide = onDemand > this.onDemandShare(this.desired) ? "on-demand" : "spot";
    const victim = chooseVictim(counted, this.spec, surplusSide, this.context.clock.now);
    if (victim !== undefined) this.terminateMember(victim, "scale-in");
    return victim !== undefined;
  }

  private onDemandShare(total: number): number {
    const { onDemandBaseCapacity, onDemandPercentageAboveBaseCapacity } = this.spec;
    const above = Math.max(0, total - onDemandBaseCapacity);
    return Math.min(total, onDemandBaseCapacity + Math.ceil((above * onDemandPercentageAboveBaseCapacity) / 100));
  }

  private nextLifecycle(): Lifecycle {
    const onDemand = [...this.members.values()].filter(
      (member) => counts(member) && member.instance.lifecycle === "on-demand",
    ).length;
    return onDemand < this.onDemandShare(this.desired) ? "on-demand" : "spot";
  }

  private zonesByNeed(): string[] {
    const load = new Map(this.spec.availabilityZones.map((zone) => [zone, 0]));
    for (const member of this.members.values()) {
      if (counts(member))
        load.set(member.instance.availabilityZone, (load.get(member.instance.availabilityZone) ?? 0) + 1);
    }
    return [...this.spec.availabilityZones].sort((a, b) => (load.get(a) ?? 0) - (load.get(b) ?? 0));
  }

  private spotPools(): { instanceType: string; availabilityZone: string }[] {
    return this.spec.availabilityZones.flatMap((availabilityZone) =>
      this.spec.instanceTypes.map((instanceType) => ({ instanceType, availabilityZone })),
    );
  }

  /** Zone balance first, then the allocation strategy; the next zone where this one has nothing. */
  private launchOne(): boolean {
    const lifecycle = this.nextLifecycle();
    const types =
      lifecycle === "on-demand"
        ? this.spec.instanceTypes
        : [...this.spec.instanceTypes].sort(
            (a, b) =>
              this.pools.rank(this.spec.spotAllocationStrategy, a) -
              this.pools.rank(this.spec.spotAllocationStrategy, b),
          );
    for (const availabilityZone of this.zonesByNeed()) {
      for (const instanceType of types) {
        const launched = this.ec2.launch({
          instanceType,
          availabilityZone,
          lifecycle,
          userData: this.spec.userData,
          tags: this.spec.launchTags,
          autoScalingGroupName: this.spec.name,
        });
        if (typeof launched !== "string") {
          this.members.set(launched.id, {
            instance: launched,
            lifecycleState: "Pending",
            protectedFromScaleIn: this.spec.protectFromScaleIn,
            atRisk: false,
          });
          this.failedLaunches = 0;
          return true;
        }
      }
    }
    this.failedLaunches++;
    this.event("EC2 Instance Launch Unsuccessful", "");
    return false;
  }

  private event(detailType: string, instanceId: string): void {
    const { clock, log } = this.context;
    log.write(`autoScaling.${detailType.replace("EC2 Instance ", "").replaceAll(" ", "")}`, {
      group: this.spec.name,
      instanceId,
    });
    this.bus.publish(
      {
        "detail-type": detailType,
        source: "aws.autoscaling",
        time: eventTime(clock.now),
        resources: [this.spec.arn],
        detail: { AutoScalingGroupName: this.spec.name, EC2InstanceId: instanceId },
      },
      "bestEffort",
    );
  }
}
