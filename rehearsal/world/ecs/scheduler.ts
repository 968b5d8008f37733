/** The service scheduler's arithmetic: what to stop and how much to start, within minimum and maximum percent. */
import type { Random } from "../context";
import type { Flags } from "../flags";
import { chooseForScaleIn } from "./scaleIn";
import type { Service } from "./service";
import type { Leaving } from "./standing";
import type { Task } from "./task";
import { isUnderWay, leavingByMove } from "./zoneRebalancing";

export interface Stop {
  readonly task: Task;
  readonly reason: string;
}

export interface Decision {
  readonly stop: readonly Stop[];
  readonly start: number;
}

interface Going extends Leaving {
  readonly task: Task;
}

/**
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html
 */
export function decide(service: Service, flags: Flags, random: Random): Decision {
  const { standing, desiredCount } = service;
  const going = [...standing.leaving].map(([task, leaving]): Going => ({ task, ...leaving }));
  const staying = standing.activeCount - going.length;
  const stopping = flags.maximumPercentCountsStopping ? service.tasks.size - standing.activeCount : 0;
  const notRunning = going.filter(({ task }) => task.lastStatus !== "RUNNING");
  const running = going.filter(({ task }) => task.lastStatus === "RUNNING");
  const room = service.maximumRunning - standing.activeCount - stopping;
  const stop = [
    // A task that waits or starts goes at once.
    ...notRunning,
    ...withinMinimum(
      service,
      running.filter(({ cause }) => cause !== "unhealthy"),
    ),
    ...replacedFirst(
      service,
      running.filter(({ cause }) => cause === "unhealthy"),
      { missing: desiredCount - staying, room: room + notRunning.length },
    ),
    ...surplus(service, staying - desiredCount, random),
  ];
  // What stops now counts until it is STOPPED only where stopping tasks count; what never ran is STOPPED at once.
  const freed = flags.maximumPercentCountsStopping ? notRunning.length : stop.length;
  return { stop, start: Math.max(0, Math.min(desiredCount - staying, room + freed)) };
}

/** What is too much; the replacement that moves a task between zones is none until it has done so. */
function surplus(service: Service, count: number, random: Random): Stop[] {
  if (service.move !== undefined && isUnderWay(service)) {
    return leavingByMove(service, service.move, random).map((task) => ({ task, reason: "zone rebalancing" }));
  }
  return chooseForScaleIn(service, count, random).map((task) => ({ task, reason: "scale-in" }));
}

/** Stops as many as leave the minimum healthy; what isn't healthy goes at once, since it is missed by nobody. */
function withinMinimum(service: Service, going: readonly Going[]): Going[] {
  let spare = service.standing.healthyCount - service.minimumHealthy;
  return going.filter(({ task }) => !service.isHealthy(task) || spare-- > 0);
}

/** Unhealthy tasks are replaced first where the maximum allows; else they are stopped one by one. */
function replacedFirst(
  service: Service,
  going: readonly Going[],
  { missing, room }: { readonly missing: number; readonly room: number },
): readonly Going[] {
  if (going.length === 0) return [];
  const { healthyCount, leaving } = service.standing;
  const healthyStaying = healthyCount - [...leaving.keys()].filter((task) => service.isHealthy(task)).length;
  if (healthyStaying >= service.desiredCount) return going;
  return missing > 0 && room <= 0 ? going.slice(0, 1) : [];
}
