/** What a plan of moves costs as the cluster grows. */
import { cpuTimes, warmMedian } from "./cpu";
import { planMoves } from "../functions/rebalance/plan";
import type { ClusterState, InstanceRoom, PlacedService } from "../functions/rebalance/state";

const RUNS = 30;
const TASKS_PER_INSTANCE = 10;
const SERVICES = 5;
const ZONES = ["a", "b", "c"];
const TASK = { cpu: 128, memoryMiB: 256 };
const EVENNESS = { mostApartPercent: 35, mostMoves: 10 };

/** Full instances, and a tenth that have just come. */
function clusterOf(count: number): ClusterState {
  const full = Math.ceil(count * 0.9);
  const instances = Array.from({ length: count }, (_, index): InstanceRoom => {
    const tasks = index < full ? TASKS_PER_INSTANCE : 0;
    return {
      arn: `i${index}`,
      zone: ZONES[index % ZONES.length]!,
      registered: { cpu: 2048, memoryMiB: 7680 },
      reserved: { cpu: tasks * TASK.cpu, memoryMiB: tasks * TASK.memoryMiB },
    };
  });
  const services = Array.from({ length: SERVICES }, (_, service): PlacedService => ({
    name: `s${service}`,
    reservation: TASK,
    tasks: Array.from({ length: (full * TASKS_PER_INSTANCE) / SERVICES }, (_, index) => {
      return { arn: `s${service}-${index}`, instanceArn: `i${index % full}`, isMovable: true };
    }),
    isOnePerInstance: false,
    allowedInstances: undefined,
    surgeRoom: EVENNESS.mostMoves,
    staysBecause: undefined,
  }));
  return { instances, services };
}

export async function benchRebalance(print: (line: string) => void): Promise<void> {
  for (const count of [10, 100, 1000]) {
    const state = clusterOf(count);
    const tasks = state.services.reduce((sum, service) => sum + service.tasks.length, 0);
    const moves = planMoves(state, EVENNESS).moves.length;
    const ms = warmMedian(await cpuTimes(RUNS, () => planMoves(state, EVENNESS)));
    print(`rebalance, ${count} instances, ${tasks} tasks: ${ms.toFixed(1)} ms CPU for a plan of ${moves} moves`);
  }
}
