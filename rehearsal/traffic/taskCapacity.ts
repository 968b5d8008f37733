/** How many requests per second a task can work off. */
import type { ContainerProfile } from "../inputs/profile";
import type { Task } from "../world/ecs/task";

/** CPU units that it may use: units are shares, so it may have what its neighbours leave unplaced. */
export function unitsOf({ instance, taskDefinition }: Task): number {
  if (instance === undefined) return Infinity;
  const share = instance.usedCpu > 0 ? taskDefinition.cpu / instance.usedCpu : 1;
  return instance.registeredCpu * share;
}

/** By its concurrency, and by the CPU that its long requests leave, which is never less than one more's equal share. */
export function capacityOf(task: Task, profile: ContainerProfile, busyUnits = 0): number {
  const byConcurrency = profile.concurrency / profile.requestSeconds;
  if (profile.cpuSecondsPerRequest === 0) return byConcurrency;
  const open = busyUnits === 0 ? 0 : busyUnits / profile.longRequests!.cpuUnits!;
  const units = unitsOf(task);
  const left = Math.max(units - busyUnits, units / (open + 1));
  return Math.min(byConcurrency, left / 1024 / profile.cpuSecondsPerRequest);
}

/**
 * What it can work off whoever its neighbours are: no more CPU is placed on an instance than it has, so its own units are its
 * own. Nothing is sure where its long requests take some of them.
 */
export function leastCapacityOf({ taskDefinition }: Pick<Task, "taskDefinition">, profile: ContainerProfile): number {
  const byConcurrency = profile.concurrency / profile.requestSeconds;
  if (profile.cpuSecondsPerRequest === 0) return byConcurrency;
  if ((profile.longRequests?.cpuUnits ?? 0) > 0) return 0;
  return Math.min(byConcurrency, taskDefinition.cpu / 1024 / profile.cpuSecondsPerRequest);
}
