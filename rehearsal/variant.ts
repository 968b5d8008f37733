/** One variant of a rehearsal: a program deployed into a world of its own, run through the market and the load, and measured. */
import { INSTANCE_TYPES } from "../components/cluster/instanceTypes";
import { deploy } from "./deploy/deploy";
import type { Resource } from "./deploy/monitor";
import type { Place } from "./deploy/mockOutputs";
import { happenLater, type Happenings } from "./happenings";
import { InputError } from "./inputs/inputError";
import type { LoadProfile } from "./inputs/load";
import type { JobArrivals } from "./inputs/jobArrivals";
import type { Geometry, Market } from "./inputs/market";
import type { PriceTable } from "./inputs/prices";
import type { ContainerProfile } from "./inputs/profile";
import { JobLedger } from "./jobs/ledger";
import { publish, type JobTargets } from "./jobs/publisher";
import { runWorkers } from "./jobs/runWorkers";
import type { ServicePromise } from "./laws/promises";
import { BalancedTraffic, Measurement } from "./measurement";
import type { MeasuredResult } from "./measure/result";
import type { Recorder } from "./report/recorder";
import { ContainerWorkload } from "./traffic/workload";
import type { GroupSpec, PoolRanking } from "./world/autoScaling/groupSpec";
import { counts } from "./world/autoScaling/member";
import type { DeploymentFault } from "./world/ecs/deployment";
import { playMarket } from "./world/ec2/marketDriver";
import { drawFaults, type FaultRates } from "./world/faults";
import type { Flags } from "./world/flags";
import { both, type LogSink } from "./world/log";
import { World } from "./world/world";

export interface PlannedDeployment {
  readonly atHours: number;
  /** What goes wrong with its tasks: they don't start, or never pass a health check. */
  readonly fails?: DeploymentFault;
}

export interface VariantOptions extends Happenings {
  /** The Pulumi program's file, for messages. */
  readonly program: string;
  /** What the program declared. */
  readonly resources: readonly Resource[];
  readonly place: Place;
  readonly seed: number;
  readonly flags: Flags;
  readonly faults: FaultRates | undefined;
  readonly profile: ContainerProfile;
  readonly prices: PriceTable;
  readonly durationMs: number;
  /** What the market does to a group of this geometry. */
  readonly market: (geometry: Geometry) => Market;
  readonly load: LoadProfile;
  /** What is sent to the workers' queues; nothing unless given. */
  readonly jobs?: JobArrivals;
  readonly jobTargets?: JobTargets;
  readonly exact: boolean;
  /** When the services are deployed again. */
  readonly deployments?: readonly PlannedDeployment[];
  readonly sink: LogSink | undefined;
  /** What draws a page listens here. */
  readonly recorder?: Recorder;
  /** Told the share that is done, 0 to 1. */
  readonly progress: (share: number) => void;
  /** Changes the world before it starts to run, for tests and laws. */
  readonly prepare?: (world: World) => void;
}

/** Time in which the stack comes up, before anything is counted. */
export const WARM_UP_MS = 30 * 60_000;
const HOUR_MS = 3_600_000;

export interface VariantRun {
  readonly result: MeasuredResult;
  readonly world: World;
  readonly ledger: JobLedger;
  /** The market that it went through, in one line. */
  readonly marketSource: string;
}

export async function runVariant(options: VariantOptions): Promise<VariantRun> {
  const { place, durationMs, prices, progress, resources, recorder } = options;
  const sink = shifted(both(options.sink, recorder?.onLine));
  const world = new World({ seed: options.seed, flags: options.flags, ...place, sink });
  const workload = new ContainerWorkload(options.profile);
  const notModelled = await deploy(resources, { world, workload, facts: instanceFacts, pools: ranking(prices) });
  const promises = promisesOf(world, options);
  world.taskMemoryPercent = options.profile.memoryPercent;
  options.prepare?.(world);
  recorder?.attach(world, WARM_UP_MS);
  const balanced = serveTraffic(world, promises, workload, options);
  const ledger = new JobLedger(world.clock);
  const { workers, queues } = runWorkers({ world, promises, workload, profile: options.profile.jobs, ledger });
  if (options.jobs !== undefined)
    publish({ world, ledger, queues, jobs: options.jobs, targets: options.jobTargets, startMs: WARM_UP_MS });
  await world.run(WARM_UP_MS);
  for (const promise of promises) checkSteady(promise, options);

  const market = options.market(geometryOf(world, options));
  const measured = new Measurement({
    world,
    promises,
    balanced,
    workers,
    ledger,
    prices,
    profile: options.profile,
    startMs: WARM_UP_MS,
  });
  recorder?.start({ world, balanced, queues, prices, startMs: WARM_UP_MS });
  deployLater(promises, world, options);
  happenLater(world, WARM_UP_MS, options);
  playMarket(delayed(market), world.ec2, world.context);
  if (options.faults !== undefined) world.setFaults(drawFaults(options.faults, world.context.random("faults")));
  const end = WARM_UP_MS + durationMs;
  await world.run(end, (now) => progress((now - WARM_UP_MS) / durationMs));
  progress(1);
  return { result: measured.result(notModelled), world, ledger, marketSource: market.source };
}

function promisesOf(world: World, options: VariantOptions): ServicePromise[] {
  const promises = [...world.clusters.values()].flatMap((cluster) =>
    [...cluster.services.values()].map((service) => ({ cluster, service, desiredCount: service.desiredCount })),
  );
  if (promises.length === 0) {
    throw new InputError("Program", [
      {
        where: options.program,
        given: "no ECS service on EC2 capacity",
        allowed: "a program that declares at least one",
        fix: "check the program and its stack's configuration",
      },
    ]);
  }
  return promises;
}

/** What is being scaled out may still be on its way: the load of the warm-up isn't what is judged here. */
function checkSteady({ service, desiredCount }: ServicePromise, { program }: VariantOptions): void {
  const healthy = [...service.tasks].filter((task) => service.isHealthy(task)).length;
  const expected = Math.min(desiredCount, service.desiredCount);
  if (healthy >= expected) return;
  throw new InputError("Program", [
    {
      where: `${program}, service ${service.spec.name}`,
      given: `${healthy} of ${expected} tasks healthy ${WARM_UP_MS / 60_000} minutes after the deployment, with no interruption`,
      allowed: "a stack that comes up",
      fix: "check that its tasks fit its instances (cpu, memory, maxSize), and that the health check passes",
    },
  ]);
}

/** Every balanced service gets its requests from the deployment on. */
function serveTraffic(
  world: World,
  promises: readonly ServicePromise[],
  workload: ContainerWorkload,
  options: VariantOptions,
): BalancedTraffic[] {
  const balanced = promises.filter(({ service }) => service.spec.loadBalancers.length > 0);
  const load = shareOf(options.load, balanced.length);
  return balanced.map(({ cluster, service }) => {
    const { targetGroupArn } = service.spec.loadBalancers[0]!;
    const targetGroup = world.targetGroups.get(targetGroupArn)!;
    return new BalancedTraffic({ ...options, world, cluster, service, targetGroup, workload, load });
  });
}

/** Whoever runs the services deploys them now and then. */
function deployLater(promises: readonly ServicePromise[], world: World, { deployments }: VariantOptions): void {
  for (const { atHours, fails } of deployments ?? []) {
    world.clock.at(WARM_UP_MS + atHours * HOUR_MS, () => {
      for (const { cluster, service } of promises) {
        // Nothing checks a service without a balancer: its tasks can't fail that way.
        const isChecked = service.spec.loadBalancers.length > 0;
        cluster.deploy(service, { fails: fails === "health" && !isChecked ? undefined : fails });
      }
    });
  }
}

/** The market's pools are those of the groups that launch Spot; its size is what runs in them when all is well. */
function geometryOf(world: World, options: VariantOptions): Geometry {
  const all = [...world.groups.values()];
  if (all.length === 0) {
    throw new InputError("Program", [
      {
        where: options.program,
        given: "no Auto Scaling group",
        allowed: "a program that declares at least one",
        fix: "check the program and its stack's configuration",
      },
    ]);
  }
  const onSpot = all.filter(({ spec }) => spec.onDemandPercentageAboveBaseCapacity < 100);
  const groups = onSpot.length > 0 ? onSpot : all;
  const distinct = (read: (spec: GroupSpec) => readonly string[]): string[] => [
    ...new Set(groups.flatMap(({ spec }) => read(spec))),
  ];
  return {
    availabilityZones: distinct((spec) => spec.availabilityZones),
    instanceTypes: distinct((spec) => spec.instanceTypes),
    groupSize: groups.reduce((total, { members }) => total + [...members.values()].filter(counts).length, 0),
  };
}

const instanceFacts = (instanceType: string): { vcpu: number; memoryMiB: number } => {
  const known = INSTANCE_TYPES.get(instanceType);
  if (known !== undefined) return known;
  throw new InputError("Program", [
    {
      where: "instance type",
      given: instanceType,
      allowed: [...INSTANCE_TYPES.keys()].join(", "),
      fix: "use one of these, or add the type to components/cluster/instanceTypes.ts",
    },
  ]);
};

/** price-capacity-optimized looks at capacity first, of which the interruption bucket tells; the others at what their name says. */
function ranking(prices: PriceTable): PoolRanking {
  return {
    rank: (strategy, instanceType) => {
      const price = prices.spotUsdPerHour(instanceType, 0);
      const bucket = prices.interruptionBucket(instanceType);
      if (strategy === "lowest-price") return price;
      return strategy.startsWith("capacity-optimized") ? bucket : bucket + price;
    },
  };
}

/** Every balanced service gets the same share of the load; what comes at its beginning comes during the warm-up, too. */
function shareOf(load: LoadProfile, services: number): LoadProfile {
  const steps = load.steps.map(({ atMs, requestsPerSecond }, index) => ({
    atMs: index === 0 ? 0 : atMs + WARM_UP_MS,
    requestsPerSecond: requestsPerSecond / services,
  }));
  return { ...load, steps };
}

function delayed(market: Market): Market {
  return { ...market, events: market.events.map((event) => ({ ...event, atMs: event.atMs + WARM_UP_MS })) };
}

/** The log's time starts where the measuring starts; what comes before has negative times. */
function shifted(sink: LogSink | undefined): LogSink | undefined {
  return sink === undefined ? undefined : (line) => sink({ ...line, t: line.t - WARM_UP_MS });
}
