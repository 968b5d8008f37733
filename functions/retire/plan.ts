/**
 * The next step for tasks that retire, as a pure function of the service's state: their targets stay out, they are let
 * go or settle, and once all have settled that could, the others are protected and the desired count is lowered by as many.
 */
import type { RetireSettings } from "./settings";
import type { RetireState, TargetState, TaskState } from "./state";

/** What retiring is for, from whoever chooses the tasks. */
export interface Aim {
  /** Why nothing may retire now. */
  readonly haltedBecause: string | undefined;
  /** Whether more than what has settled is to retire. */
  readonly isWanted: boolean;
  /** The desired count is never lowered below it; undefined where nothing says how low it may be. */
  readonly minCount: number | undefined;
}

interface OnTargets<K extends string> {
  readonly kind: K;
  readonly taskArn: string;
  readonly targets: readonly TargetState[];
  readonly reason: string;
}

export type RetireAction =
  /** Tags the task and then takes its targets out; `again` where it is marked already. */
  | (OnTargets<"mark"> & { readonly again: boolean })
  | OnTargets<"deregister">
  /** Registers the targets and then takes the tag off. */
  | OnTargets<"letGo">
  | { readonly kind: "protect"; readonly taskArn: string; readonly reason: string }
  | {
      readonly kind: "lower";
      readonly taskArns: readonly string[];
      readonly from: number;
      readonly to: number;
      readonly reason: string;
    }
  | { readonly kind: "wait"; readonly reason: string }
  | { readonly kind: "check"; readonly delaySeconds: number; readonly until: number; readonly reason: string };

/** For how long survivors are protected: for the few seconds that ECS takes to choose, and long enough for a late one. */
export const PROTECT_MINUTES = 5;
/** A survivor that is protected for this long anyway needs no call: a look that comes again soon makes none. */
const PROTECTED_LONG_MS = (PROTECT_MINUTES - 1) * 60_000;
/** What must be left of every survivor's protection when the desired count is lowered. */
const PROTECTED_LEAST_MS = 60_000;
/** How long after its mark a task's targets may be deregistered; later it is marked anew, so that it settles in full. */
export const DEREGISTER_SECONDS = 3;
/** How long a task that could be retired waits for the others or for ECS before it is let go. */
const ROUND_SECONDS = 120;

/** Health of a target that may get requests: the balancer routes to unhealthy ones too where it has no others. */
const SERVING: readonly (string | undefined)[] = ["healthy", "unhealthy", "unavailable"];
/** Of one that has yet to pass a health check. */
const INITIAL = "initial";
/** Of one that is not registered any more. */
const OUT: readonly (string | undefined)[] = [undefined, "draining", "unhealthy.draining"];

export const isIdle = (task: TaskState, now: number): boolean =>
  task.protectedUntil !== undefined && task.protectedUntil <= now;

const isWorking = (task: TaskState, now: number): boolean =>
  task.protectedUntil !== undefined && task.protectedUntil > now;

/** Why no task of the service may retire now, whatever for: its capacity changes already. */
export function reasonToHalt({ service, tasks, instances }: RetireState): string | undefined {
  if (service.isDeploying) return "a deployment is in progress";
  const isGoing = (task: TaskState): boolean =>
    task.instanceArn !== undefined && instances.get(task.instanceArn)?.status !== "ACTIVE";
  if (tasks.some((task) => task.markedAt === undefined && isGoing(task))) return "an instance of the service is going";
  const running = tasks.filter((task) => task.lastStatus === "RUNNING").length;
  if (running < service.desiredCount) return `${running} tasks run of ${service.desiredCount} desired`;
  return undefined;
}

/** Why the service is not steady: ECS starts or stops tasks of it. */
export function reasonToWait({ service, tasks }: RetireState): string | undefined {
  const { desiredCount, runningCount, pendingCount } = service;
  if (tasks.length > desiredCount) return `ECS has yet to stop ${tasks.length - desiredCount} tasks`;
  const isSteady =
    pendingCount === 0 && runningCount === desiredCount && tasks.every((task) => task.lastStatus === "RUNNING");
  return isSteady ? undefined : `${runningCount} tasks run and ${pendingCount} start of ${desiredCount} desired`;
}

/** The next actions; applying them twice changes nothing. */
export function planRetire(state: RetireState, aim: Aim, settings: RetireSettings, now: number): RetireAction[] {
  const marked = state.tasks.filter((task) => task.markedAt !== undefined && task.lastStatus === "RUNNING");
  if (marked.length === 0) return [];
  const around: Around = { state, aim, settings, now, owed: owedTasks(state, marked, settings, now) };
  const actions = marked.flatMap((task) => planMarked(task, around));
  if (actions.some((action) => action.kind !== "deregister")) return actions;
  const lowering = planLowering(marked, around);
  // A task that is let go keeps its target.
  return [...(lowering.some((action) => action.kind === "letGo") ? [] : actions), ...lowering];
}

interface Around {
  readonly state: RetireState;
  readonly aim: Aim;
  readonly settings: RetireSettings;
  readonly now: number;
  readonly owed: ReadonlySet<TaskState>;
}

/**
 * The settled tasks that ECS has yet to stop, after the desired count was lowered. Whoever lowered it: let go, they would
 * be stopped with their targets in.
 */
function owedTasks(
  { service, tasks }: RetireState,
  marked: readonly TaskState[],
  settings: RetireSettings,
  now: number,
): Set<TaskState> {
  const count = Math.max(0, tasks.length - service.desiredCount);
  return new Set(marked.filter((task) => isSettled(task, settings, now)).slice(0, count));
}

const ageOf = (task: TaskState, now: number): number => (now - (task.markedAt ?? now)) / 1000;

const settledAfter = (settings: RetireSettings): number => settings.settleSeconds + DEREGISTER_SECONDS;

/**
 * Whether a marked task has no work and can get none. A target that ECS registered again has no bearing while it has yet
 * to pass a health check: where ECS does so at once, no look would ever find it out.
 */
function isSettled(task: TaskState, settings: RetireSettings, now: number): boolean {
  const mayServe = task.targets?.some((target) => SERVING.includes(target.health));
  return mayServe === false && isIdle(task, now) && ageOf(task, now) >= settledAfter(settings);
}

function planMarked(task: TaskState, around: Around): RetireAction[] {
  const taskArn = task.arn;
  const isGoing = around.state.instances.get(task.instanceArn ?? "")?.status !== "ACTIVE";
  // The targets of an instance that drains are kept out by whoever drains it.
  if (isGoing) return [{ kind: "letGo", taskArn, targets: [], reason: "its instance is going" }];
  const reason = reasonToLetGo(task, around);
  if (reason !== undefined) return [letGo(task, reason)];
  const targets = (task.targets ?? []).filter(({ health }) => health === INITIAL || SERVING.includes(health));
  if (targets.length === 0) return [];
  return targets.every(({ health }) => health === INITIAL)
    ? [{ kind: "deregister", taskArn, targets, reason: "ECS registered it again" }]
    : [{ kind: "mark", taskArn, targets, again: true, reason: "it may have got requests since its mark" }];
}

function letGo(task: TaskState, reason: string): RetireAction {
  const targets = (task.targets ?? []).filter(({ health }) => OUT.includes(health));
  return { kind: "letGo", taskArn: task.arn, targets, reason };
}

function reasonToLetGo(task: TaskState, { state, aim, settings, now, owed }: Around): string | undefined {
  const halt = reasonToHalt(state);
  if (halt !== undefined) return halt;
  if (owed.has(task)) return undefined;
  if (aim.haltedBecause !== undefined) return aim.haltedBecause;
  if (!aim.isWanted && !isSettled(task, settings, now)) return "it is not to retire any more";
  const age = ageOf(task, now);
  if (isWorking(task, now) && age >= settings.workPatienceSeconds) return "it has work in progress";
  const longest = Math.max(settings.workPatienceSeconds, settledAfter(settings)) + ROUND_SECONDS;
  return age >= longest ? "it could not be retired in time" : undefined;
}

/** Lowers the desired count by what has settled, if every other task is protected; otherwise protects them first. */
function planLowering(marked: readonly TaskState[], { state, aim, settings, now, owed }: Around): RetireAction[] {
  const wait = (reason: string): RetireAction[] => [{ kind: "wait", reason }];
  const idle = marked.filter((task) => !isWorking(task, now));
  const settled = idle.filter((task) => isSettled(task, settings, now));
  if (settled.length === 0 || settled.length < idle.length)
    return wait(`${settled.length} of ${marked.length} settled`);
  const unsteady = reasonToWait(state);
  if (owed.size > 0) return [...planProtection(state.tasks, now), ...wait(unsteady ?? "")];
  if (unsteady !== undefined) return wait(unsteady);
  const { desiredCount } = state.service;
  const room = desiredCount - (aim.minCount ?? desiredCount);
  if (settled.length > room) return settled.slice(Math.max(0, room)).map((task) => letGo(task, "at the minimum"));
  const protections = planProtection(state.tasks, now);
  if (protections.length > 0) return protections;
  const taskArns = settled.map((task) => task.arn);
  const to = desiredCount - settled.length;
  return [{ kind: "lower", taskArns, from: desiredCount, to, reason: "settled, and all others are protected" }];
}

/** Nothing where every survivor is protected for long enough already. */
function planProtection(tasks: readonly TaskState[], now: number): RetireAction[] {
  const survivors = tasks.filter((task) => task.markedAt === undefined);
  const isShort = (task: TaskState, least: number): boolean => (task.protectedUntil ?? 0) < now + least;
  if (!survivors.some((task) => isShort(task, PROTECTED_LEAST_MS))) return [];
  return survivors
    .filter((task) => isShort(task, PROTECTED_LONG_MS))
    .map((task) => ({ kind: "protect", taskArn: task.arn, reason: "ECS must choose among the settled tasks" }));
}

/**
 * One look more, as long as there are marks. Looks send each other on until the moment `until`; after it the schedule has
 * begun a new chain, so that however many messages are duplicated, few chains are under way at once. Where nobody looks
 * every minute, because no more is to retire, a chain goes on to the end.
 */
export function planCheck(
  state: RetireState,
  actions: readonly RetireAction[],
  { until, isWanted }: { readonly until: number; readonly isWanted: boolean },
  { checkIntervalSeconds }: RetireSettings,
  now: number,
): RetireAction[] {
  const marks = new Set(state.tasks.filter((task) => task.markedAt !== undefined).map((task) => task.arn));
  for (const action of actions) if (action.kind === "mark") marks.add(action.taskArn);
  if (marks.size === 0 || (isWanted && now >= until)) return [];
  return [{ kind: "check", delaySeconds: checkIntervalSeconds, until, reason: `${marks.size} tasks are marked` }];
}
