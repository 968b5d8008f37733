/** Where a task goes: filter by resources and constraints, then the strategies in order. */
import { canPlaceOn, type ContainerInstance } from "./containerInstance";
import type { Service } from "./service";
import type { PlacementStrategy } from "./spec";

/** ECS's default for a service without strategies: spread over zones, then the instance with the fewest of its tasks. */
const DEFAULT_STRATEGIES: readonly PlacementStrategy[] = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "spread", field: "instanceId" },
];

/** The instance that gets the service's next task; undefined where none has room. */
export function place(service: Service, instances: Iterable<ContainerInstance>): ContainerInstance | undefined {
  const { cpu, memoryMiB } = service.spec.taskDefinition;
  let candidates: ContainerInstance[] = [];
  for (const instance of instances) {
    if (!canPlaceOn(instance)) continue;
    if (service.spec.capacityProvider !== undefined && instance.capacityProvider !== service.spec.capacityProvider)
      continue;
    if (
      instance.registeredCpu - instance.usedCpu < cpu ||
      instance.registeredMemoryMiB - instance.usedMemoryMiB < memoryMiB
    )
      continue;
    candidates.push(instance);
  }
  if (candidates.length <= 1) return candidates[0];
  const strategies =
    service.spec.placementStrategies.length > 0 ? service.spec.placementStrategies : DEFAULT_STRATEGIES;
  const tasksAt = countTasks(service);
  for (const strategy of strategies) candidates = narrow(candidates, strategy, tasksAt);
  return candidates[0];
}

interface TaskCounts {
  readonly zones: ReadonlyMap<string, number>;
  readonly instances: ReadonlyMap<ContainerInstance, number>;
}

/** Spread counts the service's own tasks. */
function countTasks(service: Service): TaskCounts {
  const zones = new Map<string, number>();
  const instances = new Map<ContainerInstance, number>();
  for (const task of service.tasks) {
    if (task.instance === undefined || task.desiredStatus === "STOPPED") continue;
    const zone = task.instance.ec2.availabilityZone;
    zones.set(zone, (zones.get(zone) ?? 0) + 1);
    instances.set(task.instance, (instances.get(task.instance) ?? 0) + 1);
  }
  return { zones, instances };
}

function narrow(candidates: ContainerInstance[], strategy: PlacementStrategy, counts: TaskCounts): ContainerInstance[] {
  const score = (instance: ContainerInstance): number => {
    switch (strategy.type) {
      case "spread":
        return strategy.field.includes("availability-zone")
          ? (counts.zones.get(instance.ec2.availabilityZone) ?? 0)
          : (counts.instances.get(instance) ?? 0);
      case "binpack":
        return strategy.field.toLowerCase() === "memory"
          ? instance.registeredMemoryMiB - instance.usedMemoryMiB
          : instance.registeredCpu - instance.usedCpu;
      case "random":
        return 0;
    }
  };
  const scores = candidates.map(score);
  const least = Math.min(...scores);
  return candidates.filter((_, index) => scores[index] === least);
}
