/**
 * What to do about instances that are going, as a pure function of the cluster's state.
 *
 * Beyond what ECS does by itself when an instance drains, the plan takes targets out at once whatever the service's
 * minimum healthy percent says, keeps one where nothing else serves, and stops each task early enough that its whole
 * stop timeout fits before the end.
 */
import { MARGIN_SECONDS } from "../timeBudget";
import type { DrainSettings } from "./settings";
import type { ClusterState, GoingInstance, ServiceState, SweepState, TargetState, TaskState } from "./state";

export type Action =
  | { readonly kind: "drain"; readonly instanceId: string; readonly containerInstanceArn: string; readonly reason: string }
  | { readonly kind: "detach"; readonly instanceId: string; readonly reason: string }
  | { readonly kind: "deregister"; readonly instanceId: string; readonly targetGroupArn: string; readonly port: number; readonly reason: string }
  | { readonly kind: "keep"; readonly instanceId: string; readonly targetGroupArn: string; readonly port: number; readonly reason: string }
  | { readonly kind: "stop"; readonly instanceId: string; readonly taskArn: string; readonly atDeadline: boolean; readonly reason: string }
  | { readonly kind: "checkAgain"; readonly instanceId: string; readonly deadline: number; readonly delaySeconds: number; readonly reason: string }
  | { readonly kind: "terminate"; readonly instanceId: string; readonly reason: string };

/** An instance of this cluster that was just noticed. */
export interface Noticed {
  readonly instanceId: string;
  readonly containerInstanceArn: string;
  /** Whether it is InService in this cluster's group, and so can be detached. */
  readonly inService: boolean;
}

/** What can't wait for the rest of the state: no new placement, and replacement capacity. */
export function planNotice(noticed: readonly Noticed[], settings: DrainSettings): Action[] {
  return noticed.flatMap(({ instanceId, containerInstanceArn, inService }): Action[] => [
    { kind: "drain", instanceId, containerInstanceArn, reason: "interruption notice" },
    ...(settings.replacement === "detach" && inService
      ? [{ kind: "detach" as const, instanceId, reason: "the group launches its replacement at once" }]
      : []),
  ]);
}

/** The next actions for every going instance; applying them twice changes nothing. */
export function plan(state: ClusterState, settings: DrainSettings, now: number): Action[] {
  const serviceByName = new Map(state.services.map((service) => [service.name, service]));
  const stays = staysServing(state, settings, now);
  return state.going.flatMap((instance) => {
    const stopAt = lastStop(instance, settings);
    const own = state.targets.filter((target) => target.instanceId === instance.instanceId);
    const actions: Action[] = [
      ...planDrain(instance),
      ...own.flatMap((target) => planTarget(target, stays, stopAt, now)),
      ...instance.tasks.flatMap((task) => planTask(instance, task, serviceByName.get(task.serviceName ?? ""), own, stopAt, now)),
    ];
    return [...actions, ...planCheck(instance, actions, stopAt, settings, now)];
  });
}

/** The last moment at which a task can be stopped and still get its whole stop timeout. */
function lastStop(instance: GoingInstance, settings: DrainSettings): number {
  return instance.deadline - (settings.stopTimeoutSeconds + MARGIN_SECONDS) * 1000;
}

function planDrain({ status, instanceId, containerInstanceArn }: GoingInstance): Action[] {
  if (status !== "ACTIVE") return [];
  return [{ kind: "drain", instanceId, containerInstanceArn, reason: "it is going and still ACTIVE" }];
}

const registered = (target: TargetState): boolean => !["draining", "unused", "unhealthy.draining"].includes(target.health);

/**
 * The targets that keep serving on going instances, one for each target group that has no healthy target elsewhere:
 * the last in order among the healthy ones whose instance still has time, so that two functions that look at once keep the same.
 */
function staysServing(state: ClusterState, settings: DrainSettings, now: number): Set<TargetState> {
  const stopAt = new Map(state.going.map((instance) => [instance.instanceId, lastStop(instance, settings)]));
  const draining = new Set(state.otherDraining);
  const served = new Set<string>();
  const last = new Map<string, TargetState>();
  for (const target of state.targets) {
    if (target.health !== "healthy") continue;
    const until = stopAt.get(target.instanceId);
    if (until === undefined && !draining.has(target.instanceId)) served.add(target.targetGroupArn);
    const best = last.get(target.targetGroupArn);
    const comesLater = best === undefined || best.instanceId < target.instanceId || (best.instanceId === target.instanceId && best.port < target.port);
    if ((until === undefined || now < until) && comesLater) last.set(target.targetGroupArn, target);
  }
  return new Set([...last.values()].filter((target) => !served.has(target.targetGroupArn)));
}

function planTarget(target: TargetState, stays: Set<TargetState>, stopAt: number, now: number): Action[] {
  if (!registered(target)) return [];
  const { instanceId, targetGroupArn, port } = target;
  if (stays.has(target)) {
    return [{ kind: "keep", instanceId, targetGroupArn, port, reason: "no other target is healthy" }];
  }
  const reason = now >= stopAt ? "its task is stopped now" : "others serve";
  return [{ kind: "deregister", instanceId, targetGroupArn, port, reason }];
}

function planTask(
  instance: GoingInstance,
  task: TaskState,
  service: ServiceState | undefined,
  own: readonly TargetState[],
  stopAt: number,
  now: number,
): Action[] {
  if (task.desiredStatus === "STOPPED" || task.lastStatus === "STOPPED") return [];
  const atDeadline = now >= stopAt;
  const reason = atDeadline ? "its stop timeout just fits before the end" : reasonToStop(task, service, own);
  if (reason === undefined) return [];
  return [{ kind: "stop", instanceId: instance.instanceId, taskArn: task.arn, atDeadline, reason }];
}

/** Why a task can be stopped before its deadline; undefined where it has to wait. */
function reasonToStop(task: TaskState, service: ServiceState | undefined, own: readonly TargetState[]): string | undefined {
  if (service?.schedulingStrategy === "DAEMON") return undefined;
  if (service === undefined || service.targetGroupArns.length === 0) return "it has no target: its stop timeout is its time to finish";
  const targets = own.filter((target) => service.targetGroupArns.includes(target.targetGroupArn) && task.hostPorts.includes(target.port));
  return targets.every((target) => target.health === "unused") ? "its target is drained" : undefined;
}

function planCheck(instance: GoingInstance, actions: readonly Action[], stopAt: number, settings: DrainSettings, now: number): Action[] {
  const stopping = new Set(actions.flatMap((action) => (action.kind === "stop" ? [action.taskArn] : [])));
  const waiting = instance.tasks.filter((task) => task.desiredStatus !== "STOPPED" && !stopping.has(task.arn));
  const untilStop = (stopAt - now) / 1000;
  const delaySeconds = untilStop > 0 ? Math.min(settings.checkIntervalSeconds, Math.ceil(untilStop)) : settings.checkIntervalSeconds;
  if (now + delaySeconds * 1000 >= instance.deadline) return [];
  const registersAgain = actions.some((action) => action.kind === "deregister");
  const mayGetTasks = instance.status === "ACTIVE";
  if (waiting.length === 0 && stopping.size === 0 && !registersAgain && !mayGetTasks) return [];
  const { instanceId, deadline } = instance;
  return [{ kind: "checkAgain", instanceId, deadline, delaySeconds, reason: `${waiting.length} tasks are not stopped yet` }];
}

/** Repairs what a lost event left. */
export function planSweep(state: SweepState): Action[] {
  return [
    ...state.endingButActive.map(({ instanceId, containerInstanceArn }): Action => ({
      kind: "drain",
      instanceId,
      containerInstanceArn,
      reason: "its group is ending it and it is still ACTIVE",
    })),
    ...state.emptyOrphans.map((instanceId): Action => ({ kind: "terminate", instanceId, reason: "detached, and nothing runs on it" })),
  ];
}
