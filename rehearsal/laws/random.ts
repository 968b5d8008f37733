/** Random rehearsals in which the laws have to hold: a stack, a market and faults drawn from one seed. */
import path from "node:path";
import type { Resource } from "../deploy/monitor";
import { declareProgram } from "../deploy/program";
import { configUnder, readStackConfig } from "../deploy/stackConfig";
import { generateMarket } from "../inputs/generator";
import { generateJobs, type JobShape } from "../inputs/jobGenerator";
import { generateLoad } from "../inputs/load";
import { withOutages, type Outage } from "../inputs/outages";
import { priceTable } from "../inputs/prices";
import { changedProfile, DEFAULT_PROFILE, type ProfileChanges } from "../inputs/profile";
import { randomStream } from "../inputs/random";
import type { BrokenLaw } from "../measure/result";
import { ACCOUNT } from "../rehearse";
import { runVariant, WARM_UP_MS, type PlannedDeployment, type VariantRun } from "../variant";
import { calmFaults, calmLoad, calmMarket, breachesOfQuiet, lastRefreshAt, lastWorkAt, watchChanges } from "./calm";
import { Cluster } from "../world/ecs/cluster";
import { BAD_DAY } from "../world/faults";
import { DEFAULT_FLAGS, OTHER_ANSWERS } from "../world/flags";
import type { LogSink } from "../world/log";
import type { World } from "../world/world";

const HOUR_MS = 3_600_000;
/** Everything goes wrong, and then nothing any more: so long after the last disturbance nobody acts. */
const STORM_MS = 4 * HOUR_MS;
const CALM_MS = 2.5 * HOUR_MS;
const QUIET_AFTER_MS = 2 * HOUR_MS;
const QUIET_AFTER_REFRESH_MS = 0.2 * HOUR_MS;
const REGION = "eu-west-1";
const ROOT = path.join(__dirname, "../..");

/** Scales out with the load's noise, and in by the function. */
const SCALING = {
  desiredCount: 0,
  scaling: {
    minCount: 2,
    maxCount: 14,
    scaleOut: [{ metric: "requestsPerTarget", atLeast: 300, add: 2 }],
    scaleIn: { tiersPer: "target", tiers: [{ below: 200, remove: 2 }] },
  },
};

/** A program, and configuration over its production stack's. */
interface Shape {
  /** Where it is, from the root. */
  readonly folder: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Its window is from 1½ to 5½ hours after the beginning. */
const web = (config: Shape["config"]): Shape => ({ folder: ".", config: { refresh: "auto", ...config } });

const WORKERS = "examples/web-and-workers";
const workers = (config: Shape["config"]): Shape => ({
  folder: WORKERS,
  config: { webCount: 2, acceptableLatencySeconds: 600, scaling: { minCount: 0, maxCount: 8 }, ...config },
});

/** The shapes of stack that seeds choose from. */
const SHAPES: readonly Shape[] = [
  web({}),
  web({ replacement: "capacityRebalancing" }),
  web({ minSize: 2, maxSize: 6, onDemandBaseCapacity: 0, desiredCount: 4, cpu: 256, memoryReservationMiB: 256 }),
  web({ minSize: 6, maxSize: 20, desiredCount: 20, onDemandBaseCapacity: 0 }),
  web({ desiredCount: 1, minSize: 2, onDemandBaseCapacity: 0 }),
  web({ stopTimeoutSeconds: 20, deregistrationDelaySeconds: 15, minimumHealthyPercent: 100, desiredCount: 8 }),
  web({
    stopTimeoutSeconds: 90,
    deregistrationDelaySeconds: 20,
    desiredCount: 3,
    replacement: "capacityRebalancing",
  }),
  web({ rebalanceRecommendations: "hint", recommendationMinutes: 10 }),
  web({ minSize: 6, maxSize: 20, desiredCount: 20, onDemandBaseCapacity: 0, rebalanceRecommendations: "hint" }),
  web({ ...SCALING, onDemandBaseCapacity: 0, rebalanceRecommendations: "hint", recommendationMinutes: 15 }),
  web({ minSize: 2, maxSize: 6, onDemandBaseCapacity: 0, desiredCount: 4, rebalanceRecommendations: "drain" }),
  web({ ...SCALING, protectsWork: true }),
  web({ ...SCALING, protectsWork: true, placement: "spread", minSize: 4, targetCapacityPercent: 100 }),
  web({
    placement: "spread",
    minSize: 6,
    targetCapacityPercent: 100,
    desiredCount: 20,
    onDemandBaseCapacity: 0,
    deregistrationDelaySeconds: 15,
  }),
  web({ ...SCALING, onDemandBaseCapacity: 0, maxSize: 12 }),
  workers({}),
  workers({ concurrency: 3, polling: "weighted", scaling: { minCount: 1, maxCount: 4 } }),
  workers({ services: "perQueue" }),
  workers({ msgProcessingSeconds: 15, longestJobSeconds: 50 }),
];

/** What is deployed while instances go: nothing, something that works, something that doesn't and is rolled back. */
const DEPLOYMENTS: readonly (readonly PlannedDeployment[])[] = [
  [],
  [{ atHours: 1 }, { atHours: 3.5 }],
  [{ atHours: 2, fails: "start" }],
  [{ atHours: 2, fails: "health" }, { atHours: 4 }],
];

/** When a new AMI comes: never, before the window, in it as well. */
const NEW_AMIS: readonly (readonly number[])[] = [[], [0.5], [1, 3]];

const declared = new Map<Shape, Promise<readonly Resource[]>>();

/** Each shape is declared once; the worlds are new for every seed. */
function declare(shape: Shape): Promise<readonly Resource[]> {
  let known = declared.get(shape);
  if (known === undefined) {
    const folder = path.join(ROOT, shape.folder);
    const stackConfig = readStackConfig(folder, "prod");
    const { project, secretKeys } = stackConfig;
    const config = configUnder(stackConfig, shape.config);
    const stack = { project, stack: "prod", region: REGION, account: ACCOUNT, secretKeys, config };
    known = declareProgram(path.join(folder, "index.ts"), stack);
    declared.set(shape, known);
  }
  return known;
}

export interface RandomRehearsal {
  readonly seed: number;
  /** What the seed drew, in a line. */
  readonly description: string;
  readonly broken: readonly BrokenLaw[];
  readonly run: VariantRun;
}

export const STACKS = ["all", "workers"] as const;
/** Which shapes are drawn from. */
export type Stacks = (typeof STACKS)[number];

export interface RandomOptions {
  /** @default "all" */
  readonly stacks?: Stacks;
  readonly sink?: LogSink;
}

/** Rehearses what `seed` draws, with faults in events, calls and handlers. */
export async function rehearseRandomly(
  seed: number,
  { stacks = "all", sink }: RandomOptions = {},
): Promise<RandomRehearsal> {
  const random = randomStream(seed, "laws");
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const shape = pick(stacks === "workers" ? SHAPES.filter(({ folder }) => folder === WORKERS) : SHAPES);
  const flags = { ...DEFAULT_FLAGS, ...pick([{}, ...OTHER_ANSWERS]) };
  const hazardScale = pick([500, 1500, 4000]);
  const onSigterm = pick(["finish", "exit", "ignore"] as const);
  const deployments = deploymentsOf(shape, pick(DEPLOYMENTS));
  const profile = changedProfile({ ...DEFAULT_PROFILE, onSigterm }, workOf(shape, random));
  const newAmiAtHours = pick(NEW_AMIS);
  const durationMs = STORM_MS + CALM_MS;
  const outages = outagesOf(seed);
  const prices = priceTable(REGION);
  let changes: ReturnType<typeof watchChanges> = [];
  let refreshedAt = (): number => 0;
  const run = await runVariant({
    program: "index.ts",
    resources: await declare(shape),
    place: { region: REGION, account: ACCOUNT },
    seed,
    flags,
    faults: BAD_DAY,
    profile,
    prices,
    durationMs,
    market: (geometry) => {
      const market = withOutages(generateMarket({ seed, durationMs, geometry, prices, hazardScale }), outages);
      return calmMarket(market, STORM_MS);
    },
    load: calmLoad(generateLoad({ seed, durationMs, meanRequestsPerSecond: 30 }), STORM_MS),
    ...(shape.folder === WORKERS && { jobs: generateJobs({ seed, durationMs: STORM_MS, ...jobsOf(shape) }) }),
    exact: false,
    deployments,
    newAmiAtHours,
    sink,
    progress: () => undefined,
    prepare: (world) => {
      addNeighbours(world);
      calmFaults(world, WARM_UP_MS + STORM_MS);
      changes = watchChanges(world);
      refreshedAt = () => lastRefreshAt(world.groups.values());
    },
  });
  const description = `${JSON.stringify(shape)}, hazards × ${hazardScale}, ${onSigterm} on SIGTERM, deployments ${JSON.stringify(deployments)}, new AMIs at ${JSON.stringify(newAmiAtHours)}, without Spot ${JSON.stringify(outages)}, ${JSON.stringify(flags)}`;
  const quietFromMs = Math.max(
    WARM_UP_MS + STORM_MS + QUIET_AFTER_MS,
    lastWorkAt(run.ledger) + QUIET_AFTER_MS,
    refreshedAt() + QUIET_AFTER_REFRESH_MS,
  );
  const broken = [...run.result.lawsBroken, ...breachesOfQuiet(changes, quietFromMs, WARM_UP_MS)];
  return { seed, description, broken, run };
}

/** Now and then there is no Spot in any pool for a while, early enough for all to be back before the calm. */
function outagesOf(seed: number): Outage[] {
  const random = randomStream(seed, "laws/outages");
  if (random() < 0.6) return [];
  const fromMs = Math.round((0.2 + random()) * HOUR_MS);
  return [{ fromMs, untilMs: fromMs + Math.round((0.1 + 1.1 * random()) * HOUR_MS) }];
}

/** One that fails while its service wants no task is completed unseen, as in AWS, and no later task starts. */
function deploymentsOf({ config }: Shape, planned: readonly PlannedDeployment[]): readonly PlannedDeployment[] {
  const { minCount } = (config.scaling ?? {}) as { readonly minCount?: number };
  return minCount === 0 ? planned.map(({ atHours }) => ({ atHours })) : planned;
}

const LONG_JOBS = { meanPerHour: 60, medianSeconds: 60 };
const SHORT_JOBS = { meanPerHour: 600, medianSeconds: 10 };

/** From seconds to an hour; or no longer than the stack has been told. */
function jobsOf({ config }: Shape): Pick<JobShape, "meanPerHour" | "dailySwing" | "lengths"> {
  const { longestJobSeconds: mostSeconds } = config as { readonly longestJobSeconds?: number };
  const { meanPerHour, medianSeconds } = mostSeconds === undefined ? LONG_JOBS : SHORT_JOBS;
  return { meanPerHour, dailySwing: 0.9, lengths: { medianSeconds, sigma: 1.5, mostSeconds } };
}

/** Containers that may protect their work do, and some of it is long. */
function workOf({ folder, config }: Shape, random: () => number): ProfileChanges {
  const longRequests = { share: 0.001, minSeconds: 1, maxSeconds: 600 };
  if (folder !== WORKERS) return config.protectsWork === true ? { protectsWork: true, longRequests } : {};
  const onSigterm = random() < 0.7 ? "finish" : "exit";
  return { jobs: { onSigterm, checkpoints: random() < 0.5, tellsLength: random() < 0.5, failShare: 0.05 } };
}

/** Somebody else's Spot instances, in the same account: they are interrupted too, and their notices reach the same bus. */
function addNeighbours(world: World): void {
  const spec = { name: "neighbours", arn: `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/neighbours` };
  const idle = { startMs: () => 0, exitAfterSigtermMs: () => 0, acceptsAfterSigterm: false };
  world.clusters.set(spec.name, new Cluster(spec, world.context, () => ({ vcpu: 2, memoryMiB: 8192 }), idle));
  const [group] = world.groups.values();
  const { instanceTypes, availabilityZones } = group!.spec;
  const userData = "#!/bin/bash\necho ECS_CLUSTER=neighbours >> /etc/ecs/ecs.config\n";
  for (const instanceType of instanceTypes.slice(0, 3)) {
    for (const availabilityZone of availabilityZones) {
      world.ec2.launch({
        instanceType,
        availabilityZone,
        lifecycle: "spot",
        userData,
        tags: {},
        autoScalingGroupName: "neighbours",
      });
    }
  }
}
