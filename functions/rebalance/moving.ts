/** What comes next for a service of which more tasks run than it wants, as a pure function of what AWS tells. */
import { isIdle, isOwn, reasonToHalt, reasonToWait, type Aim, type RetireAction } from "../retire/plan";
import type { RetireSettings } from "../retire/settings";
import type { RetireState, TaskState } from "../retire/state";
import type { Moving } from "./groupTag";
import { YOUNG_MS } from "./placed";
import { chooseSurplus } from "./plan";
import type { InstanceRoom, Reservation } from "./state";

export interface MovingState {
  readonly tag: Moving;
  readonly service: RetireState;
  /** What the desired count is never lowered below: the minimum of a service that scales, else 0. */
  readonly least: number;
}

export type Next =
  /** Tasks retire already. */
  | { readonly kind: "retire"; readonly aim: Aim }
  /** As many more are to retire. */
  | { readonly kind: "choose"; readonly count: number }
  /** Tasks that found no place, and the lowering that goes with them. */
  | { readonly kind: "giveBack"; readonly actions: readonly RetireAction[] }
  /** Nothing moves any more, and nothing shall until then. */
  | { readonly kind: "rest"; readonly until: number; readonly reason: string }
  | { readonly kind: "wait"; readonly reason: string };

/** For so long after a raise a read may not show it: a call that is tried again to the invocation's end, and the lag of reads. */
const RAISING_MS = 60_000;
/** How long a new task may look for a place. */
const PLACED_WITHIN_MS = 120_000;
/** After moves the service is left alone until every read shows them; where they were in vain, for a day, or until an instance joins. */
export const REST_MS = { moved: 60_000, vain: 24 * 60 * 60_000 };
/** For so long only those go that leave instances and zones most even; then any new one. */
const CHOOSY_MS = 10 * 60_000;

/** Down to it the desired count goes. */
const floorOf = ({ tag, least }: MovingState): number => Math.max(tag.before, least);

export function planMoving(moving: MovingState, settings: RetireSettings, now: number): Next {
  const { tag, service } = moving;
  const over = reasonItIsOver(moving);
  if (service.tasks.some((task) => isOwn(task, settings))) {
    const aim = { by: "rebalance function", haltedBecause: over, isWanted: true, minCount: floorOf(moving) };
    return { kind: "retire", aim };
  }
  if (over !== undefined) {
    if (now < tag.since + RAISING_MS) return { kind: "wait", reason: "it was raised a moment ago" };
    return { kind: "rest", until: now + (tag.isVain ? REST_MS.vain : REST_MS.moved), reason: over };
  }
  const unplaced = planUnplaced(moving, now);
  if (unplaced.length > 0) return { kind: "giveBack", actions: unplaced };
  const unsteady = reasonNotToChoose(service);
  if (unsteady !== undefined) return { kind: "wait", reason: unsteady };
  return { kind: "choose", count: service.service.desiredCount - floorOf(moving) };
}

/**
 * A number that lies between is what is left of the raise after a part of it was lowered; any other is somebody else's, and stands.
 */
function reasonItIsOver(moving: MovingState): string | undefined {
  const { desiredCount } = moving.service.service;
  if (desiredCount > moving.tag.raised) return "somebody else has raised the desired count";
  if (desiredCount > floorOf(moving)) return undefined;
  return desiredCount === moving.tag.before
    ? "the desired count is as before"
    : "somebody else has set the desired count";
}

function reasonNotToChoose(state: RetireState): string | undefined {
  const reason = reasonToHalt(state) ?? reasonToWait(state);
  if (reason !== undefined) return reason;
  if (state.tasks.some(({ markedAt }) => markedAt !== undefined)) return "tasks retire for less load";
  const serving = state.tasks.filter(({ targets }) => targets?.every(({ health }) => health === "healthy"));
  return serving.length === state.tasks.length ? undefined : `${serving.length} of ${state.tasks.length} tasks serve`;
}

/** Tasks for which there is no room after all have no work yet, and are stopped at once. */
function planUnplaced(moving: MovingState, now: number): RetireAction[] {
  const { service, tasks } = moving.service;
  const { desiredCount: from } = service;
  if (now < moving.tag.since + PLACED_WITHIN_MS || service.isDeploying || tasks.length !== from) return [];
  const unplaced = tasks.filter((task) => task.instanceArn === undefined && task.lastStatus === "PROVISIONING");
  const chosen = unplaced.slice(0, from - floorOf(moving));
  if (chosen.length === 0) return [];
  const reason = "rebalance function: there is no room for one more";
  return [
    ...chosen.map((task): RetireAction => ({ kind: "stop", taskArn: task.arn, reason })),
    { kind: "lower", from, to: from - chosen.length, reason: "as many tasks were stopped" },
  ];
}

/** Where tasks are, and how large they are. */
export interface Place {
  readonly instances: readonly InstanceRoom[];
  readonly reservation: Reservation;
}

export interface Choice {
  readonly marks: readonly RetireAction[];
  /** Whether none but new tasks go again. */
  readonly isVain: boolean;
}

/** Whom to retire now that others run: those after which instances are nearest to each other, idle ones first. */
export function chooseMoved(
  { tag, service }: MovingState,
  count: number,
  place: Place,
  settings: RetireSettings,
  now: number,
): Choice {
  // What began to run later may have been made before, in place of another.
  const isNew = ({ createdAt = now }: TaskState): boolean => createdAt >= tag.since;
  const isAble = (task: TaskState): boolean =>
    isNew(task) || (task.startedAt !== undefined && now - task.startedAt >= YOUNG_MS);
  const able = service.tasks.filter(isAble);
  const idle = able.filter((task) => isIdle(task, now));
  const surplus = (movable: readonly TaskState[]): TaskState[] =>
    surplusOf({ tasks: service.tasks, movable, isNew }, count, place, settings);
  const waysToChoose = [
    () => surplus(idle),
    () => (settings.workPatienceSeconds > 0 ? surplus(able) : []),
    () => (now >= tag.since + CHOOSY_MS ? idle.filter(isNew).slice(0, count) : []),
  ];
  const chosen = waysToChoose.reduce<TaskState[]>((found, way) => (found.length > 0 ? found : way()), []);
  const reason = "as many others run elsewhere";
  const marks = chosen.map((task): RetireAction => {
    return { kind: "mark", taskArn: task.arn, targets: task.targets ?? [], again: false, reason };
  });
  return { marks, isVain: chosen.length > 0 && chosen.every(isNew) };
}

/** Of those alike a new one goes: nobody has got used to it. */
function surplusOf(
  {
    tasks,
    movable,
    isNew,
  }: {
    readonly tasks: readonly TaskState[];
    readonly movable: readonly TaskState[];
    readonly isNew: (task: TaskState) => boolean;
  },
  count: number,
  { instances, reservation }: Place,
  { serviceName }: RetireSettings,
): TaskState[] {
  const may = new Set(movable);
  // The plan takes the first in the order of these.
  const nameOf = (task: TaskState): string => `${isNew(task) ? 0 : 1} ${task.arn}`;
  const placed = tasks.map((task) => {
    return { arn: nameOf(task), instanceArn: task.instanceArn ?? "", isMovable: may.has(task) };
  });
  const alone = {
    name: serviceName,
    reservation,
    tasks: placed,
    isOnePerInstance: false,
    allowedInstances: undefined,
    surgeRoom: 0,
    staysBecause: undefined,
  };
  const chosen = new Set(chooseSurplus({ instances, services: [alone] }, new Map([[serviceName, count]])));
  return tasks.filter((task) => chosen.has(nameOf(task)));
}
