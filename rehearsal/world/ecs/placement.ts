/** Where a task goes: filter by resources and constraints, then the strategies in order. */
import type { Random } from "../context";
import { canPlaceOn, type ContainerInstance } from "./containerInstance";
import type { Service } from "./service";
import type { PlacementStrategy } from "./spec";
import type { Task } from "./task";

/** ECS's default for a service without strategies: spread over zones, then the instance with the fewest of its tasks. */
const DEFAULT_STRATEGIES: readonly PlacementStrategy[] = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "spread", field: "instanceId" },
];

/** What a task needs of its instance. */
export type Needs = Pick<Task, "service" | "taskDefinition" | "capacityProvider">;

/** The instance that gets a task; undefined where none has room. */
export function place(
  needs: Needs,
  instances: Iterable<ContainerInstance>,
  random: Random,
): ContainerInstance | undefined {
  const { service } = needs;
  let candidates: ContainerInstance[] = [];
  for (const instance of instances) if (fits(needs, instance)) candidates.push(instance);
  const { placementStrategies } = service.spec;
  for (const strategy of placementStrategies.length > 0 ? placementStrategies : DEFAULT_STRATEGIES) {
    candidates = narrow(candidates, strategy, service, random);
  }
  return candidates[0];
}

function fits({ taskDefinition, capacityProvider }: Needs, instance: ContainerInstance): boolean {
  const { cpu, memoryMiB } = taskDefinition;
  return (
    canPlaceOn(instance) &&
    (capacityProvider === undefined || instance.capacityProvider === capacityProvider) &&
    instance.registeredCpu - instance.usedCpu >= cpu &&
    instance.registeredMemoryMiB - instance.usedMemoryMiB >= memoryMiB
  );
}

/** What an instance has left of `cpu` or `memory`. */
export function remaining(instance: ContainerInstance, field: string): number {
  return field.toLowerCase() === "memory"
    ? instance.registeredMemoryMiB - instance.usedMemoryMiB
    : instance.registeredCpu - instance.usedCpu;
}

/** Those with the least: of the service's own tasks, or of what is left. */
function narrow(
  candidates: ContainerInstance[],
  { type, field }: PlacementStrategy,
  { spread }: Service,
  random: Random,
): ContainerInstance[] {
  if (candidates.length <= 1) return candidates;
  if (type === "random") return [candidates[Math.floor(random() * candidates.length)]!];
  const byZone = field.includes("availability-zone");
  const score = (instance: ContainerInstance): number => {
    if (type === "binpack") return remaining(instance, field);
    return byZone ? spread.inZone(instance.ec2.availabilityZone) : spread.on(instance);
  };
  let least = Infinity;
  let best: ContainerInstance[] = [];
  for (const instance of candidates) {
    const own = score(instance);
    if (own > least) continue;
    if (own < least) best = [];
    least = own;
    best.push(instance);
  }
  return best;
}
