/**
 * How many On-Demand Instances may stand in for Spot ones, as the group's OnDemandBaseCapacity: raised for the instances that the
 * group misses while Spot launches fail, lowered to those that are there once it misses none. What the base is raised by is never
 * more than the group has or misses, because AWS may replace running instances to reach a changed base:
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-autoscaling-autoscalinggroup-instancesdistribution.html
 */
import { raisedBase } from "./distribution";
import type { LaunchFailureCause } from "./launchFailures";
import { FIRST_WAIT_MINUTES, formatMark, LONGEST_WAIT_MINUTES, type Mark } from "./mark";
import type { FallbackSettings } from "./settings";
import type { LaunchFailure, ShareState } from "./state";
import { weigh, type Weighed } from "./weigh";

export type Action =
  | { readonly kind: "mark"; readonly mark: Mark; readonly reason: string }
  | { readonly kind: "unmark"; readonly reason: string }
  | { readonly kind: "setBase"; readonly from: number; readonly to: number; readonly reason: string }
  | { readonly kind: "detach"; readonly instanceId: string; readonly reason: string }
  | {
      readonly kind: "drain";
      readonly instanceId: string;
      readonly containerInstanceArn: string;
      readonly reason: string;
    }
  | { readonly kind: "terminate"; readonly instanceId: string; readonly reason: string };

/** What a look finds, for the log and the metrics. */
export interface Found {
  /** On-Demand Instances in the group above its declared share. */
  readonly standIns: number;
  /** By how many more may stand in than before. */
  readonly raised: number;
  /** Instances that the group misses and that a limit or a refusal keeps from standing in. */
  readonly refused: number;
  /** Why; undefined where none is. */
  readonly refusedBecause: string | undefined;
  readonly spotQuota: boolean;
  readonly onDemandQuota: boolean;
  /** Whether it lasts longer than it may. */
  readonly overdue: boolean;
}

export interface SharePlan {
  readonly actions: readonly Action[];
  readonly found: Found;
}

/** A launch that failed so long ago tells what holds now: the group tries again about once a minute. */
export const FRESH_MS = 3 * 60_000;

/** So long no more On-Demand Instances are asked for once EC2 refused one, and the group looks for Spot instead. A quota rises by hand. */
const HOLD_MINUTES: Partial<Record<LaunchFailureCause, number>> = { onDemandCapacity: 5, onDemandQuota: 60 };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** @param now milliseconds since the epoch */
export function planShare(state: ShareState, settings: FallbackSettings, now: number): SharePlan {
  const weighed = weigh(state, settings);
  const fresh = state.failures.filter(({ at }) => now - at <= FRESH_MS);
  const spot = latestOf(fresh, "spotCapacity", "spotQuota");
  const lacksSpot = weighed.missing > 0 && spot !== undefined;
  const before = state.mark;
  const limit = limitOf(before, weighed, settings, latestOf(fresh, "onDemandCapacity", "onDemandQuota"), now);
  const instances = instancesFor(before?.instances ?? 0, weighed, limit, lacksSpot, before?.detached !== undefined);
  const next = nextMark(state, { instances, heldUntil: limit.heldUntil, spot, lacksSpot }, now);
  const to = next === undefined ? settings.declaredBase : raisedBase(weighed.declared, next.instances, state.desired);
  const refused = lacksSpot ? Math.max(0, weighed.needed - instances) : 0;
  return {
    actions: [...markActions(before, next, weighed), ...baseActions(state.distribution.base, to, settings)],
    found: {
      standIns: weighed.standIns,
      raised: Math.max(0, instances - (before?.instances ?? 0)),
      refused,
      refusedBecause: refused > 0 ? limit.reason : undefined,
      spotQuota: fresh.some(({ cause }) => cause === "spotQuota"),
      onDemandQuota: fresh.some(({ cause }) => cause === "onDemandQuota"),
      overdue: isOverdue(before, settings, now),
    },
  };
}

function latestOf(failures: readonly LaunchFailure[], ...causes: LaunchFailureCause[]): LaunchFailure | undefined {
  const among = failures.filter(({ cause }) => causes.includes(cause));
  return among.length === 0 ? undefined : among.reduce((latest, each) => (each.at > latest.at ? each : latest));
}

const isOverdue = (mark: Mark | undefined, { maxHours }: FallbackSettings, now: number): boolean =>
  mark !== undefined && now - mark.since > maxHours * HOUR_MS;

interface Limit {
  readonly most: number;
  readonly reason: string;
  readonly heldUntil: number | undefined;
}

/** Those that run are never fewer for it: ending them would end the service. */
function limitOf(
  mark: Mark | undefined,
  { standIns }: Weighed,
  settings: FallbackSettings,
  refusal: LaunchFailure | undefined,
  now: number,
): Limit {
  const refused = refusal && refusal.at + HOLD_MINUTES[refusal.cause]! * MINUTE_MS;
  const held = Math.max(refused ?? 0, mark?.heldUntil ?? 0);
  if (held > now) {
    return { most: standIns, heldUntil: held, reason: "EC2 refused an On-Demand Instance a short while ago" };
  }
  const { maxInstances, maxHours } = settings;
  if (isOverdue(mark, settings, now)) {
    return { most: mark!.instances, heldUntil: undefined, reason: `it has lasted ${maxHours} hours` };
  }
  return { most: maxInstances, heldUntil: undefined, reason: `at most ${maxInstances} may stand in` };
}

function instancesFor(
  before: number,
  weighed: Weighed,
  limit: Limit,
  lacksSpot: boolean,
  isReplacing: boolean,
): number {
  const { needed, standIns, missing, isUnsure } = weighed;
  if (isUnsure && !lacksSpot) return before;
  // The group looks for Spot again.
  if (limit.heldUntil !== undefined) return Math.min(before, standIns);
  if (lacksSpot) return Math.max(Math.min(before, standIns + missing), Math.min(limit.most, needed));
  return missing === 0 && !isReplacing ? Math.min(before, standIns) : before;
}

interface Next {
  readonly instances: number;
  readonly heldUntil: number | undefined;
  readonly spot: LaunchFailure | undefined;
  readonly lacksSpot: boolean;
}

function nextMark(state: ShareState, next: Next, now: number): Mark | undefined {
  const { instances, heldUntil, lacksSpot } = next;
  if (state.mark === undefined && instances === 0) return undefined;
  const before = state.mark ?? beginning(now);
  const inGroup = state.members.some(({ instanceId }) => instanceId === before.detached);
  // What has not been detached yet stays, now that the group misses others.
  const detached = lacksSpot && inGroup ? undefined : before.detached;
  const isOver = instances === 0 && detached === undefined && heldUntil === undefined && !lacksSpot;
  return isOver ? undefined : { ...before, ...waiting({ ...before, detached }, next), instances, heldUntil, detached };
}

/** An attempt for which no Spot came makes the next one wait twice as long. */
function waiting(before: Mark, { instances, spot, lacksSpot }: Next): Pick<Mark, "waitMinutes" | "until" | "failed"> {
  const isTried = before.detached !== undefined;
  const isLost = lacksSpot && isTried && !before.failed && instances > before.instances;
  const waitMinutes = isLost ? Math.min(LONGEST_WAIT_MINUTES, 2 * before.waitMinutes) : before.waitMinutes;
  const until = Math.max(before.until, spot === undefined ? 0 : spot.at + waitMinutes * MINUTE_MS);
  return { waitMinutes, until, failed: isTried && (before.failed || isLost) };
}

const beginning = (now: number): Mark => ({
  instances: 0,
  since: now,
  waitMinutes: FIRST_WAIT_MINUTES,
  until: now,
  heldUntil: undefined,
  detached: undefined,
  failed: false,
});

function markActions(before: Mark | undefined, next: Mark | undefined, { missing }: Weighed): Action[] {
  if (next === undefined) {
    return before === undefined ? [] : [{ kind: "unmark", reason: "no On-Demand Instance stands in any more" }];
  }
  if (before !== undefined && formatMark(before) === formatMark(next)) return [];
  const was = before?.instances ?? 0;
  const reason =
    next.instances > was
      ? `the group misses ${missing} instances, and Spot launches fail`
      : `${next.instances} On-Demand Instances stand in`;
  return [{ kind: "mark", mark: next, reason }];
}

function baseActions(from: number, to: number, { declaredBase }: FallbackSettings): Action[] {
  if (from === to) return [];
  const reason = to === declaredBase ? "as it is declared" : `${declaredBase} as declared, and those that stand in`;
  return [{ kind: "setBase", from, to, reason }];
}
