/** Who gets requests now, and how many each can take. */
import type { ContainerProfile } from "../inputs/profile";
import type { Cluster } from "../world/ecs/cluster";
import type { Task } from "../world/ecs/task";
import type { TargetGroup } from "../world/elb/targetGroup";

export interface Route {
  /** Undefined where nobody is behind the target any more. */
  readonly task: Task | undefined;
  readonly answers: boolean;
  /** Its instance was taken back without a notice. */
  readonly lostWithoutNotice: boolean;
  /** Requests per second that it can work off. */
  readonly capacityPerSecond: number;
}

/** The balancer spreads requests evenly over these. */
export function routes(
  targetGroup: TargetGroup,
  cluster: Cluster,
  profile: ContainerProfile,
  lostWithoutNotice: ReadonlySet<string>,
): Route[] {
  return targetGroup.routed().map(({ instanceId, port }) => {
    const task = cluster.life.behind(instanceId, port);
    const answers = task !== undefined && cluster.life.answers(task);
    return {
      task,
      answers,
      lostWithoutNotice: lostWithoutNotice.has(instanceId),
      capacityPerSecond: answers ? capacityOf(task, profile) : 0,
    };
  });
}

/** By its concurrency, and by its share of the instance's CPU: units are shares, so a task may use what its neighbours leave unplaced. */
function capacityOf(task: Task, profile: ContainerProfile): number {
  const byConcurrency = profile.concurrency / profile.requestSeconds;
  const { instance } = task;
  if (instance === undefined || profile.cpuSecondsPerRequest === 0) return byConcurrency;
  const share = instance.usedCpu > 0 ? task.taskDefinition.cpu / instance.usedCpu : 1;
  return Math.min(byConcurrency, ((instance.registeredCpu / 1024) * share) / profile.cpuSecondsPerRequest);
}
