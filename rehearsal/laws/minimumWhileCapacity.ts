import { canPlaceOn } from "../world/ecs/containerInstance";
import type { World } from "../world/world";
import type { Law } from "./law";
import type { ServicePromise } from "./promises";

/** How long tasks may take to start and to become healthy where there is room for them. */
const START_MS = 120_000;
const LOOK_EVERY_MS = 15_000;

export const minimumWhileCapacity: Law = {
  name: "running never stays below the minimum while there is capacity",
  watch: (world, promises, report) => {
    for (const promise of promises) watchOne(world, promise, (message) => report(promise.service.spec.name, message));
  },
};

function watchOne(world: World, { cluster, service }: ServicePromise, report: (message: string) => void): void {
  let since: number | undefined;
  world.clock.every(world.clock.now + LOOK_EVERY_MS, LOOK_EVERY_MS, () => {
    const running = [...service.tasks].filter((task) => task.process === "serving").length;
    if (running >= service.minimumHealthy || !hasRoomFor(service.minimumHealthy - running)) {
      since = undefined;
      return;
    }
    since ??= world.clock.now;
    if (world.clock.now - since < START_MS) return;
    report(
      `${running} tasks run where ${service.minimumHealthy} are promised, and there has been room for ${START_MS / 1000} s`,
    );
    since = undefined;
  });

  function hasRoomFor(count: number): boolean {
    const { cpu, memoryMiB } = service.spec.taskDefinition;
    let room = 0;
    for (const instance of cluster.instances.values()) {
      if (!canPlaceOn(instance)) continue;
      const byCpu = cpu === 0 ? count : Math.floor((instance.registeredCpu - instance.usedCpu) / cpu);
      const byMemory =
        memoryMiB === 0 ? count : Math.floor((instance.registeredMemoryMiB - instance.usedMemoryMiB) / memoryMiB);
      room += Math.min(byCpu, byMemory);
    }
    return room >= count;
  }
}
