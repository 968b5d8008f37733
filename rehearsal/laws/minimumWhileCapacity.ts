import { Owed, TASK_START_MS } from "../measure/owed";
import type { Cluster } from "../world/ecs/cluster";
import { canPlaceOn } from "../world/ecs/containerInstance";
import type { Service } from "../world/ecs/service";
import type { Task } from "../world/ecs/task";
import type { World } from "../world/world";
import type { Law } from "./law";
import type { ServicePromise } from "./promises";

const LOOK_EVERY_MS = 15_000;
const ASKED_AT_A_LOOK = 20;

export const minimumWhileCapacity: Law = {
  name: "running never stays below the minimum while there is capacity",
  watch: (world, promises, report) => {
    for (const promise of promises) watchOne(world, promise, (message) => report(promise.service.spec.name, message));
  },
};

function watchOne(world: World, { cluster, service }: ServicePromise, report: (message: string) => void): void {
  let since: number | undefined;
  const serving = watchServing(cluster, service);
  const owed = new Owed(world, cluster, service);
  world.clock.every(world.clock.now + LOOK_EVERY_MS, LOOK_EVERY_MS, () => {
    const running = serving();
    // What was just added to the desired count has its own time to start.
    const promised = Math.ceil((owed.count * service.spec.minimumHealthyPercent) / 100);
    const minimum = promised - believed(service);
    if (running >= minimum || !hasRoomFor(minimum - running)) {
      since = undefined;
      return;
    }
    since ??= world.clock.now;
    if (world.clock.now - since < TASK_START_MS) return;
    report(
      `${running} tasks run where ${promised} are promised, and there has been room for ${TASK_START_MS / 1000} s`,
    );
    since = undefined;
  });

  function hasRoomFor(count: number): boolean {
    const { cpu, memoryMiB } = service.taskDefinition;
    const providers = new Set([...service.waiting].map(({ capacityProvider }) => capacityProvider));
    const isFor = (provider: string | undefined): boolean =>
      providers.size === 0 || providers.has(undefined) || providers.has(provider);
    let room = 0;
    for (const instance of cluster.instances.values()) {
      if (!canPlaceOn(instance) || !isFor(instance.capacityProvider)) continue;
      const byCpu = cpu === 0 ? count : Math.floor((instance.registeredCpu - instance.usedCpu) / cpu);
      const byMemory =
        memoryMiB === 0 ? count : Math.floor((instance.registeredMemoryMiB - instance.usedMemoryMiB) / memoryMiB);
      room += Math.min(byCpu, byMemory);
    }
    return room >= count;
  }
}

/**
 * Tasks of an instance that went without a word and that ECS takes for running, until it finds out: it replaces none before. Those of
 * a service behind a load balancer fail their health checks long before that.
 */
function believed({ spec, tasks }: Service): number {
  if (spec.loadBalancers.length > 0) return 0;
  const isBelieved = ({ lastStatus, instance }: Task): boolean =>
    lastStatus === "RUNNING" && instance?.ec2.endedAt !== undefined;
  return [...tasks].filter(isBelieved).length;
}

/** How many tasks serve: each is asked when the world says that it changed, and a few more at every look, in turn. */
function watchServing({ life }: Cluster, service: Service): () => number {
  const serving = new Set<Task>();
  const ask = (task: Task): void => {
    serving.delete(task);
    if (task.service === service && task.process === "serving") serving.add(task);
  };
  service.tasks.forEach(ask);
  life.serving.subscribe(ask);
  life.signalled.subscribe(({ task }) => ask(task));
  life.exited.subscribe(({ task }) => ask(task));
  return () => {
    let asked = 0;
    for (const task of serving) {
      if (asked++ === ASKED_AT_A_LOOK) break;
      ask(task);
    }
    return serving.size;
  };
}
