/** Random rehearsals in which the laws have to hold: a stack, a market and faults drawn from one seed. */
import path from "node:path";
import type { Resource } from "../deploy/monitor";
import { declareProgram } from "../deploy/program";
import { configUnder, readStackConfig } from "../deploy/stackConfig";
import { generateMarket } from "../inputs/generator";
import { generateLoad } from "../inputs/load";
import { priceTable } from "../inputs/prices";
import { type ContainerProfile, DEFAULT_PROFILE } from "../inputs/profile";
import { randomStream } from "../inputs/random";
import type { BrokenLaw } from "../measure/result";
import { ACCOUNT } from "../rehearse";
import { runVariant, type PlannedDeployment, type VariantRun } from "../variant";
import { Cluster } from "../world/ecs/cluster";
import { BAD_DAY } from "../world/faults";
import { DEFAULT_FLAGS, OTHER_ANSWERS } from "../world/flags";
import type { LogSink } from "../world/log";
import type { World } from "../world/world";

const HOUR_MS = 3_600_000;
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

/** The shapes of stack that seeds choose from: configuration over the production stack's. */
const SHAPES: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { replacement: "capacityRebalancing" },
  { minSize: 2, maxSize: 6, onDemandBaseCapacity: 0, desiredCount: 4, cpu: 256, memoryReservationMiB: 256 },
  { minSize: 6, maxSize: 20, desiredCount: 20, onDemandBaseCapacity: 0 },
  { desiredCount: 1, minSize: 2, onDemandBaseCapacity: 0 },
  { stopTimeoutSeconds: 20, deregistrationDelaySeconds: 15, minimumHealthyPercent: 100, desiredCount: 8 },
  { stopTimeoutSeconds: 90, deregistrationDelaySeconds: 20, desiredCount: 3, replacement: "capacityRebalancing" },
  { ...SCALING, protectsWork: true },
  { ...SCALING, onDemandBaseCapacity: 0, maxSize: 12 },
];

/** What is deployed while instances go: nothing, something that works, something that doesn't and is rolled back. */
const DEPLOYMENTS: readonly (readonly PlannedDeployment[])[] = [
  [],
  [{ atHours: 1 }, { atHours: 3.5 }],
  [{ atHours: 2, fails: "start" }],
  [{ atHours: 2, fails: "health" }, { atHours: 4 }],
];

const declared = new Map<number, Promise<readonly Resource[]>>();

/** Each shape is declared once; the worlds are new for every seed. */
function declare(shape: number): Promise<readonly Resource[]> {
  let known = declared.get(shape);
  if (known === undefined) {
    const stackConfig = readStackConfig(ROOT, "prod");
    const { project, secretKeys } = stackConfig;
    const config = configUnder(stackConfig, SHAPES[shape]!);
    const stack = { project, stack: "prod", region: REGION, account: ACCOUNT, secretKeys, config };
    known = declareProgram(path.join(ROOT, "index.ts"), stack);
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

/** Rehearses what `seed` draws, with faults in events, calls and handlers. */
export async function rehearseRandomly(seed: number, sink?: LogSink): Promise<RandomRehearsal> {
  const random = randomStream(seed, "laws");
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const shape = Math.floor(random() * SHAPES.length);
  const flags = { ...DEFAULT_FLAGS, ...pick([{}, ...OTHER_ANSWERS]) };
  const hazardScale = pick([500, 1500, 4000]);
  const onSigterm = pick(["finish", "exit", "ignore"] as const);
  const deployments = pick(DEPLOYMENTS);
  const durationMs = 6 * HOUR_MS;
  const prices = priceTable(REGION);
  const run = await runVariant({
    program: "index.ts",
    resources: await declare(shape),
    place: { region: REGION, account: ACCOUNT },
    seed,
    flags,
    faults: BAD_DAY,
    profile: { ...DEFAULT_PROFILE, ...workOf(SHAPES[shape]!), onSigterm },
    prices,
    durationMs,
    market: (geometry) => generateMarket({ seed, durationMs, geometry, prices, hazardScale }),
    load: generateLoad({ seed, durationMs, meanRequestsPerSecond: 30 }),
    exact: false,
    deployments,
    sink,
    progress: () => undefined,
    prepare: addNeighbours,
  });
  const description = `${JSON.stringify(SHAPES[shape])}, hazards × ${hazardScale}, ${onSigterm} on SIGTERM, deployments ${JSON.stringify(deployments)}, ${JSON.stringify(flags)}`;
  return { seed, description, broken: run.result.lawsBroken, run };
}

/** Containers that may protect their work do, and some of it is long. */
function workOf({ protectsWork }: (typeof SHAPES)[number]): Partial<ContainerProfile> {
  if (protectsWork !== true) return {};
  return { protectsWork: true, longRequests: { share: 0.001, minSeconds: 1, maxSeconds: 600 } };
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
