/** Which tasks a service stops when it has more than it wants. */
import type { Random } from "../context";
import type { Flags } from "../flags";
import { countByProvider, fullestProvider } from "./capacityStrategy";
import { remaining } from "./placement";
import type { Service } from "./service";
import type { PlacementStrategy } from "./spec";
import { isActive, type Task } from "./task";

/** ECS's default for a service without strategies: the zone with the most tasks, then the instance there with the most. */
const DEFAULT_STRATEGIES: readonly PlacementStrategy[] = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "spread", field: "instanceId" },
];

/**
 * Protected tasks are skipped; those that don't run yet go first, then the strategies decide: spread keeps the balance,
 * binpack empties the instance with most room.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
 */
export function chooseForScaleIn(
  service: Service,
  count: number,
  { scaleInKeepsProviderRatio }: Flags,
  random: Random,
  among: (task: Task) => boolean = () => true,
): Task[] {
  if (count <= 0) return [];
  const candidates = new Set([...service.tasks].filter((task) => among(task) && canGo(service, task)));
  const chosen: Task[] = [];
  const stopped = new Map<string, number>();
  while (chosen.length < count && candidates.size > 0) {
    const all = scaleInKeepsProviderRatio ? ofFullestProvider(service, candidates, chosen) : [...candidates];
    const task = next(service, all, stopped, random);
    chosen.push(task);
    candidates.delete(task);
    for (const key of keysOf(task)) stopped.set(key, (stopped.get(key) ?? 0) + 1);
  }
  return chosen;
}

/** Those of the capacity provider that is most above its share, as far as it has any that can go. */
function ofFullestProvider({ spec, tasks }: Service, candidates: ReadonlySet<Task>, chosen: readonly Task[]): Task[] {
  const staying = [...tasks].filter((task) => isActive(task) && !chosen.includes(task));
  const fullest = fullestProvider(spec.capacityProviderStrategy, countByProvider(staying));
  const own = [...candidates].filter(({ capacityProvider }) => capacityProvider === fullest);
  return own.length > 0 ? own : [...candidates];
}

const canGo = (service: Service, task: Task): boolean =>
  isActive(task) && !service.standing.leaving.has(task) && !service.isShielded(task);

const keysOf = ({ instance }: Task): string[] =>
  instance === undefined ? [] : [instance.ec2.availabilityZone, instance.arn];

function next(service: Service, all: Task[], stopped: ReadonlyMap<string, number>, random: Random): Task {
  const notRunning = all.filter((task) => task.lastStatus !== "RUNNING");
  if (notRunning.length > 0) return notRunning[0]!;
  const { placementStrategies } = service.spec;
  let candidates = all;
  for (const strategy of placementStrategies.length > 0 ? placementStrategies : DEFAULT_STRATEGIES) {
    const scores = candidates.map((task) => score(service, task, strategy, stopped));
    const most = Math.max(...scores);
    candidates = candidates.filter((_, index) => scores[index] === most);
  }
  return candidates[Math.floor(random() * candidates.length)]!;
}

/** The most goes first; what is chosen already counts as gone. */
function score(
  { spread }: Service,
  { instance, taskDefinition }: Task,
  { type, field }: PlacementStrategy,
  stopped: ReadonlyMap<string, number>,
): number {
  if (instance === undefined || type === "random") return 0;
  const zone = instance.ec2.availabilityZone;
  if (type === "binpack") {
    const freed =
      (stopped.get(instance.arn) ?? 0) *
      (field.toLowerCase() === "memory" ? taskDefinition.memoryMiB : taskDefinition.cpu);
    return remaining(instance, field) + freed;
  }
  return field.includes("availability-zone")
    ? spread.inZone(zone) - (stopped.get(zone) ?? 0)
    : spread.on(instance) - (stopped.get(instance.arn) ?? 0);
}
