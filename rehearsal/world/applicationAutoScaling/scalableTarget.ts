/**
 * The desired count of a service within its minimum and maximum, as policies and schedules change it. The policies' proposals of
 * one moment are weighed against each other: the largest capacity wins.
 */
import type { Context } from "../context";
import { PRIORITY } from "../clock";
import type { Cluster } from "../ecs/cluster";
import type { Service } from "../ecs/service";
import { Topic } from "../topic";

export interface ScalableTargetSpec {
  /** `service/CLUSTER/SERVICE` */
  readonly resourceId: string;
  readonly arn: string;
  readonly minCapacity: number;
  readonly maxCapacity: number;
  /** What doesn't scale for now. @default nothing */
  readonly suspended?: Suspended;
}

export interface Suspended {
  readonly scaleIn?: boolean;
  readonly scaleOut?: boolean;
  readonly schedules?: boolean;
}

/** What a policy would make of the desired count. */
export interface Proposal {
  /** The policy's name. */
  readonly policy: string;
  /** Target tracking policies scale in only together. */
  readonly isTracking: boolean;
  readonly capacityFrom: (capacity: number) => number;
  readonly scaleOutCooldownMs: number;
  readonly scaleInCooldownMs: number;
}

/** The desired count was changed by Application Auto Scaling. */
export interface Scaled {
  readonly service: Service;
  readonly from: number;
  readonly to: number;
  /** The policy or the scheduled action, or that it lay outside its bounds. */
  readonly by: string;
}

type Cooldown =
  /** `added` is counted as there already by whoever scales out meanwhile. */
  | { readonly after: "scaleOut"; readonly added: number; readonly until: number }
  | { readonly after: "scaleIn"; readonly until: number };

export class ScalableTarget {
  readonly scaled = new Topic<Scaled>();
  minCapacity: number;
  maxCapacity: number;
  /** Target tracking policies that may scale in, by name. */
  readonly trackingIn = new Set<string>();
  private proposals: Proposal[] = [];
  /** Of the whole target, whichever policy scaled; that it isn't each policy's own is assumed. */
  private cooldown: Cooldown | undefined;
  private readonly suspended: Suspended;

  constructor(
    readonly spec: ScalableTargetSpec,
    private readonly cluster: Cluster,
    readonly service: Service,
    private readonly context: Context,
  ) {
    ({ minCapacity: this.minCapacity, maxCapacity: this.maxCapacity, suspended: this.suspended = {} } = spec);
    this.moveInside("registration");
  }

  /** A scheduled action's new bounds, regardless of any cooldown. */
  setBounds(bounds: { readonly minCapacity?: number; readonly maxCapacity?: number }, by: string): void {
    if (this.suspended.schedules) return;
    this.minCapacity = bounds.minCapacity ?? this.minCapacity;
    this.maxCapacity = bounds.maxCapacity ?? this.maxCapacity;
    this.moveInside(by);
  }

  propose(proposal: Proposal): void {
    this.proposals.push(proposal);
    if (this.proposals.length === 1) this.context.clock.after(0, () => this.decide(), PRIORITY.observe);
  }

  private decide(): void {
    const { proposals } = this;
    this.proposals = [];
    if (!this.scaleOut(proposals)) this.scaleIn(proposals);
  }

  private scaleOut(proposals: readonly Proposal[]): boolean {
    const { now } = this.context.clock;
    const current = this.service.desiredCount;
    const added = this.cooldown?.after === "scaleOut" && now < this.cooldown.until ? this.cooldown.added : 0;
    const before = Math.max(0, current - added);
    const { proposal, capacity } = largest(proposals, before);
    const to = Math.min(this.maxCapacity, Math.max(this.minCapacity, capacity));
    if (to <= current || this.suspended.scaleOut) return capacity > before;
    const until = now + proposal.scaleOutCooldownMs;
    this.cooldown = { after: "scaleOut", added: to - before, until };
    this.set(to, proposal.policy);
    return true;
  }

  /** Not while the service is deployed, nor in a cooldown. */
  private scaleIn(proposals: readonly Proposal[]): void {
    const { now } = this.context.clock;
    if (this.suspended.scaleIn || this.service.deploymentInProgress) return;
    if (this.cooldown !== undefined && now < this.cooldown.until) return;
    const ready = this.agrees(proposals) ? proposals : proposals.filter(({ isTracking }) => !isTracking);
    if (ready.length === 0) return;
    const { proposal, capacity } = largest(ready, this.service.desiredCount);
    const to = Math.max(this.minCapacity, capacity);
    if (to >= this.service.desiredCount) return;
    this.cooldown = { after: "scaleIn", until: now + proposal.scaleInCooldownMs };
    this.set(to, proposal.policy);
  }

  /** Every target tracking policy that may scale in would. */
  private agrees(proposals: readonly Proposal[]): boolean {
    const proposing = new Set(proposals.map(({ policy }) => policy));
    return [...this.trackingIn].every((policy) => proposing.has(policy));
  }

  private moveInside(by: string): void {
    const { desiredCount } = this.service;
    const inside = Math.min(this.maxCapacity, Math.max(this.minCapacity, desiredCount));
    if (inside !== desiredCount) this.set(inside, by);
  }

  private set(to: number, by: string): void {
    const from = this.service.desiredCount;
    this.context.log.write("autoscaling.DesiredCount", { service: this.service.spec.name, from, to, by });
    this.cluster.setDesiredCount(this.service, to);
    this.scaled.publish({ service: this.service, from, to, by });
  }
}

function largest(
  proposals: readonly Proposal[],
  capacity: number,
): { readonly proposal: Proposal; readonly capacity: number } {
  return proposals
    .map((proposal) => ({ proposal, capacity: proposal.capacityFrom(capacity) }))
    .reduce((best, each) => (each.capacity > best.capacity ? each : best));
}
