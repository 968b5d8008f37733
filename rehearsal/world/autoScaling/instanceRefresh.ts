/** Instance refreshes of one group: it replaces its instances a few at a time, new ones first where it may be larger meanwhile. */
import { AUTO_SCALING as TIMES } from "../constants";
import { eventTime, type Context } from "../context";
import type { EventBus } from "../eventBridge";
import { Topic } from "../topic";
import { Census } from "./census";
import type { Group } from "./group";
import { counts, isEnding, isProtected, type Member } from "./member";

export type RefreshStatus =
  "InProgress" | "Successful" | "Failed" | "Cancelled" | "RollbackInProgress" | "RollbackSuccessful";

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_RefreshPreferences.html */
export interface RefreshPreferences {
  readonly minHealthyPercentage: number;
  readonly maxHealthyPercentage: number;
  readonly instanceWarmupMs: number;
  readonly scaleInProtectedInstances: "Refresh" | "Ignore" | "Wait";
  readonly skipMatching: boolean;
  readonly autoRollback: boolean;
  readonly checkpointPercentages: readonly number[];
  readonly checkpointDelayMs: number;
  readonly alarms: readonly string[];
}

export interface InstanceRefresh {
  readonly id: string;
  readonly startedAt: number;
  readonly preferences: RefreshPreferences;
  /** The template's version that it was to bring; undefined where it brings the group's own. */
  readonly desiredVersion: number | undefined;
  /** What the instances shall be launched from. */
  target: number;
  status: RefreshStatus;
  reason: string;
  endedAt: number | undefined;
  /** How many there were to replace. */
  total: number;
  /** Waits at a checkpoint until then. */
  resumesAt: number;
  passedCheckpoints: number;
}

/** Why a member leaves that is being replaced here; the group itself doesn't end it. */
export const REFRESHING = "instance refresh";

export class InstanceRefreshes {
  /** The latest last. */
  readonly all: InstanceRefresh[] = [];
  readonly changed = new Topic<InstanceRefresh>();
  private readonly batch = new Set<Member>();
  private readonly inServiceAt = new Map<Member, number>();

  constructor(
    private readonly group: Group,
    private readonly context: Context,
    private readonly bus: EventBus,
  ) {
    group.inService.subscribe((member) => this.inServiceAt.set(member, context.clock.now));
  }

  get active(): InstanceRefresh | undefined {
    return this.all.find(({ status }) => status === "InProgress" || status === "RollbackInProgress");
  }

  /** `isAlarming` says whether an alarm of that name is in ALARM. Only where none is active. */
  start(
    version: number | undefined,
    preferences: RefreshPreferences,
    isAlarming: (alarmName: string) => boolean,
  ): InstanceRefresh {
    const source = this.group.spec.source!;
    const refresh: InstanceRefresh = {
      id: `00000000-0000-4000-9000-${(this.all.length + 1).toString(16).padStart(12, "0")}`,
      startedAt: this.context.clock.now,
      preferences,
      desiredVersion: version,
      target: version ?? source.version,
      status: "InProgress",
      reason: "",
      endedAt: undefined,
      total: 0,
      resumesAt: 0,
      passedCheckpoints: 0,
    };
    this.all.push(refresh);
    source.brought = refresh.target;
    refresh.total = this.old(refresh).length;
    this.tell(refresh, "Started");
    this.later(refresh, isAlarming);
    return refresh;
  }

  cancel(refresh: InstanceRefresh, reason: string): void {
    this.end(refresh, "Cancelled", "Cancelled", reason);
  }

  /** Back to the version that the group has. */
  rollBack(refresh: InstanceRefresh, reason: string): void {
    const source = this.group.spec.source!;
    this.release();
    refresh.status = "RollbackInProgress";
    refresh.reason = reason;
    refresh.target = source.version;
    source.brought = source.version;
    refresh.resumesAt = 0;
    refresh.passedCheckpoints = refresh.preferences.checkpointPercentages.length;
    refresh.total = this.old(refresh).length;
    this.tell(refresh, "Rollback Started");
  }

  /** How much is done, in percent. */
  percentageOf(refresh: InstanceRefresh): number {
    return refresh.total === 0 ? 100 : Math.floor((this.replacedIn(refresh) / refresh.total) * 100);
  }

  /** Instances that are still to be replaced. */
  leftOf = (refresh: InstanceRefresh): number => this.old(refresh).length + this.ending().length;

  private later(refresh: InstanceRefresh, isAlarming: (alarmName: string) => boolean): void {
    this.context.clock.after(TIMES.refreshStepMs, () => {
      if (this.active !== refresh) return;
      this.step(refresh, isAlarming);
      this.later(refresh, isAlarming);
    });
  }

  private step(refresh: InstanceRefresh, isAlarming: (alarmName: string) => boolean): void {
    const alarm = refresh.status === "InProgress" ? refresh.preferences.alarms.find(isAlarming) : undefined;
    if (alarm !== undefined) return this.fail(refresh, `alarm ${alarm} is in ALARM`);
    for (const member of this.batch) if (!this.group.members.has(member.instance.id)) this.batch.delete(member);
    if (!this.isWarm(refresh)) return;
    if (this.batch.size > 0) return this.endReplaced();
    if (this.old(refresh).length === 0) return this.finish(refresh);
    if (this.waitsAtCheckpoint(refresh)) return;
    this.beginBatch(refresh);
  }

  private fail(refresh: InstanceRefresh, reason: string): void {
    if (refresh.preferences.autoRollback) this.rollBack(refresh, reason);
    else this.end(refresh, "Failed", "Failed", reason);
  }

  /** Members that the refresh is to replace, those of the batch among them. */
  private old({ target, startedAt, preferences }: InstanceRefresh): Member[] {
    const { skipMatching, scaleInProtectedInstances } = preferences;
    return [...this.group.members.values()].filter((member) => {
      if (isEnding(member)) return false;
      if (scaleInProtectedInstances === "Ignore" && isProtected(member)) return false;
      const { launchTemplateVersion, launchedAt } = member.instance;
      return launchTemplateVersion !== target || (!skipMatching && launchedAt < startedAt);
    });
  }

  private ending(): Member[] {
    return [...this.batch].filter(isEnding);
  }

  private replacedIn(refresh: InstanceRefresh): number {
    return Math.max(0, refresh.total - this.leftOf(refresh));
  }

  /** New ones first; where the group may not grow, the old ones end at once, as many as may be missing. */
  private beginBatch(refresh: InstanceRefresh): void {
    const { maxHealthyPercentage, minHealthyPercentage } = refresh.preferences;
    const desired = this.group.desiredCapacity;
    const isLaunchFirst = maxHealthyPercentage > 100;
    const share = isLaunchFirst ? maxHealthyPercentage - 100 : 100 - minHealthyPercentage;
    const size = Math.min(Math.max(1, Math.floor((desired * share) / 100)), this.untilCheckpoint(refresh));
    for (const member of this.open(refresh).slice(0, size)) {
      this.batch.add(member);
      if (isLaunchFirst) this.group.replaceFirst(member, REFRESHING);
      else this.group.terminateMember(member, REFRESHING);
    }
  }

  /** Protected ones wait for somebody to lift the protection, unless they are refreshed too. */
  private open(refresh: InstanceRefresh): Member[] {
    const waits = refresh.preferences.scaleInProtectedInstances === "Wait";
    return this.old(refresh).filter((member) => !(waits && isProtected(member)));
  }

  /** All that the group wants are there, and those of the version have been in service for the warm-up. */
  private isWarm({ preferences, target }: InstanceRefresh): boolean {
    const members = [...this.group.members.values()];
    const { clock } = this.context;
    const isWarm = (member: Member): boolean =>
      member.instance.launchTemplateVersion !== target ||
      clock.now - (this.inServiceAt.get(member) ?? clock.now) >= preferences.instanceWarmupMs;
    return new Census(members).inService >= this.group.desiredCapacity && members.filter(counts).every(isWarm);
  }

  /** Protected or not. */
  private endReplaced(): void {
    for (const member of this.batch) this.group.terminateMember(member, REFRESHING);
  }

  private waitsAtCheckpoint(refresh: InstanceRefresh): boolean {
    const { checkpointPercentages, checkpointDelayMs } = refresh.preferences;
    const next = checkpointPercentages[refresh.passedCheckpoints];
    if (next !== undefined && this.percentageOf(refresh) >= next) {
      refresh.passedCheckpoints++;
      refresh.resumesAt = this.context.clock.now + checkpointDelayMs;
      this.tell(refresh, "Checkpoint Reached");
    }
    return this.context.clock.now < refresh.resumesAt;
  }

  private untilCheckpoint(refresh: InstanceRefresh): number {
    const next = refresh.preferences.checkpointPercentages[refresh.passedCheckpoints] ?? 100;
    return Math.max(1, Math.ceil((refresh.total * next) / 100) - this.replacedIn(refresh));
  }

  private finish(refresh: InstanceRefresh): void {
    const source = this.group.spec.source!;
    source.version = refresh.target;
    if (refresh.status === "RollbackInProgress") this.end(refresh, "RollbackSuccessful", "Rollback Succeeded");
    else this.end(refresh, "Successful", "Succeeded");
  }

  private end(refresh: InstanceRefresh, status: RefreshStatus, outcome: string, reason = refresh.reason): void {
    refresh.status = status;
    refresh.reason = reason;
    refresh.endedAt = this.context.clock.now;
    this.group.spec.source!.brought = undefined;
    this.release();
    this.tell(refresh, outcome);
  }

  /** Who isn't ending yet stays. */
  private release(): void {
    for (const member of this.batch) if (!isEnding(member)) this.group.stay(member);
    this.batch.clear();
  }

  private tell(refresh: InstanceRefresh, outcome: string): void {
    const { clock, log } = this.context;
    const { name: AutoScalingGroupName, arn } = this.group.spec;
    const { reason } = refresh;
    log.write(`autoScaling.InstanceRefresh${outcome.replaceAll(" ", "")}`, {
      group: AutoScalingGroupName,
      id: refresh.id,
      version: refresh.target,
      ...(reason !== "" && { reason }),
    });
    this.changed.publish(refresh);
    this.bus.publish(
      {
        "detail-type": `EC2 Auto Scaling Instance Refresh ${outcome}`,
        source: "aws.autoscaling",
        time: eventTime(clock.now),
        resources: [arn],
        detail: { InstanceRefreshId: refresh.id, AutoScalingGroupName },
      },
      "bestEffort",
    );
  }
}
