/** In what tasks and instances are counted when the fewest instances for some tasks are looked for. */
import { registered } from "../world/ecs/containerInstance";
import type { InstanceFacts } from "../world/ecs/cluster";
import type { TaskDefinitionSpec } from "../world/ecs/spec";

type Needs = Pick<TaskDefinitionSpec, "cpu" | "memoryMiB">;

export interface Unit {
  /** Whether a unit is a task. */
  readonly isWhole: boolean;
  /** How many units a task takes. */
  ofTask(task: Needs): number;
  /** How many units an instance of a type holds at most. */
  ofInstance(instanceType: string): number;
}

/** Tasks that reserve nothing fit without end; so many are as good. */
const MANY = 1_000_000;

/** Where all tasks are alike, tasks; else CPU units and MiB, each by itself a bound. */
export function unitsFor(tasks: readonly Needs[], facts: InstanceFacts): Unit[] {
  const [first] = tasks;
  if (first === undefined) return [];
  const sizeOf = (instanceType: string): Needs => registered(facts(instanceType));
  if (tasks.every(({ cpu, memoryMiB }) => cpu === first.cpu && memoryMiB === first.memoryMiB)) {
    const fit = ({ cpu, memoryMiB }: Needs): number => Math.min(MANY, cpu / first.cpu, memoryMiB / first.memoryMiB);
    return [{ isWhole: true, ofTask: () => 1, ofInstance: (instanceType) => Math.floor(fit(sizeOf(instanceType))) }];
  }
  return (["cpu", "memoryMiB"] as const).map((resource) => ({
    isWhole: false,
    ofTask: (task) => task[resource],
    ofInstance: (instanceType) => sizeOf(instanceType)[resource],
  }));
}
