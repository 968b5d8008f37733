/** What judging a stack costs: in this process, and in the pack's own, where the engine sends it every resource twice. */
import { judge } from "../policies/judge";
import type { StackResource } from "../policies/stack/resource";
import { PackProcess } from "../tests/policies/support/packProcess";
import { handler, webStack } from "../tests/policies/support/stacks";
import { timed } from "./stack";

export interface PoliciesFigure {
  readonly resources: number;
  readonly ms: number;
  /** The same through the pack's process, its start left out. */
  readonly processMs: number;
}

const SIZES = [50, 500, 5000] as const;
const RUNS = 5;

export async function benchPolicies(
  print: (line: string) => void = console.log,
  sizes: readonly number[] = SIZES,
): Promise<PoliciesFigure[]> {
  const pack = await PackProcess.start();
  try {
    const figures: PoliciesFigure[] = [];
    for (const size of sizes) figures.push(await measure(pack, services(size)));
    for (const { resources, ms, processMs } of figures) {
      const each = `${((processMs / resources) * 1000).toFixed(0)} µs each`;
      print(
        `policies, ${String(resources).padStart(5)} resources  ${ms.toFixed(1).padStart(7)} ms  through the pack's process ${processMs.toFixed(0)} ms, ${each}`,
      );
    }
    return figures;
  } finally {
    pack.stop();
  }
}

async function measure(pack: PackProcess, resources: readonly StackResource[]): Promise<PoliciesFigure> {
  const { ms } = await timed(RUNS, () => Promise.resolve(judge(resources)));
  const through = await timed(RUNS, () => pack.judge(resources));
  return { resources: resources.length, ms, processMs: through.ms };
}

/** Web services, each with a cluster, a group and a function of its own, until there are enough resources. */
function services(size: number): StackResource[] {
  const resources: StackResource[] = [];
  for (let count = 0; resources.length < size; count++) {
    const { stack, group } = webStack();
    handler(stack, ["autoscaling:DetachInstances"], group.ref("arn"));
    group.set("capacityRebalance", false);
    for (const declared of stack.resources) declared.name = `${declared.name}-${count}`;
    resources.push(...stack.deployed());
  }
  return resources.slice(0, size);
}

if (require.main === module) void benchPolicies();
