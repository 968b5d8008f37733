/** Every service of a program that takes jobs from queues, with the queues that it takes them from. */
import type { JobsProfile } from "../inputs/jobsProfile";
import type { ServicePromise } from "../laws/promises";
import type { ContainerWorkload } from "../traffic/workload";
import type { Queue } from "../world/sqs/queue";
import type { World } from "../world/world";
import type { JobLedger } from "./ledger";
import { Workers } from "./workers";
import { queuesOf } from "./workerSettings";

export interface RunWorkersOptions {
  readonly world: World;
  readonly promises: readonly ServicePromise[];
  readonly workload: ContainerWorkload;
  readonly profile: JobsProfile;
  readonly ledger: JobLedger;
}

export interface RunningWorkers {
  readonly workers: readonly ServicePromise[];
  /** By the workers' name for them. */
  readonly queues: ReadonlyMap<string, Queue>;
}

/** Jobs of one queue may be done by several services; a queue that is declared nowhere gets none. */
export function runWorkers({ world, promises, workload, profile, ledger }: RunWorkersOptions): RunningWorkers {
  const queues = new Map<string, Queue>();
  const workers = promises.filter(({ service }) => queuesOf(service.spec.taskDefinition).length > 0);
  const running = workers.map((each) => new Workers({ ...each, world, workload, profile, ledger }));
  world.taskUtilization = (task) => running.find(({ service }) => service === task.service)?.cpuPercentOf(task);
  for (const { service } of workers) {
    for (const { name, url } of queuesOf(service.spec.taskDefinition)) {
      const queue = world.queues.get(url);
      if (queue !== undefined) queues.set(name, queue);
    }
  }
  for (const queue of new Set(queues.values())) ledger.watch(queue);
  return { workers, queues };
}
