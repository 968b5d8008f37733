/**
 * What the cheapest instances would have cost that hold what a variant's tasks held, moment by moment; and on what the rest of
 * its bill went.
 */
import type { PriceTable } from "../inputs/prices";
import { PRIORITY } from "../world/clock";
import type { InstanceFacts } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { Pool } from "../world/ec2/spotMarket";
import type { World } from "../world/world";
import { cheapestUsdPerHour, type Choice, type Offer } from "./clairvoyant";
import { neededTasks, type Demand } from "./needed";
import { Ran } from "./ran";
import { unitsFor, type Unit } from "./units";

const HOUR_MS = 3_600_000;
/** How often the load is looked at. */
const LOOK_MS = 60_000;
/** For so long at most the lowest price is taken for the price. */
const PRICE_MS = 300_000;

/** USD of the cheapest instances that hold, each more than the one before. */
export interface CheapestCost {
  /** What was promised or needed, as far as it ran. */
  readonly needed: number;
  /** All tasks that ran. */
  readonly tasks: number;
  /** As many tasks as fit the instances that took tasks, and those that ran on others. */
  readonly active: number;
  /** As many as fit all instances. */
  readonly living: number;
}

type Level = keyof CheapestCost;

const LEVELS: readonly Level[] = ["needed", "tasks", "active", "living"];

export interface CheapestOptions extends Demand {
  readonly world: World;
  readonly prices: PriceTable;
}

/** Measures from its making on. */
export class CheapestMeter {
  /** USD an hour, times the milliseconds that they held. */
  private readonly sums = { needed: 0, tasks: 0, active: 0, living: 0 };
  private readonly services: readonly Service[];
  private readonly pools: readonly Pool[];
  private readonly units: readonly Unit[];
  private readonly facts: InstanceFacts;
  private readonly ran: Ran;
  private readonly known = new Map<string, number>();
  private readonly since: number;
  private lookedAt: number;
  /** As it has been since then. */
  private needed = new Map<Service, number>();
  private openTypes = new Set<string>();
  private mostSpot = Infinity;

  constructor(private readonly options: CheapestOptions) {
    const { world } = options;
    const { clock, clusters, groups, ec2 } = world;
    this.since = this.lookedAt = clock.now;
    this.services = [...clusters.values()].flatMap((cluster) => [...cluster.services.values()]);
    this.facts = [...clusters.values()][0]!.facts;
    this.pools = [...groups.values()].flatMap(({ launcher }) => launcher.pools);
    this.units = unitsFor(
      this.services.map((service) => service.taskDefinition),
      this.facts,
    );
    this.ran = new Ran(world, () => this.settle());
    for (const { desiredCountChanged } of clusters.values()) desiredCountChanged.subscribe(() => this.lookAtNeeds());
    ec2.marketMoved.subscribe(() => this.lookAtMarket());
    clock.every(clock.now + LOOK_MS, LOOK_MS, () => this.lookAtNeeds(), PRIORITY.observe);
    this.lookAtNeeds();
    this.lookAtMarket();
  }

  result(): CheapestCost {
    this.settle();
    const usd = (level: Level): number => this.sums[level] / HOUR_MS;
    return { needed: usd("needed"), tasks: usd("tasks"), active: usd("active"), living: usd("living") };
  }

  private lookAtNeeds(): void {
    const { world } = this.options;
    const needed = new Map(this.services.map((service) => [service, neededTasks(world, service, this.options)]));
    const isSame = [...needed].every(([service, count]) => count === this.needed.get(service));
    if (isSame && world.clock.now - this.lookedAt < PRICE_MS) return;
    this.settle();
    this.needed = needed;
  }

  private lookAtMarket(): void {
    this.settle();
    const { market } = this.options.world.ec2;
    this.mostSpot = market.mostTogether;
    this.openTypes = new Set(this.pools.filter((pool) => market.isOpen(pool)).map(({ instanceType }) => instanceType));
  }

  /** Told before anything changes. */
  private settle(): void {
    const { now } = this.options.world.clock;
    const ms = now - this.lookedAt;
    if (ms === 0) return;
    const bounds = this.units.map((unit) => this.boundsBy(unit));
    for (const level of LEVELS) this.sums[level] += ms * Math.max(0, ...bounds.map((bound) => bound[level]));
    this.lookedAt = now;
  }

  private boundsBy(unit: Unit): CheapestCost {
    const offers = this.offers(unit);
    const { livingSpot } = this.ran;
    const spots = sum([...livingSpot.values()]);
    // Instances under notice outlive the capacity that they were taken from.
    const choice = { offers, isWhole: unit.isWhole, spotAtMost: Math.max(this.mostSpot, spots) };
    const held = this.held(unit);
    const cost = (level: Level): number => this.cheapest(held[level], choice);
    return { needed: cost("needed"), tasks: cost("tasks"), active: cost("active"), living: cost("living") };
  }

  private held(unit: Unit): CheapestCost {
    const { ran } = this;
    const running = (service: Service): number => ran.tasks.get(service)?.size ?? 0;
    const ofTasks = (count: (service: Service) => number): number =>
      sum(this.services.map((service) => count(service) * unit.ofTask(service.taskDefinition)));
    const ofInstances = (counts: ReadonlyMap<string, number>): number =>
      sum([...counts].map(([instanceType, count]) => count * unit.ofInstance(instanceType)));
    return {
      needed: ofTasks((service) => Math.min(running(service), this.needed.get(service)!)),
      tasks: ofTasks(running),
      active: ofInstances(ran.active) + sum(ran.leavingTasks.map(({ taskDefinition }) => unit.ofTask(taskDefinition))),
      living: ofInstances(ran.living),
    };
  }

  /** A Spot Instance pays for an hour what it costs at that hour's beginning, so the lowest price of the last hour may be paid. */
  private offers(unit: Unit): Offer[] {
    const { prices, world } = this.options;
    const from = Math.max(0, this.lookedAt - HOUR_MS - this.since);
    const to = world.clock.now - this.since;
    return [...new Set(this.pools.map(({ instanceType }) => instanceType))].map((instanceType) => {
      const hasSpot = this.openTypes.has(instanceType) || (this.ran.livingSpot.get(instanceType) ?? 0) > 0;
      return {
        holds: unit.ofInstance(instanceType),
        spotUsdPerHour: hasSpot ? prices.lowestSpotUsdPerHour(instanceType, from, to) : undefined,
        onDemandUsdPerHour: prices.onDemandUsdPerHour(instanceType),
      };
    });
  }

  /** The same question comes time and again. */
  private cheapest(units: number, choice: Choice): number {
    const prices = choice.offers.map((each) => `${each.holds} ${each.spotUsdPerHour} ${each.onDemandUsdPerHour}`);
    const key = `${units} ${choice.isWhole} ${choice.spotAtMost} ${prices.join()}`;
    const known = this.known.get(key) ?? cheapestUsdPerHour(units, choice);
    this.known.set(key, known);
    return known;
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
