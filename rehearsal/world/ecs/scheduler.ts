/** The service scheduler's arithmetic: what to stop and how much to start, within minimum and maximum percent. */
import type { Flags } from "../flags";
import type { Service } from "./service";
import { isActive, type Task } from "./task";

export interface Decision {
  readonly stop: readonly { readonly task: Task; readonly reason: string }[];
  readonly start: number;
}

/** Why a task has to go: its instance drains, its deployment is over, or its target is unhealthy. */
function leavingReason(service: Service, task: Task, now: number): string | undefined {
  if (task.instance?.status === "DRAINING") return "its container instance is DRAINING";
  if (task.deployment < service.deployment) return "a newer deployment replaces it";
  if (isUnhealthy(service, task, now)) return "its target is unhealthy";
  return undefined;
}

/** Failed at the balancer after the grace period. */
function isUnhealthy(service: Service, task: Task, now: number): boolean {
  if (task.lastStatus !== "RUNNING" || task.instance === undefined) return false;
  if (now - task.runningAt! < service.spec.healthCheckGracePeriodSeconds * 1000) return false;
  const instanceId = task.instance.ec2.id;
  return service
    .targetsOf(task)
    .some(({ targetGroup, port }) => targetGroup.targets.get(`${instanceId}:${port}`)?.health === "unhealthy");
}

export function decide(service: Service, flags: Flags, now: number): Decision {
  const active = [...service.tasks].filter(isActive);
  const leaving: { task: Task; reason: string }[] = [];
  const staying: Task[] = [];
  for (const task of active) {
    const reason = isProtected(task, now, flags) ? undefined : leavingReason(service, task, now);
    if (reason === undefined) staying.push(task);
    else leaving.push({ task, reason });
  }
  const stopNow = leaving.filter(({ task }) => task.lastStatus !== "RUNNING");
  const stopWithin = withinMinimum(
    service,
    active,
    leaving.filter(({ task }) => task.lastStatus === "RUNNING"),
  );
  const excess = Math.max(0, staying.length - service.desiredCount);
  const scaleIn = staying
    .filter((task) => !isShielded(task, now))
    .sort(
      (a, b) =>
        Number(a.lastStatus === "RUNNING") - Number(b.lastStatus === "RUNNING") || tasksBeside(b) - tasksBeside(a),
    )
    .slice(0, excess)
    .map((task) => ({ task, reason: "scale-in" }));
  const stopping = flags.maximumPercentCountsStopping ? service.tasks.size - active.length : 0;
  const room = service.maximumRunning - (active.length - stopNow.length) - stopping;
  return {
    stop: [...stopNow, ...stopWithin, ...scaleIn],
    start: Math.max(0, Math.min(service.desiredCount - staying.length, room)),
  };
}

/** Stops as many as leave the minimum healthy, the unhealthy ones first. */
function withinMinimum(
  service: Service,
  active: readonly Task[],
  leaving: { task: Task; reason: string }[],
): { task: Task; reason: string }[] {
  let spare = active.filter((task) => service.isHealthy(task)).length - service.minimumHealthy;
  return leaving
    .map((each) => ({ ...each, healthy: service.isHealthy(each.task) }))
    .sort((a, b) => Number(a.healthy) - Number(b.healthy))
    .filter(({ healthy }) => !healthy || spare-- > 0);
}

const tasksBeside = (task: Task): number => task.instance?.tasks.size ?? 0;

/** Scale-in protection holds against scale-in and deployments. */
const isShielded = (task: Task, now: number): boolean => (task.protectedUntil ?? 0) > now;

/** Whether it holds against draining too is one of AWS's open questions. */
function isProtected(task: Task, now: number, flags: Flags): boolean {
  if (!isShielded(task, now)) return false;
  return task.instance?.status === "DRAINING" ? flags.protectionBlocksDrain : true;
}
