/** What a variant's run is measured by, from the end of the warm-up on. */
import type { PriceTable } from "./inputs/prices";
import type { ContainerProfile } from "./inputs/profile";
import type { JobLedger } from "./jobs/ledger";
import { watchLaws } from "./laws";
import type { ServicePromise } from "./laws/promises";
import { CapacityMeter } from "./measure/capacity";
import { CheapestMeter } from "./measure/cheapest";
import { comparedCost, CostMeter } from "./measure/cost";
import { Counts } from "./measure/counts";
import { EvennessMeter } from "./measure/evenness";
import { JobMeter } from "./measure/jobs";
import { OutageWatch } from "./measure/outage";
import { Owed } from "./measure/owed";
import type { BrokenLaw, MeasuredResult } from "./measure/result";
import { ScalingMeter } from "./measure/scaling";
import { SurplusMeter } from "./measure/surplus";
import { WorkerCapacity } from "./measure/workerCapacity";
import { FAILURE_CAUSES } from "./traffic/tally";
import { Traffic, type TrafficOptions } from "./traffic/traffic";
import type { Service } from "./world/ecs/service";
import type { World } from "./world/world";

/** A balanced service's requests, which come before anything is measured. */
export class BalancedTraffic {
  readonly traffic: Traffic;
  capacity: CapacityMeter | undefined;
  watch: OutageWatch | undefined;

  constructor(readonly options: Omit<TrafficOptions, "shortage" | "onServing">) {
    const { world, service, cluster } = options;
    const owed = new Owed(world, cluster, service);
    world.context.beforeChange.subscribe(() => this.capacity?.settle());
    this.traffic = new Traffic({
      ...options,
      shortage: () => this.watch?.shortage,
      onServing: (serving) => this.capacity?.observe(serving, owed.count),
    });
    world.metrics.addSource(() => this.traffic.observe());
  }

  startCounting(world: World, watch: OutageWatch): void {
    this.watch = watch;
    this.capacity = new CapacityMeter(world, () => watch.isOutage);
    this.traffic.startCounting();
  }
}

export interface MeasurementOptions {
  readonly world: World;
  readonly promises: readonly ServicePromise[];
  readonly balanced: readonly BalancedTraffic[];
  /** Those that take jobs from queues, and the jobs. */
  readonly workers: readonly ServicePromise[];
  readonly ledger: JobLedger;
  readonly prices: PriceTable;
  readonly profile: ContainerProfile;
  /** When the time of laws begins. */
  readonly startMs: number;
}

interface LambdaTotals {
  readonly invocations: number;
  readonly errors: number;
  readonly billedMs: number;
}

export class Measurement {
  private readonly counts: Counts;
  private readonly scaling: ScalingMeter;
  private readonly cost: CostMeter;
  private readonly cheapest: CheapestMeter;
  private readonly surplus: SurplusMeter;
  private readonly evenness: EvennessMeter;
  private readonly jobs: JobMeter;
  private readonly workerCapacity: readonly WorkerCapacity[];
  private readonly lawsBroken: BrokenLaw[];
  private readonly before: LambdaTotals;

  constructor(private readonly options: MeasurementOptions) {
    const { world, promises, balanced, workers, ledger, prices, profile, startMs } = options;
    this.counts = new Counts(world);
    this.scaling = new ScalingMeter(world);
    this.cost = new CostMeter(world, prices);
    const requestsPerSecond = (service: Service): number | undefined =>
      balanced.find((each) => each.options.service === service)?.traffic.requestsPerSecond;
    this.cheapest = new CheapestMeter({ world, prices, profile, requestsPerSecond });
    this.surplus = new SurplusMeter(world);
    this.evenness = new EvennessMeter(world);
    this.lawsBroken = watchLaws(world, startMs, promises, ledger);
    this.before = this.lambda();
    const watch = new OutageWatch(world);
    for (const each of balanced) each.startCounting(world, watch);
    const isOutage = (): boolean => watch.isOutage;
    const services = workers.map(({ service }) => service);
    this.jobs = new JobMeter(world, ledger, services);
    this.workerCapacity = workers.map(({ cluster, service }) => new WorkerCapacity(world, cluster, service, isOutage));
  }

  private lambda(): LambdaTotals {
    const sum = (read: (fn: World["functions"][number]) => number): number =>
      this.options.world.functions.reduce((total, fn) => total + read(fn), 0);
    return {
      invocations: sum((fn) => fn.invocations),
      errors: sum((fn) => fn.errors),
      billedMs: sum((fn) => fn.billedMs),
    };
  }

  result(notModelled: string[]): MeasuredResult {
    const requests = this.requests();
    const losses = [...this.options.balanced.map(({ capacity }) => capacity!), ...this.workerCapacity].map((capacity) =>
      capacity.result(),
    );
    const cost = comparedCost(this.cost.result(), this.cheapest.result());
    const { invocations, errors, billedMs } = this.lambda();
    return {
      requests,
      jobs: this.jobs.result(cost.usd),
      interruptions: this.counts.interruptions,
      capacityMinutesLost: {
        total: losses.reduce((total, loss) => total + loss.total, 0),
        meanPerInterruption: Math.max(0, ...losses.map((loss) => loss.meanPerInterruption)),
        p95: Math.max(0, ...losses.map((loss) => loss.p95)),
      },
      surplusInstanceMinutes: this.surplus.result(),
      cost,
      tasks: this.counts.tasks,
      ...this.scaling.result(),
      evenness: this.evenness.result(),
      lambda: {
        invocations: invocations - this.before.invocations,
        errors: errors - this.before.errors,
        billedMs: billedMs - this.before.billedMs,
      },
      lawsBroken: this.lawsBroken,
      notModelled,
    };
  }

  private requests(): MeasuredResult["requests"] {
    const { balanced } = this.options;
    for (const { traffic } of balanced) traffic.finish();
    const tallies = balanced.map(({ traffic }) => traffic.tally);
    const failedBy = Object.fromEntries(
      FAILURE_CAUSES.map((cause) => [cause, tallies.reduce((total, tally) => total + tally.failedBy[cause], 0)]),
    ) as MeasuredResult["requests"]["failedBy"];
    return {
      served: Math.max(0, Math.round(tallies.reduce((total, { served }) => total + served, 0))),
      retried: tallies.reduce((total, { retried }) => total + retried, 0),
      failed: Object.values(failedBy).reduce((total, count) => total + count, 0),
      failedBy,
    };
  }
}
