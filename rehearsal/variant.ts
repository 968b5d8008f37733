/** One variant of a rehearsal: a program deployed into a world of its own, run through the market and the load, and measured. */
import { INSTANCE_TYPES } from "../components/instanceTypes";
import { deploy } from "./deploy/deploy";
import type { Resource } from "./deploy/monitor";
import type { Place } from "./deploy/mockOutputs";
import { InputError } from "./inputs/inputError";
import type { LoadProfile } from "./inputs/load";
import type { Geometry, Market } from "./inputs/market";
import type { PriceTable } from "./inputs/prices";
import type { ContainerProfile } from "./inputs/profile";
import { watchLaws } from "./laws";
import type { ServicePromise } from "./laws/promises";
import { CapacityMeter } from "./measure/capacity";
import { CostMeter } from "./measure/cost";
import { Counts } from "./measure/counts";
import { OutageWatch } from "./measure/outage";
import type { BrokenLaw, MeasuredResult } from "./measure/result";
import { FAILURE_CAUSES } from "./traffic/tally";
import { Traffic } from "./traffic/traffic";
import { ContainerWorkload } from "./traffic/workload";
import type { PoolRanking } from "./world/autoScaling/groupSpec";
import { counts } from "./world/autoScaling/member";
import { playMarket } from "./world/ec2/marketDriver";
import { drawFaults, type FaultRates } from "./world/faults";
import type { Flags } from "./world/flags";
import type { LogSink } from "./world/log";
import { World } from "./world/world";

export interface VariantOptions {
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
  readonly exact: boolean;
  readonly sink: LogSink | undefined;
  /** Told the share that is done, 0 to 1. */
  readonly progress: (share: number) => void;
  /** Changes the world before it starts to run, for tests and laws. */
  readonly prepare?: (world: World) => void;
}

/** Time in which the stack comes up, before anything is counted. */
const WARM_UP_MS = 30 * 60_000;

export interface VariantRun {
  readonly result: MeasuredResult;
  readonly world: World;
  /** The market that it went through, in one line. */
  readonly marketSource: string;
}

export async function runVariant(options: VariantOptions): Promise<VariantRun> {
  const { place, durationMs, prices, progress, resources } = options;
  const world = new World({ seed: options.seed, flags: options.flags, ...place, sink: shifted(options.sink) });
  const workload = new ContainerWorkload(options.profile);
  const notModelled = await deploy(resources, { world, workload, facts: instanceFacts, pools: ranking(prices) });
  const promises = promisesOf(world, options);
  options.prepare?.(world);
  await world.run(WARM_UP_MS);
  for (const { service } of promises)
    checkSteady(
      service.spec.name,
      [...service.tasks].filter((task) => service.isHealthy(task)).length,
      service.desiredCount,
      options,
    );

  const market = options.market(geometryOf(world, options));
  const measured = new Measurement(world, promises, workload, options);
  playMarket(delayed(market), world.ec2, world.context);
  if (options.faults !== undefined) world.setFaults(drawFaults(options.faults, world.context.random("faults")));
  const end = WARM_UP_MS + durationMs;
  await world.run(end, (now) => progress((now - WARM_UP_MS) / durationMs));
  progress(1);
  return { result: measured.result(notModelled), world, marketSource: market.source };
}

/** Everything that is measured from the end of the warm-up on. */
class Measurement {
  private readonly counts: Counts;
  private readonly cost: CostMeter;
  private readonly lawsBroken: BrokenLaw[];
  private readonly traffics: Traffic[];
  private readonly capacities: CapacityMeter[];
  private readonly before: { readonly invocations: number; readonly errors: number; readonly billedMs: number };

  constructor(
    private readonly world: World,
    promises: readonly ServicePromise[],
    workload: ContainerWorkload,
    options: VariantOptions,
  ) {
    this.counts = new Counts(world);
    this.cost = new CostMeter(world, options.prices);
    this.lawsBroken = watchLaws(world, WARM_UP_MS, promises);
    this.before = this.lambda();
    const watch = new OutageWatch(world);
    const balanced = promises.filter(({ service }) => service.spec.loadBalancers.length > 0);
    this.capacities = balanced.map(() => new CapacityMeter(world, () => watch.isOutage));
    this.traffics = balanced.map(({ cluster, service, desiredCount }, index) => {
      const capacity = this.capacities[index]!;
      world.context.beforeChange.subscribe(() => capacity.settle());
      return new Traffic({
        world,
        cluster,
        service,
        targetGroup: world.targetGroups.get(service.spec.loadBalancers[0]!.targetGroupArn)!,
        profile: options.profile,
        workload,
        load: shareOf(options.load, balanced.length),
        exact: options.exact,
        shortage: () => watch.shortage,
        onServing: (serving) => capacity.observe(serving, desiredCount),
      });
    });
  }

  private lambda(): { invocations: number; errors: number; billedMs: number } {
    const sum = (read: (fn: World["functions"][number]) => number): number =>
      this.world.functions.reduce((total, fn) => total + read(fn), 0);
    return {
      invocations: sum((fn) => fn.invocations),
      errors: sum((fn) => fn.errors),
      billedMs: sum((fn) => fn.billedMs),
    };
  }

  result(notModelled: string[]): MeasuredResult {
    for (const traffic of this.traffics) traffic.finish();
    const failedBy = Object.fromEntries(
      FAILURE_CAUSES.map((cause) => [
        cause,
        this.traffics.reduce((total, { tally }) => total + tally.failedBy[cause], 0),
      ]),
    ) as MeasuredResult["requests"]["failedBy"];
    const losses = this.capacities.map((capacity) => capacity.result());
    const { invocations, errors, billedMs } = this.lambda();
    return {
      requests: {
        served: Math.max(0, Math.round(this.traffics.reduce((total, { tally }) => total + tally.served, 0))),
        failed: Object.values(failedBy).reduce((total, count) => total + count, 0),
        failedBy,
      },
      interruptions: this.counts.interruptions,
      capacityMinutesLost: {
        total: losses.reduce((total, loss) => total + loss.total, 0),
        meanPerInterruption: Math.max(0, ...losses.map((loss) => loss.meanPerInterruption)),
        p95: Math.max(0, ...losses.map((loss) => loss.p95)),
      },
      cost: this.cost.result(),
      tasks: this.counts.tasks,
      lambda: {
        invocations: invocations - this.before.invocations,
        errors: errors - this.before.errors,
        billedMs: billedMs - this.before.billedMs,
      },
      lawsBroken: this.lawsBroken,
      notModelled,
    };
  }
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

function checkSteady(service: string, healthy: number, desired: number, { program }: VariantOptions): void {
  if (healthy >= desired) return;
  throw new InputError("Program", [
    {
      where: `${program}, service ${service}`,
      given: `${healthy} of ${desired} tasks healthy ${WARM_UP_MS / 60_000} minutes after the deployment, with no interruption`,
      allowed: "a stack that comes up",
      fix: "check that its tasks fit its instances (cpu, memory, maxSize), and that the health check passes",
    },
  ]);
}

/** The market's pools are the group's; its size is what runs when all is well. */
function geometryOf(world: World, options: VariantOptions): Geometry {
  const groups = [...world.groups.values()];
  const [first] = groups;
  if (first === undefined) {
    throw new InputError("Program", [
      {
        where: options.program,
        given: "no Auto Scaling group",
        allowed: "a program that declares at least one",
        fix: "check the program and its stack's configuration",
      },
    ]);
  }
  const groupSize = groups.reduce((total, group) => total + [...group.members.values()].filter(counts).length, 0);
  return { availabilityZones: first.spec.availabilityZones, instanceTypes: first.spec.instanceTypes, groupSize };
}

const instanceFacts = (instanceType: string): { vcpu: number; memoryMiB: number } => {
  const known = INSTANCE_TYPES.get(instanceType);
  if (known !== undefined) return known;
  throw new InputError("Program", [
    {
      where: "instance type",
      given: instanceType,
      allowed: [...INSTANCE_TYPES.keys()].join(", "),
      fix: "use one of these, or add the type to components/instanceTypes.ts",
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

/** Every balanced service gets the same share of the load. */
function shareOf(load: LoadProfile, services: number): LoadProfile {
  const steps = load.steps.map(({ atMs, requestsPerSecond }) => ({
    atMs: atMs + WARM_UP_MS,
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
