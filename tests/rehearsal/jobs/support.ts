/** A service of workers on Spot with two queues, from resources written by hand, and jobs for them. */
import type { JobArrivals } from "../../../rehearsal/inputs/jobArrivals";
import type { Market } from "../../../rehearsal/inputs/market";
import { priceTable } from "../../../rehearsal/inputs/prices";
import { type ContainerProfile, DEFAULT_PROFILE } from "../../../rehearsal/inputs/profile";
import type { JobsProfile } from "../../../rehearsal/inputs/jobsProfile";
import type { MeasuredResult } from "../../../rehearsal/measure/result";
import { runVariant, type VariantOptions, type VariantRun } from "../../../rehearsal/variant";
import type { Resource } from "../../../rehearsal/deploy/monitor";
import type { Cluster } from "../../../rehearsal/world/ecs/cluster";
import type { Service } from "../../../rehearsal/world/ecs/service";
import type { Task } from "../../../rehearsal/world/ecs/task";
import { DEFAULT_FLAGS } from "../../../rehearsal/world/flags";
import type { World } from "../../../rehearsal/world/world";
import { HOUR, MINUTE, PLACE, resource, smallStack } from "../../support/stage";

export interface WorkerShape {
  readonly instances: number;
  readonly tasks: number;
  readonly concurrency: number;
  readonly polling: "strict" | "weighted";
  readonly stopTimeoutSeconds: number;
  readonly visibilityTimeoutSeconds: number;
  readonly maxReceiveCount: number;
  readonly retentionSeconds: number;
  readonly isFifo: boolean;
  /** What the task role allows. */
  readonly actions: readonly string[];
}

const SHAPE: WorkerShape = {
  instances: 3,
  tasks: 2,
  concurrency: 1,
  polling: "strict",
  stopTimeoutSeconds: 60,
  visibilityTimeoutSeconds: 60,
  maxReceiveCount: 100,
  retentionSeconds: 345_600,
  isFifo: false,
  actions: [
    "sqs:ReceiveMessage",
    "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibility",
    "ecs:GetTaskProtection",
    "ecs:UpdateTaskProtection",
  ],
};

export function workerStack(shape: Partial<WorkerShape> = {}): Resource[] {
  const whole = { ...SHAPE, ...shape };
  const around = smallStack({ ...whole, agentDrains: true }).filter(
    ({ type, name }) => name !== "web" && type !== "aws:lb/targetGroup:TargetGroup",
  );
  const cluster = around.find(({ type }) => type === "aws:ecs/cluster:Cluster")!;
  const queues = ["high", "low"].flatMap((name) => queueOf(name, whole));
  const role = resource("aws:iam/role:Role", "mail", {});
  const statement = { Effect: "Allow", Action: whole.actions, Resource: "*" };
  const definition = resource("aws:ecs/taskDefinition:TaskDefinition", "mail", {
    containerDefinitions: JSON.stringify([containerOf(whole, queues)]),
    taskRoleArn: role.outputs.arn,
  });
  const policy = JSON.stringify({ Statement: [statement] });
  return [
    ...around,
    ...queues,
    role,
    resource("aws:iam/rolePolicy:RolePolicy", "mail", { role: role.id, policy }),
    definition,
    resource("aws:ecs/service:Service", "mail", {
      cluster: cluster.outputs.arn,
      taskDefinition: definition.outputs.arn,
      desiredCount: whole.tasks,
      availabilityZoneRebalancing: "DISABLED",
    }),
  ];
}

function queueOf(name: string, { maxReceiveCount, retentionSeconds, isFifo }: WorkerShape): Resource[] {
  const suffix = isFifo ? ".fifo" : "";
  const deadLetters = resource("aws:sqs/queue:Queue", `${name}-dlq${suffix}`, {
    fifoQueue: isFifo,
    messageRetentionSeconds: 1_209_600,
  });
  const redrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.outputs.arn, maxReceiveCount });
  const messageRetentionSeconds = retentionSeconds;
  return [
    deadLetters,
    resource("aws:sqs/queue:Queue", `${name}${suffix}`, { fifoQueue: isFifo, redrivePolicy, messageRetentionSeconds }),
  ];
}

function containerOf(shape: WorkerShape, queues: readonly Resource[]): object {
  const { concurrency, polling, stopTimeoutSeconds, visibilityTimeoutSeconds } = shape;
  const polled = queues
    .filter(({ name }) => !name.includes("-dlq"))
    .map(({ name, outputs }) => ({
      name: name.replace(".fifo", ""),
      url: outputs.url,
      weight: name.startsWith("high") ? 3 : 1,
      visibilityTimeoutSeconds,
    }));
  const environment = {
    SPOTPROOF_QUEUES: JSON.stringify(polled),
    SPOTPROOF_POLLING: polling,
    SPOTPROOF_CONCURRENCY: `${concurrency}`,
    SPOTPROOF_STOP_TIMEOUT_SECONDS: `${stopTimeoutSeconds}`,
  };
  return {
    name: "worker",
    // One fits an instance, so that each has its own.
    cpu: 1100,
    memoryReservation: 512,
    stopTimeout: stopTimeoutSeconds,
    environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
  };
}

const QUIET: Market = { source: "none", durationMs: null, events: [] };

/** So many jobs of one length, so many seconds apart. */
export const evenly = (count: number, everySeconds: number, workSeconds: number): JobArrivals => ({
  source: "test",
  durationMs: HOUR,
  arrivals: Array.from({ length: count }, (_, index) => ({
    atMs: index * everySeconds * 1000,
    workMs: workSeconds * 1000,
  })),
});

const WARM_UP = 30 * MINUTE;

/** Does something so long after the measuring has begun. */
export const at =
  (ms: number, act: (world: World) => void) =>
  (world: World): void => {
    world.clock.at(WARM_UP + ms, () => act(world));
  };

export const clusterOf = (world: World): Cluster => [...world.clusters.values()][0]!;
export const serviceOf = (world: World): Service => clusterOf(world).services.get("mail")!;
export const tasksOf = (world: World): Task[] => [...serviceOf(world).tasks];

/** StopTask of the first one. */
export const stopOne = (world: World): void =>
  clusterOf(world).life.stop(tasksOf(world)[0]!, "api", "UserInitiated", "test", undefined, "somebody");

export const loseOne = (world: World): void => world.ec2.terminate(tasksOf(world)[0]!.instance!.ec2.id, "test");

/** The causes that have repeats. */
export const repeats = ({ jobs }: MeasuredResult): Record<string, number> =>
  Object.fromEntries(Object.entries(jobs.repeatedBy).filter(([, count]) => count > 0));

export interface Scene {
  readonly shape?: Partial<WorkerShape>;
  readonly jobsProfile?: Partial<JobsProfile>;
  readonly profile?: Partial<ContainerProfile>;
}

export function rehearseWorkers({
  shape,
  jobsProfile,
  profile,
  ...options
}: Scene & Partial<Omit<VariantOptions, "profile">>): Promise<VariantRun> {
  return runVariant({
    program: "index.ts",
    resources: workerStack(shape),
    place: PLACE,
    seed: 1,
    flags: DEFAULT_FLAGS,
    faults: undefined,
    profile: { ...DEFAULT_PROFILE, ...profile, jobs: { ...DEFAULT_PROFILE.jobs, ...jobsProfile } },
    prices: priceTable(PLACE.region),
    durationMs: HOUR,
    market: () => QUIET,
    load: { source: "none", durationMs: HOUR, steps: [{ atMs: 0, requestsPerSecond: 0 }] },
    exact: false,
    sink: undefined,
    progress: () => undefined,
    ...options,
  });
}
