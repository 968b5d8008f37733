/** States of a service for tests of the plans, and arbitraries of them. */
import fc from "fast-check";
import type { RetireState, ServiceState, TaskState } from "../../../functions/retire/state";
import { GROUP, NOW, S } from "../scaleIn/fakeAws";

interface Sketch {
  readonly instance?: string;
  readonly zone?: string;
  /** When its protection ends; 0 for none. */
  readonly until?: number | undefined;
  readonly markedAt?: number | undefined;
  /** Undefined where the target is not registered. */
  readonly health?: string | undefined;
}

export function task(arn: string, sketch: Sketch = {}): TaskState {
  const { instance = `on-${arn}`, zone = "z1" } = sketch;
  const health = "health" in sketch ? sketch.health : "healthy";
  return {
    arn,
    lastStatus: "RUNNING",
    zone,
    instanceArn: instance,
    targets: [{ targetGroupArn: GROUP, instanceId: instance, port: 32768, health }],
    protectedUntil: "until" in sketch ? sketch.until : 0,
    markedAt: sketch.markedAt,
  };
}

/** Tasks on instances of their own, by turns in three zones. */
export const balanced = (count: number): TaskState[] =>
  Array.from({ length: count }, (_, n) => task(`t${String(n).padStart(3, "0")}`, { zone: `z${n % 3}` }));

export const service = (desiredCount: number, more: Partial<ServiceState> = {}): ServiceState => ({
  desiredCount,
  runningCount: desiredCount,
  pendingCount: 0,
  isDeploying: false,
  ...more,
});

/** A steady service of the tasks, on ACTIVE instances, looked at seven seconds ago. */
export function stateOf(tasks: readonly TaskState[], more: Partial<ServiceState> = {}): RetireState {
  const arns = new Set(tasks.flatMap((each) => each.instanceArn ?? []));
  const instances = [...arns].map((arn) => {
    const taskCount = tasks.filter((each) => each.instanceArn === arn).length;
    return [arn, { arn, status: "ACTIVE", taskCount }] as const;
  });
  return { service: service(tasks.length, more), tasks, instances: new Map(instances), outAt: NOW - 7 * S };
}

export function zonesApart(tasks: readonly TaskState[], zones: ReadonlySet<string>): number {
  const counts = [...zones].map((zone) => tasks.filter((each) => each.zone === zone).length);
  return zones.size === 0 ? 0 : Math.max(...counts) - Math.min(...counts);
}

const HEALTH = ["healthy", "initial", "draining", "unused", "unhealthy", undefined];

const sketch = fc.record({
  instance: fc.constantFrom("i1", "i2", "i3", "i4"),
  zone: fc.constantFrom("z1", "z2", "z3"),
  until: fc.constantFrom(0, 0, 0, NOW + 30 * S, NOW + 150 * S, NOW + 3600 * S, undefined),
});

/** Tasks of which few are marked, all healthy. */
export const taskList = fc
  .array(fc.tuple(sketch, fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 24 })
  .map((sketches) =>
    sketches.map(([each, dice], n) => task(`t${n}`, { ...each, markedAt: dice === 0 ? NOW - 5 * S : undefined })),
  );

/** Tasks of which many are marked, at any moment of their retirement. */
export const retiringList = fc
  .array(
    fc.tuple(
      sketch,
      fc.constantFrom(undefined, undefined, NOW, NOW - 5 * S, NOW - 20 * S, NOW - 60 * S, NOW - 600 * S),
      fc.constantFrom(...HEALTH),
    ),
    { minLength: 1, maxLength: 12 },
  )
  .map((sketches) =>
    sketches.map(([each, markedAt, health], n) =>
      task(`t${n}`, { ...each, markedAt, health: markedAt === undefined ? "healthy" : health }),
    ),
  );
