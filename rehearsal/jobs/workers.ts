/** The tasks of a service that takes jobs from queues: a consumer starts with each, and ends with it. */
import type { JobsProfile } from "../inputs/jobsProfile";
import type { ContainerWorkload } from "../traffic/workload";
import { ProtectedTasks } from "../traffic/protectedTasks";
import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { Exit, Task } from "../world/ecs/task";
import type { World } from "../world/world";
import type { WorkerEnd } from "./job";
import type { JobLedger } from "./ledger";
import { WorkerProcess } from "./workerProcess";

export interface WorkersOptions {
  readonly world: World;
  readonly cluster: Cluster;
  readonly service: Service;
  readonly workload: ContainerWorkload;
  readonly profile: JobsProfile;
  readonly ledger: JobLedger;
}

const WORKER_END: Readonly<Record<Exit, WorkerEnd>> = {
  // Whoever gave back what it had in hand has nothing left that could end so.
  finished: "diedOnSigterm",
  killed: "workerKilled",
  hostLost: "hostLost",
};

export class Workers {
  private readonly running = new Map<Task, WorkerProcess>();
  private readonly protectedTasks: ProtectedTasks;

  constructor(private readonly options: WorkersOptions) {
    const { world, cluster, service, workload, profile } = options;
    this.protectedTasks = new ProtectedTasks({ context: world.context, cluster, service });
    workload.addWorkers((task) => (task.service === service ? profile.onSigterm : undefined));
    for (const task of service.tasks) if (task.process === "serving") this.start(task);
    cluster.life.serving.subscribe((task) => this.start(task));
    cluster.life.signalled.subscribe(({ task }) => this.onSigterm(task));
    cluster.life.exited.subscribe(({ task, exit }) => this.onExit(task, exit));
  }

  get service(): Service {
    return this.options.service;
  }

  /** Percent of its CPU that a task uses at the moment; undefined where its container isn't there. */
  cpuPercentOf(task: Task): number | undefined {
    const worker = this.running.get(task);
    return worker === undefined ? undefined : worker.busyShare * this.options.profile.cpuPercent;
  }

  private start(task: Task): void {
    const { service, world } = this.options;
    if (task.service !== service) return;
    const worker = new WorkerProcess({ ...this.options, task, protect: () => this.protectedTasks.begin(task) });
    this.running.set(task, worker);
    worker.start();
    world.clock.handlersWoken = true;
  }

  private onSigterm(task: Task): void {
    const { cluster, profile, world } = this.options;
    const worker = this.running.get(task);
    if (worker === undefined || profile.onSigterm !== "finish") return;
    void worker.stop().then(() => cluster.life.exit(task));
    world.clock.handlersWoken = true;
  }

  private onExit(task: Task, exit: Exit): void {
    const worker = this.running.get(task);
    if (worker === undefined) return;
    this.running.delete(task);
    worker.end();
    this.options.ledger.workerEnded(task.arn, WORKER_END[exit]);
  }
}
