/**
 * What to do about instances that are going, as a pure function of the cluster's state.
 *
 * Beyond what ECS does by itself when an instance drains, the plan takes targets out at once whatever the service's
 * minimum healthy percent says, keeps them serving where nothing else does, and stops each task early enough that its whole
 * stop timeout fits before the end.
 */
import { DETECTION_SECONDS, INTERRUPTION_NOTICE_SECONDS, LAST_STAND_SECONDS, MARGIN_SECONDS } from "../timeBudget";
import type { HintAction } from "./recommendation/action";
import type { DrainSettings } from "./settings";
import type {
  ClusterState,
  GoingInstance,
  NoticedInstance,
  ServiceState,
  SweepState,
  TargetState,
  TaskState,
} from "./state";

/** A delayed message to itself. */
interface LaterLook<K extends string> extends OnInstance<K> {
  /** When the instance goes, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly delaySeconds: number;
}

interface OnInstance<K extends string> {
  readonly kind: K;
  readonly instanceId: string;
  readonly reason: string;
}

interface OnTarget<K extends string> extends OnInstance<K> {
  readonly targetGroupArn: string;
  readonly port: number;
}

export type Action =
  | (OnInstance<"drain"> & { readonly containerInstanceArn: string })
  | OnInstance<"detach">
  | OnTarget<"deregister">
  | OnTarget<"keep">
  | (OnInstance<"stop"> & { readonly taskArn: string; readonly atDeadline: boolean })
  | LaterLook<"checkAgain">
  | LaterLook<"lastLook">
  | OnInstance<"terminate">
  | HintAction;

/**
 * What can't wait for the rest of the state: no new placement, and replacement capacity. An instance that boots and has
 * not joined the cluster is detached too, so that its replacement starts now. One that is Pending can't be detached yet:
 * the next check finds it InService.
 */
export function planNotice(noticed: readonly NoticedInstance[], settings: DrainSettings): Action[] {
  return noticed.flatMap((instance): Action[] => {
    const { instanceId, containerInstanceArn, draining } = instance;
    const actions: Action[] = [];
    if (containerInstanceArn !== undefined && !draining) {
      actions.push({ kind: "drain", instanceId, containerInstanceArn, reason: "interruption notice" });
    }
    if (settings.replacement === "detach" && canDetach(instance)) {
      actions.push({ kind: "detach", instanceId, reason: "the group launches its replacement at once" });
    }
    return actions;
  });
}

/** After the last moment at which a look of the chain acts. */
const LAST_LOOK_AFTER_MS = 2000;

/**
 * A look beside the chain of checks, right after the last moment: a look whose handler dies comes back only when its message's
 * visibility timeout ends, which in the last half minute is too late.
 */
export function planLastLook(noticed: readonly NoticedInstance[], settings: DrainSettings, now: number): Action[] {
  return noticed.flatMap((instance): Action[] => {
    const { instanceId, deadline } = instance;
    const delaySeconds = Math.ceil((lastStand(instance, settings) + LAST_LOOK_AFTER_MS - now) / 1000);
    const reason = "a look may be lost on the way";
    return delaySeconds <= 0 ? [] : [{ kind: "lastLook", instanceId, deadline, delaySeconds, reason }];
  });
}

/** Where the state could not be read it is tried: an instance outside the group is refused, which changes nothing. */
function canDetach({ lifecycleState, containerInstanceArn }: NoticedInstance): boolean {
  return lifecycleState === "InService" || (lifecycleState === "Unknown" && containerInstanceArn !== undefined);
}

/** The next actions for every going instance, beyond {@link planNotice}; applying them twice changes nothing. */
export function plan(state: ClusterState, settings: DrainSettings, now: number): Action[] {
  const services = new Map(state.services.map((service) => [service.name, service]));
  const unread = new Set(state.unreadTargetGroupArns);
  const survey = surveyTargets(state, settings, now);
  return state.going.flatMap((instance) => {
    const own = survey.own.get(instance.instanceId) ?? [];
    const stopAt = lastStop(instance, settings);
    const actions: Action[] = [
      ...own.flatMap((target) => planTarget(target, survey.stays.get(target), now >= stopAt)),
      ...planTasks(instance, {
        services,
        unread,
        own,
        stays: survey.stays,
        atDeadline: now >= stopAt,
        handsOver: handsOver(instance, settings, now),
      }),
    ];
    return [...actions, ...planCheck(instance, actions, settings, now)];
  });
}

/** The last moment at which a task can be stopped and still get its whole stop timeout. */
function lastStop(instance: NoticedInstance, settings: DrainSettings): number {
  return instance.deadline - (settings.stopTimeoutSeconds + MARGIN_SECONDS) * 1000;
}

/** The last moment for a task that serves on because nothing else does. */
function lastStand(instance: NoticedInstance, settings: DrainSettings): number {
  return Math.max(lastStop(instance, settings), instance.deadline - LAST_STAND_SECONDS * 1000);
}

/**
 * Whether a target that is still registered served on past its task's stop, and can be taken out before its task is
 * stopped: at the next look, when the balancer has let go of it.
 */
function handsOver(instance: NoticedInstance, settings: DrainSettings, now: number): boolean {
  const interval = settings.checkIntervalSeconds * 1000;
  return now >= lastStop(instance, settings) + interval && now + interval < lastStand(instance, settings);
}

/** Until when notices of the same moment may still be on their way to a function that runs at the same time. */
function confirmedAt(instance: NoticedInstance): number {
  return instance.deadline - (INTERRUPTION_NOTICE_SECONDS - DETECTION_SECONDS) * 1000;
}

interface Survey {
  /** The targets of each going instance. */
  readonly own: ReadonlyMap<string, readonly TargetState[]>;
  /** Targets on going instances that keep serving, and why. */
  readonly stays: ReadonlyMap<TargetState, string>;
}

/**
 * Where no healthy target of a group is elsewhere, those on the going instances stay to the last: one alone would be
 * overloaded, and none would lose every request.
 * Interruptions come together: while a single other instance serves, its own notice may be on the way, and both
 * functions would leave the last word to the other. So one target also stays until the detection time is over and the
 * other's draining can be seen; it is the one on the instance that goes last, and ties go by id and port, so that two
 * functions that look at once choose the same.
 *
 * The loop calls nothing of this module: a serialized closure's calls are slow, and a large cluster has ten thousand
 * targets.
 */
function surveyTargets(state: ClusterState, settings: DrainSettings, now: number): Survey {
  const going = new Map(state.going.map((each) => [each.instanceId, { until: lastStand(each, settings), each }]));
  const draining = new Set(state.otherDraining);
  const own = new Map<string, TargetState[]>();
  /** By target group: the instance elsewhere that serves it, or true where several do. */
  const elsewhere = new Map<string, string | true>();
  const candidates: { target: TargetState; instance: GoingInstance }[] = [];
  for (const target of state.targets) {
    const { instanceId, targetGroupArn } = target;
    const end = going.get(instanceId);
    if (end !== undefined) {
      const known = own.get(instanceId);
      if (known === undefined) own.set(instanceId, [target]);
      else known.push(target);
      if (target.health === "healthy" && now < end.until) candidates.push({ target, instance: end.each });
    } else if (target.health === "healthy" && !draining.has(instanceId)) {
      const serving = elsewhere.get(targetGroupArn);
      if (serving === undefined) elsewhere.set(targetGroupArn, instanceId);
      else if (serving !== instanceId) elsewhere.set(targetGroupArn, true);
    }
  }
  return { own, stays: chooseStaying(candidates, elsewhere, now) };
}

function chooseStaying(
  candidates: readonly { target: TargetState; instance: GoingInstance }[],
  elsewhere: ReadonlyMap<string, string | true>,
  now: number,
): Map<TargetState, string> {
  const inOrder = [...candidates].sort(
    (a, b) =>
      a.instance.deadline - b.instance.deadline ||
      (a.target.instanceId < b.target.instanceId ? -1 : a.target.instanceId > b.target.instanceId ? 1 : 0) ||
      a.target.port - b.target.port,
  );
  const last = new Map(inOrder.map(({ target }) => [target.targetGroupArn, target]));
  const stays = new Map<TargetState, string>();
  for (const { target, instance } of inOrder) {
    const serving = elsewhere.get(target.targetGroupArn);
    if (serving === undefined) stays.set(target, "no other target is healthy");
    else if (serving !== true && last.get(target.targetGroupArn) === target && now < confirmedAt(instance)) {
      stays.set(target, `only ${serving} serves beside it, and may have been noticed too`);
    }
  }
  return stays;
}

/** States in which a target gets no new request already. */
const LEAVING = ["draining", "unused", "unhealthy.draining"];

function planTarget(target: TargetState, staysBecause: string | undefined, atDeadline: boolean): Action[] {
  if (LEAVING.includes(target.health)) return [];
  const { instanceId, targetGroupArn, port } = target;
  if (staysBecause !== undefined) return [{ kind: "keep", instanceId, targetGroupArn, port, reason: staysBecause }];
  const reason = atDeadline ? "its task is stopped now" : "others serve";
  return [{ kind: "deregister", instanceId, targetGroupArn, port, reason }];
}

interface Surroundings {
  readonly services: ReadonlyMap<string, ServiceState>;
  readonly unread: ReadonlySet<string>;
  readonly own: readonly TargetState[];
  readonly stays: ReadonlyMap<TargetState, string>;
  readonly atDeadline: boolean;
  readonly handsOver: boolean;
}

const isActive = (task: TaskState): boolean => task.desiredStatus !== "STOPPED" && task.lastStatus !== "STOPPED";

/** Stops, those of DAEMON services last. */
function planTasks({ instanceId, tasks }: GoingInstance, around: Surroundings): Action[] {
  const isDaemon = (task: TaskState): boolean =>
    around.services.get(task.serviceName ?? "")?.schedulingStrategy === "DAEMON";
  const active = tasks.filter(isActive);
  const inOrder = [...active.filter((task) => !isDaemon(task)), ...active.filter(isDaemon)];
  return inOrder.flatMap((task): Action[] => {
    const atDeadline = around.atDeadline && !servesOn(task, around);
    const reason = atDeadline ? "its stop timeout just fits before the end" : reasonToStop(task, around);
    return reason === undefined ? [] : [{ kind: "stop", instanceId, taskArn: task.arn, atDeadline, reason }];
  });
}

/** Whether one of the task's targets stays, or leaves the balancer only now although there is time for it. */
function servesOn({ hostPorts }: TaskState, { own, stays, handsOver }: Surroundings): boolean {
  return own.some(
    (target) =>
      hostPorts.includes(target.port) && (stays.has(target) || (handsOver && !LEAVING.includes(target.health))),
  );
}

/** Why a task can be stopped before its deadline; undefined where it has to wait. */
function reasonToStop(task: TaskState, { services, unread, own }: Surroundings): string | undefined {
  const withoutTarget = "it has no target: its stop timeout is its time to finish";
  if (task.serviceName === undefined) return withoutTarget;
  const service = services.get(task.serviceName);
  // A service that was created since the listing may have targets.
  if (service === undefined || service.schedulingStrategy === "DAEMON") return undefined;
  if (service.targetGroupArns.length === 0) return withoutTarget;
  if (task.lastStatus === "PENDING") return "it has not started";
  // Without host ports its targets are addresses of its own, whose draining is left to ECS.
  if (task.hostPorts.length === 0 || service.targetGroupArns.some((arn) => unread.has(arn))) return undefined;
  const targets = own.filter(
    (target) => service.targetGroupArns.includes(target.targetGroupArn) && task.hostPorts.includes(target.port),
  );
  return targets.every((target) => target.health === "unused") ? "its target is drained" : undefined;
}

/** One look more, until nothing is left to do: at the next interval, or sooner where a moment of decision comes first. */
function planCheck(
  instance: GoingInstance,
  actions: readonly Action[],
  settings: DrainSettings,
  now: number,
): Action[] {
  const reason = reasonToCheck(instance, actions, settings);
  if (reason === undefined) return [];
  const moments = [lastStop(instance, settings)];
  if (actions.some((action) => action.kind === "keep")) {
    moments.push(confirmedAt(instance), lastStand(instance, settings));
  }
  const waits = moments.filter((moment) => moment > now).map((moment) => Math.ceil((moment - now) / 1000));
  const delaySeconds = Math.min(settings.checkIntervalSeconds, ...waits);
  const { instanceId, deadline } = instance;
  if (now + delaySeconds * 1000 >= deadline) return [];
  return [{ kind: "checkAgain", instanceId, deadline, delaySeconds, reason }];
}

function reasonToCheck(
  instance: GoingInstance,
  actions: readonly Action[],
  { replacement }: DrainSettings,
): string | undefined {
  if (instance.containerInstanceArn === undefined) return "it has not joined the cluster, and may yet get tasks";
  const active = instance.tasks.filter(isActive).length;
  if (active > 0) return `${active} tasks were not stopped yet`;
  if (!instance.draining) return "it was not DRAINING yet";
  if (actions.some((action) => action.kind === "deregister")) return "ECS may register a target again";
  const pending = replacement === "detach" && instance.lifecycleState?.startsWith("Pending");
  return pending ? "it is Pending in its group and can't be detached yet" : undefined;
}

/**
 * Repairs what a lost event left. Detached instances are ended where the drain function detaches; under capacity
 * rebalancing the group ends what it replaces.
 *
 * An instance that its agent drained while the event was lost is left to ECS, which stops its tasks within the service's
 * minimum healthy percent. EC2's guide gives a sign of the interruption: the instance runs and its Spot request already
 * has the status `instance-terminated-no-capacity`. But it doesn't say how soon after the notice the status can be read,
 * nor whether the status's update time is the notice's, on which every deadline here would rest; and nothing else
 * tells an interruption from an operator's own draining, in which no target may go before its replacement.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instances-request-status-lifecycle.html
 */
export function planSweep(state: SweepState, settings: DrainSettings): Action[] {
  const drains = state.endingButActive.map(({ instanceId, containerInstanceArn }): Action => {
    return { kind: "drain", instanceId, containerInstanceArn, reason: "its group is ending it and it is still ACTIVE" };
  });
  if (settings.replacement !== "detach") return drains;
  const reason = "outside every group, and all its tasks have stopped";
  return [...drains, ...state.emptyOrphans.map((instanceId): Action => ({ kind: "terminate", instanceId, reason }))];
}
