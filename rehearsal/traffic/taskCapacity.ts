/** How many requests per second a task can work off. */
import type { ContainerProfile } from "../inputs/profile";
import type { Task } from "../world/ecs/task";

/**
 * By its concurrency, and by its share of the instance's CPU: units are shares, so a task may use what its neighbours leave
 * unplaced; what its long requests take is gone.
 */
export function capacityOf(task: Task, profile: ContainerProfile, busyUnits = 0): number {
  const byConcurrency = profile.concurrency / profile.requestSeconds;
  const { instance } = task;
  if (instance === undefined || profile.cpuSecondsPerRequest === 0) return byConcurrency;
  const share = instance.usedCpu > 0 ? task.taskDefinition.cpu / instance.usedCpu : 1;
  const units = Math.max(0, instance.registeredCpu * share - busyUnits);
  return Math.min(byConcurrency, units / 1024 / profile.cpuSecondsPerRequest);
}

/**
 * What it can work off whoever its neighbours are: no more CPU is placed on an instance than it has, so its own units are its
 * own. Nothing is sure where its long requests take some of them.
 */
export function leastCapacityOf({ taskDefinition }: Task, profile: ContainerProfile): number {
  const byConcurrency = profile.concurrency / profile.requestSeconds;
  if (profile.cpuSecondsPerRequest === 0) return byConcurrency;
  if ((profile.longRequests?.cpuUnits ?? 0) > 0) return 0;
  return Math.min(byConcurrency, taskDefinition.cpu / 1024 / profile.cpuSecondsPerRequest);
}
