/**
 * The next step for tasks that retire, as a pure function of the service's state: their targets stay out, they are let
 * go or settle, and once all have settled that could, they are stopped and the desired count is lowered by as many.
 */
import type { RetireSettings } from "./settings";
import type { RetireState, TargetState, TaskState } from "./state";

/** What retiring is for, from whoever chooses the tasks. */
export interface Aim {
  /** Who retires tasks, as their stop reason says. */
  readonly by: string;
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
  | { readonly kind: "stop"; readonly taskArn: string; readonly reason: string }
  /** In the same breath as the stops, and by as many. */
  | { readonly kind: "lower"; readonly from: number; readonly to: number; readonly reason: string }
  | { readonly kind: "wait"; readonly reason: string }
  | {
      readonly kind: "check";
      readonly delaySeconds: number;
      readonly until: number;
      readonly outAt: number | undefined;
      readonly reason: string;
    };

/** How long after its mark a task's targets may be deregistered; later it is marked anew, so that it settles in full. */
export const DEREGISTER_SECONDS = 3;
/** How far a read of targets may lag behind; assumed. */
const READ_LAG_MS = 2000;
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

/** Whether whoever retires tasks has marked it. */
export const isOwn = (
  { markedAt, markedBy = "scaleIn" }: TaskState,
  { retirer = "scaleIn" }: RetireSettings,
): boolean => markedAt !== undefined && markedBy === retirer;

export const isWorking = (task: TaskState, now: number): boolean =>
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
  const marked = state.tasks.filter((task) => isOwn(task, settings) && task.lastStatus === "RUNNING");
  if (marked.length === 0) return [];
  const around: Around = { state, aim, settings, now, owed: owedTasks(state, marked, settings, now) };
  const actions = marked.flatMap((task) => planMarked(task, around));
  if (actions.some((action) => action.kind !== "deregister")) return actions;
  const round = planRound(marked, around);
  // A task that is let go keeps its target.
  return [...(round.some((action) => action.kind === "letGo") ? [] : actions), ...round];
}

interface Around {
  readonly state: RetireState;
  readonly aim: Aim;
  readonly settings: RetireSettings;
  readonly now: number;
  readonly owed: ReadonlySet<TaskState>;
}

/**
 * Whether a marked task's target that is registered and has yet to pass a check has passed none since it was out: a whole
 * check interval lies in between. Later it may pass one after it was read and before it is taken out, and have a request
 * when its task is stopped.
 */
function isStillOut({ outAt }: RetireState, { healthCheckSeconds }: RetireSettings, now: number): boolean {
  return outAt !== undefined && now < outAt + healthCheckSeconds * 1000;
}

/** Since when all targets are out after a look that planned at `plannedAt`; undefined where that can't be said. */
export function outSince(
  state: RetireState,
  failed: readonly RetireAction[],
  settings: RetireSettings,
  { plannedAt, now }: { readonly plannedAt: number; readonly now: number },
): number | undefined {
  if (failed.some(({ kind }) => kind === "mark" || kind === "deregister")) return undefined;
  const idle = state.tasks.filter((task) => isOwn(task, settings) && !isWorking(task, plannedAt));
  const mayBeIn = idle.some(({ targets }) => targets?.some(({ health }) => health === INITIAL));
  return mayBeIn && !isStillOut(state, settings, now) ? undefined : plannedAt - READ_LAG_MS;
}

/**
 * The settled tasks that may be what ECS has too many of: stopped already, where the reads are not of one moment, or about
 * to be, where somebody else has lowered the desired count. Let go, they would be stopped with their targets in.
 */
function owedTasks(
  state: RetireState,
  marked: readonly TaskState[],
  settings: RetireSettings,
  now: number,
): Set<TaskState> {
  const count = Math.max(0, state.tasks.length - state.service.desiredCount);
  return new Set(marked.filter((task) => isSettled(task, state, settings, now)).slice(0, count));
}

const ageOf = (task: TaskState, now: number): number => (now - (task.markedAt ?? now)) / 1000;

const settledAfter = (settings: RetireSettings): number => settings.settleSeconds + DEREGISTER_SECONDS;

/**
 * Whether a marked task has no work and can get none. A target that ECS registered again has no bearing while it surely
 * has passed no health check: where ECS does so at once, no look would ever find it out.
 */
function isSettled(task: TaskState, state: RetireState, settings: RetireSettings, now: number): boolean {
  const isOut = isStillOut(state, settings, now);
  const mayServe = task.targets?.some(({ health }) => SERVING.includes(health) || (health === INITIAL && !isOut));
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
  if (targets.some(({ health }) => health !== INITIAL))
    return [{ kind: "mark", taskArn, targets, again: true, reason: "it may have got requests since its mark" }];
  // A look that can't tell leaves it to one that can; where there is none, the target is healthy soon, and that is seen.
  const isSafe = isWorking(task, around.now) || isStillOut(around.state, around.settings, around.now);
  return isSafe ? [{ kind: "deregister", taskArn, targets, reason: "ECS registered it again" }] : [];
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
  if (!aim.isWanted && !isSettled(task, state, settings, now)) return "it is not to retire any more";
  const age = ageOf(task, now);
  if (isWorking(task, now) && age >= settings.workPatienceSeconds) return "it has work in progress";
  const longest = Math.max(settings.workPatienceSeconds, settledAfter(settings)) + ROUND_SECONDS;
  return age >= longest ? "it could not be retired in time" : undefined;
}

/** Stops what has settled and lowers the desired count by as many, once nothing is left to settle. */
function planRound(marked: readonly TaskState[], { state, aim, settings, now }: Around): RetireAction[] {
  const wait = (reason: string): RetireAction[] => [{ kind: "wait", reason }];
  const idle = marked.filter((task) => !isWorking(task, now));
  const settled = idle.filter((task) => isSettled(task, state, settings, now));
  if (settled.length === 0 || settled.length < idle.length)
    return wait(`${settled.length} of ${marked.length} settled`);
  const unsteady = reasonToWait(state);
  if (unsteady !== undefined) return wait(unsteady);
  const { desiredCount: from } = state.service;
  const room = from - (aim.minCount ?? from);
  if (settled.length > room) return settled.slice(Math.max(0, room)).map((task) => letGo(task, "at the minimum"));
  const reason = `${aim.by}: it has no work and gets none`;
  return [
    ...settled.map((task): RetireAction => ({ kind: "stop", taskArn: task.arn, reason })),
    { kind: "lower", from, to: from - settled.length, reason: "as many tasks were stopped" },
  ];
}

/**
 * One look more, as long as there are marks. Looks send each other on until the moment `until`; after it the schedule has
 * begun a new chain, so that however many messages are duplicated, few chains are under way at once. Where nobody looks
 * every minute, because no more is to retire, a chain goes on to the end.
 */
export function planCheck(
  state: RetireState,
  actions: readonly RetireAction[],
  {
    until,
    isWanted,
    outAt,
  }: { readonly until: number; readonly isWanted: boolean; readonly outAt: number | undefined },
  settings: RetireSettings,
  now: number,
): RetireAction[] {
  const marks = new Set(state.tasks.filter((task) => isOwn(task, settings)).map((task) => task.arn));
  for (const action of actions) if (action.kind === "mark") marks.add(action.taskArn);
  if (marks.size === 0 || (isWanted && now >= until)) return [];
  const reason = `${marks.size} tasks are marked`;
  return [{ kind: "check", delaySeconds: settings.checkIntervalSeconds, until, outAt, reason }];
}
