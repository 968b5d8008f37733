/** How many requests per second a task can work off. */
import type { ContainerProfile } from "../inputs/profile";
import type { Task } from "../world/ecs/task";

/** By its concurrency, and by its share of the instance's CPU: units are shares, so a task may use what its neighbours leave unplaced. */
export function capacityOf(task: Task, profile: ContainerProfile): number {
  const byConcurrency = profile.concurrency / profile.requestSeconds;
  const { instance } = task;
  if (instance === undefined || profile.cpuSecondsPerRequest === 0) return byConcurrency;
  const share = instance.usedCpu > 0 ? task.taskDefinition.cpu / instance.usedCpu : 1;
  return Math.min(byConcurrency, ((instance.registeredCpu / 1024) * share) / profile.cpuSecondsPerRequest);
}

/** What it can work off whoever its neighbours are: no more CPU is placed on an instance than it has, so its own units are its own. */
export function leastCapacityOf({ taskDefinition }: Task, profile: ContainerProfile): number {
  const byConcurrency = profile.concurrency / profile.requestSeconds;
  if (profile.cpuSecondsPerRequest === 0) return byConcurrency;
  return Math.min(byConcurrency, taskDefinition.cpu / 1024 / profile.cpuSecondsPerRequest);
}
