/** The service scheduler's arithmetic: what to stop and how much to start, within minimum and maximum percent. */
import type { Random } from "../context";
import type { Flags } from "../flags";
import type { Deployment } from "./deployment";
import { chooseForScaleIn } from "./scaleIn";
import type { Service } from "./service";
import type { Leaving } from "./standing";
import type { StopCause, Task } from "./task";
import { isUnderWay, leavingByMove } from "./zoneRebalancing";

export interface Stop {
  readonly task: Task;
  readonly cause: StopCause;
  readonly reason: string;
}

export interface Decision {
  readonly stop: readonly Stop[];
  /** Tasks of the primary deployment. */
  readonly start: number;
  /** Tasks that come again from the revision of an older deployment. */
  readonly again: readonly Deployment[];
}

interface Going extends Leaving {
  readonly task: Task;
}

/**
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html
 */
export function decide(service: Service, flags: Flags, random: Random): Decision {
  const { standing, desiredCount, rollout } = service;
  const older = olderOnes(service);
  const going = [...standing.leaving]
    .map(([task, leaving]): Going => ({ task, ...leaving }))
    .filter((each) => !isNeededYet(each, older.missing));
  // What stays of an older deployment, a protected task for one, stays beside the new ones.
  const olderGoing = going.filter(({ task }) => rollout.isOlder(task)).length;
  const staying = standing.activeCount - going.length - (older.tasks.length - olderGoing);
  const stopping = flags.maximumPercentCountsStopping ? service.tasks.size - standing.activeCount : 0;
  const room = service.maximumRunning - standing.activeCount - stopping;
  const { stop, never } = stops(service, going, { missing: desiredCount - staying, room });
  const tooMany = surplus(service, staying - desiredCount, flags, random);
  // What stops now counts until it is STOPPED only where stopping tasks count; what never ran is STOPPED at once.
  const freed = flags.maximumPercentCountsStopping ? never : stop.length + tooMany.length;
  const again = missedOnes(service, older, stop, room + freed);
  const start = Math.max(0, Math.min(desiredCount - staying, room + freed - again.length));
  return { stop: [...stop, ...tooMany], start, again };
}

interface Older {
  /** Active tasks of older deployments. */
  readonly tasks: readonly Task[];
  /** How many tasks of the primary deployment aren't healthy yet, of those that should be. */
  readonly missing: number;
}

function olderOnes(service: Service): Older {
  const tasks = service.rollout.activeOlder();
  const healthyNew = service.standing.healthyCount - tasks.filter((task) => service.isHealthy(task)).length;
  return { tasks, missing: service.desiredCount - healthyNew };
}

/** What came again from an older revision may become healthy before it has to go. */
const isNeededYet = ({ task, cause }: Going, missing: number): boolean =>
  task.isAgain && cause === "deployment" && missing > 0 && !task.service.isHealthy(task);

/** Whom of those that have to go it is time to stop, and how many of them never ran. */
function stops(
  service: Service,
  going: readonly Going[],
  { missing, room }: { readonly missing: number; readonly room: number },
): { readonly stop: readonly Going[]; readonly never: number } {
  const notRunning = going.filter(({ task }) => task.lastStatus !== "RUNNING");
  const running = going.filter(({ task }) => task.lastStatus === "RUNNING");
  // An unhealthy task of an older deployment is missed by nobody, and comes again from its own revision.
  const isReplacedFirst = ({ task, cause }: Going): boolean => cause === "unhealthy" && !service.rollout.isOlder(task);
  const stop = [
    // A task that waits or starts goes at once.
    ...notRunning,
    ...withinMinimum(
      service,
      running.filter((each) => !isReplacedFirst(each)),
    ),
    ...replacedFirst(service, running.filter(isReplacedFirst), { missing, room: room + notRunning.length }),
  ];
  return { stop, never: notRunning.length };
}

/**
 * The older deployments whose lost tasks are missed: those that the primary deployment's healthy ones don't stand in for yet.
 * Each comes again from its own revision, so that a deployment that fails doesn't take the old tasks with it.
 */
function missedOnes({ rollout }: Service, older: Older, stop: readonly Stop[], room: number): Deployment[] {
  if (rollout.older.length === 0) return [];
  const missed = rollout.older.flatMap((each) => Array.from({ length: each.lost }, () => each));
  const staying = older.tasks.length - stop.filter(({ task }) => rollout.isOlder(task)).length;
  return missed.slice(0, Math.max(0, Math.min(older.missing - staying, room)));
}

/** What is too much; the replacement that moves a task between zones is none until it has done so. */
function surplus(service: Service, count: number, flags: Flags, random: Random): Stop[] {
  if (service.move !== undefined && isUnderWay(service)) {
    const leaving = leavingByMove(service, service.move, flags, random);
    return leaving.map((task) => ({ task, cause: "zoneRebalancing", reason: "zone rebalancing" }));
  }
  return chooseForScaleIn(service, count, flags, random).map((task) => ({
    task,
    cause: "scaleIn",
    reason: "scale-in",
  }));
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
