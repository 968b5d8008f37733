/** One Auto Scaling group: it launches, replaces and ends instances, and asks EC2 for each. */
import type { Context } from "../context";
import { eventTime } from "../context";
import { PRIORITY, type Timer } from "../clock";
import { AUTO_SCALING as TIMES } from "../constants";
import type { Ec2 } from "../ec2/ec2";
import type { Instance, Lifecycle } from "../ec2/instance";
import type { EventBus } from "../eventBridge";
import { History } from "../history";
import { Topic } from "../topic";
import { rebalanceCapacity } from "./capacityRebalancing";
import { Census } from "./census";
import type { GroupSpec, PoolRanking } from "./groupSpec";
import { GroupTags } from "./groupTags";
import { Launcher } from "./launcher";
import { counts, isEnding, isProtected, type LifecycleState, type Member } from "./member";
import { chooseVictim } from "./scaleIn";
import { TerminationHooks } from "./terminationHooks";
import { movesToBalance } from "./zoneBalance";

const ZONE_BALANCE = "rebalancing between zones";

export class Group {
  readonly members = new Map<string, Member>();
  /** Lifecycle states of the last moments, for stale reads. */
  readonly states = new History<Member, LifecycleState>();
  readonly inService = new Topic<Member>();
  /** A member waits in Terminating:Wait for the group's hooks. */
  readonly terminating = new Topic<Member>();
  readonly hooks: TerminationHooks;
  readonly tags: GroupTags;
  readonly launcher: Launcher;
  private desired: number;
  private retry: Timer | undefined;
  private reaction: Timer | undefined;
  private balancing: Timer | undefined;

  constructor(
    readonly spec: GroupSpec,
    private readonly context: Context,
    private readonly ec2: Ec2,
    private readonly bus: EventBus,
    pools: PoolRanking,
  ) {
    this.desired = Math.max(spec.minSize, Math.min(spec.maxSize, spec.desiredCapacity ?? spec.minSize));
    this.launcher = new Launcher(spec, ec2, pools);
    this.tags = new GroupTags(spec.name, spec.tags, context);
    this.hooks = new TerminationHooks(spec, context, bus);
    for (const hook of spec.terminationHooks) this.hooks.add(hook);
    ec2.running.subscribe((instance) => this.onRunning(instance));
    ec2.ended.subscribe((instance) => this.onEnded(instance));
    ec2.marketMoved.subscribe(() => {
      this.reconsider();
      this.balanceLater();
    });
    if (spec.capacityRebalance) rebalanceCapacity(this, ec2);
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

  /** Whether the group wants an instance and no pool would give it one. */
  get isOutOfCapacity(): boolean {
    const census = new Census(this.members.values());
    return (
      census.total < this.desired &&
      census.nextLifecycle(this.spec, this.desired) === "spot" &&
      !this.launcher.hasSpot()
    );
  }

  /** Members as a read that lags saw them, with their states then. */
  membersAt(time: number): { readonly member: Member; readonly lifecycleState: LifecycleState }[] {
    if (time >= this.context.clock.now) {
      return [...this.members.values()].map((member) => ({ member, lifecycleState: member.lifecycleState }));
    }
    return [...this.members.values(), ...this.states.goneSince(time)].flatMap((member) => {
      const lifecycleState = this.states.at(member, time);
      return lifecycleState === undefined ? [] : [{ member, lifecycleState }];
    });
  }

  /** Takes an instance out of the group without ending it, hooks not called; without decrement the group launches another. */
  detach(instanceId: string, decrement: boolean): void {
    const member = this.members.get(instanceId);
    if (member === undefined) return;
    this.remove(member);
    this.context.log.write("autoScaling.Detached", { group: this.spec.name, instanceId });
    if (decrement) this.setDesiredCapacity(this.desired - 1);
    this.reconsider();
  }

  /** Ends a member whether or not it is protected, hooks first. */
  terminateMember(member: Member, cause: string): void {
    if (isEnding(member)) return;
    this.become(member, this.hooks.any ? "Terminating:Wait" : "Terminating:Proceed");
    this.context.log.write("autoScaling.Terminating", {
      group: this.spec.name,
      instanceId: member.instance.id,
      cause,
    });
    this.reconsider();
    const proceed = (): void => this.ec2.terminate(member.instance.id, "Auto Scaling");
    if (!this.hooks.any) return proceed();
    this.hooks.begin(member, () => {
      this.become(member, "Terminating:Proceed");
      proceed();
    });
    this.terminating.publish(member);
  }

  /** Launches a replacement for a member, and ends it once that is in service; the group may exceed its maximum meanwhile. */
  replaceFirst(member: Member, cause: string): void {
    member.leaving = cause;
    this.reconsider();
  }

  /** Protection is lifted or set; what waited for it can end now. */
  setProtection(instanceId: string, wanted: boolean): void {
    const member = this.members.get(instanceId);
    if (member === undefined || member.protectedFromScaleIn === wanted) return;
    member.protectedFromScaleIn = wanted;
    if (wanted) return;
    this.finishReplacing();
    this.reconsider();
    this.balanceLater();
  }

  private become(member: Member, state: LifecycleState): void {
    member.lifecycleState = state;
    this.states.record(member, state, this.context.clock.now);
  }

  private remove(member: Member): void {
    this.members.delete(member.instance.id);
    this.states.record(member, undefined, this.context.clock.now);
    this.hooks.forget(member);
  }

  private onRunning(instance: Instance): void {
    const member = this.members.get(instance.id);
    if (member?.lifecycleState !== "Pending") return;
    this.become(member, "InService");
    this.event("EC2 Instance Launch Successful", { EC2InstanceId: instance.id, StatusCode: "InProgress" });
    this.inService.publish(member);
    this.finishReplacing();
    this.balanceLater();
  }

  /** "Not running" is unhealthy at once, but the group has to look. */
  private onEnded(instance: Instance): void {
    const member = this.members.get(instance.id);
    if (member === undefined) return;
    if (isEnding(member)) {
      this.remove(member);
      this.event("EC2 Instance Terminate Successful", { EC2InstanceId: instance.id, StatusCode: "InProgress" });
      this.balanceLater();
      return;
    }
    const { clock, log } = this.context;
    const period = TIMES.healthCheckPeriodMs;
    clock.at(Math.ceil((clock.now + 1) / period) * period, () => {
      if (this.members.get(instance.id) !== member) return;
      this.remove(member);
      log.write("autoScaling.Unhealthy", { group: this.spec.name, instanceId: instance.id });
      this.reconsider();
    });
  }

  /** Ends what was to leave once its replacement is in service. What is protected from scale-in stays, and so does the surplus. */
  private finishReplacing(): void {
    const leaving = [...this.members.values()].filter((member) => member.leaving !== undefined && !isEnding(member));
    if (leaving.length === 0 || new Census(this.members.values()).inService < this.desired) return;
    for (const member of leaving) {
      if (!isProtected(member)) this.terminateMember(member, member.leaving!);
      else if (member.leaving === ZONE_BALANCE) this.stay(member);
    }
  }

  /** It got work in the meantime: the balance between zones isn't worth an end. */
  private stay(member: Member): void {
    member.leaving = undefined;
    this.reconsider();
  }

  private reconsider(): void {
    this.reaction ??= this.context.clock.after(TIMES.reactionMs, () => {
      this.reaction = undefined;
      this.reconcile();
    });
  }

  private reconcile(): void {
    const census = new Census(this.members.values());
    while (census.total < this.desired) {
      const launched = this.launchOne(census);
      if (launched === undefined) return this.launchFailed();
      census.add(launched);
    }
    for (let surplus = census.total - this.desired; surplus > 0; surplus--) {
      if (!this.endOne()) break;
    }
  }

  private launchFailed(): void {
    this.event("EC2 Instance Launch Unsuccessful", {
      EC2InstanceId: "",
      StatusCode: "Failed",
      StatusMessage:
        "Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill capacity. Launching EC2 instance failed.",
    });
    this.retry ??= this.context.clock.after(
      TIMES.launchRetryMs,
      () => {
        this.retry = undefined;
        this.reconcile();
      },
      PRIORITY.observe,
    );
  }

  /** Zone balance first, then the allocation strategy; the next zone where this one has nothing. */
  private launchOne(census: Census): Instance | undefined {
    const zones = census.zonesByNeed(this.spec.availabilityZones);
    const open = this.spec.balancedOnly ? zones.slice(0, 1) : zones;
    const leaving = [...this.members.values()].filter((member) => member.leaving !== undefined);
    return this.launchIn(open, census.nextLifecycle(this.spec, this.desired), leaving);
  }

  private launchIn(
    zones: readonly string[],
    lifecycle: Lifecycle,
    leaving: readonly Member[] = [],
  ): Instance | undefined {
    const launched = this.launcher.launch(lifecycle, zones, (pool) =>
      leaving.some(
        ({ instance }) =>
          instance.instanceType === pool.instanceType && instance.availabilityZone === pool.availabilityZone,
      ),
    );
    if (launched === undefined) return undefined;
    const member: Member = {
      instance: launched,
      lifecycleState: "Pending",
      protectedFromScaleIn: this.spec.protectFromScaleIn,
      leaving: undefined,
    };
    this.members.set(launched.id, member);
    this.become(member, "Pending");
    return launched;
  }

  /** All protected and a scale-in wanted: nothing ends, and desired capacity stays lowered. */
  private endOne(): boolean {
    const counted = [...this.members.values()].filter(counts);
    const surplusSide = new Census(counted).surplusSide(this.spec, this.desired);
    const victim = chooseVictim(counted, this.spec, surplusSide, this.context.clock.now);
    if (victim !== undefined) this.terminateMember(victim, "scale-in");
    return victim !== undefined;
  }

  private balanceLater(): void {
    if (this.spec.suspendedProcesses.includes("AZRebalance")) return;
    this.balancing ??= this.context.clock.after(TIMES.zoneBalanceMs, () => {
      this.balancing = undefined;
      this.balance();
    });
  }

  /** One at a time; the next once this one is done. */
  private balance(): void {
    if (new Census(this.members.values()).total < this.desired) return;
    for (const { victim, zone } of movesToBalance(this.members.values(), this.spec)) {
      if (this.launchIn([zone], victim.instance.lifecycle) === undefined) continue;
      this.context.log.write("autoScaling.ZoneRebalancing", { group: this.spec.name, zone, from: victim.instance.id });
      this.replaceFirst(victim, ZONE_BALANCE);
      return;
    }
  }

  private event(detailType: string, detail: Readonly<Record<string, string>>): void {
    const { clock, log } = this.context;
    log.write(`autoScaling.${detailType.replace("EC2 Instance ", "").replaceAll(" ", "")}`, {
      group: this.spec.name,
      instanceId: detail.EC2InstanceId,
    });
    this.bus.publish(
      {
        "detail-type": detailType,
        source: "aws.autoscaling",
        time: eventTime(clock.now),
        resources: [this.spec.arn],
        detail: { AutoScalingGroupName: this.spec.name, ...detail },
      },
      "bestEffort",
    );
  }
}
