/** The services of a tier: which queues each takes from, and how many tasks it may have. */
import { WORKER_SCALING_DEFAULTS as DEFAULTS, type WorkerScaling } from "../scaling/workerScalingArgs";
import type { PolledQueue } from "./workerService";

export const WORKER_SERVICES = ["one", "perQueue"] as const;
export type WorkerServices = (typeof WORKER_SERVICES)[number];

export type BoundedScaling = WorkerScaling & { readonly minCount: number; readonly maxCount: number };

export interface PlannedService {
  readonly name: string;
  /** The queue's name, where it has a service of its own; else the tier's. */
  readonly key: string;
  /** In order of priority. */
  readonly queues: readonly PolledQueue[];
  readonly scaling: BoundedScaling;
}

/** With a service for each queue, each gets its share of the tier's tasks by weight, rounded up, so that none has none. */
export function planServices(
  name: string,
  queues: readonly PolledQueue[],
  services: WorkerServices,
  given: WorkerScaling = {},
): PlannedService[] {
  const { minCount = DEFAULTS.minCount, maxCount = DEFAULTS.maxCount } = given;
  const scaling = { ...given, minCount, maxCount };
  if (services === "one") return [{ name, key: name, queues, scaling }];
  const sum = queues.reduce((total, { args }) => total + args.weight, 0);
  return queues.map((queue) => {
    const { name: key, weight } = queue.args;
    return { name: `${name}-${key}`, key, queues: [queue], scaling: share(scaling, weight / sum) };
  });
}

function share(scaling: BoundedScaling, part: number): BoundedScaling {
  const of = (count: number): number => Math.ceil(count * part);
  const ofSchedule = (count: number | undefined) => (count === undefined ? undefined : of(count));
  return {
    ...scaling,
    minCount: of(scaling.minCount),
    maxCount: of(scaling.maxCount),
    schedules: scaling.schedules?.map((schedule) => ({
      ...schedule,
      minCount: ofSchedule(schedule.minCount),
      maxCount: ofSchedule(schedule.maxCount),
    })),
  };
}
