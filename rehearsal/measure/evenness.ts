/** How evenly full a cluster's instances are: for how long they are not although moves could mend it, and what that takes. */
import { quantile } from "simple-statistics";
import { planMoves } from "../../functions/rebalance/plan";
import type { ClusterState, InstanceRoom, PlacedService } from "../../functions/rebalance/state";
import { rebalanceFunctionOf } from "../laws/rebalanceFunction";
import type { Cluster } from "../world/ecs/cluster";
import { canPlaceOn, type ContainerInstance } from "../world/ecs/containerInstance";
import { isActive } from "../world/ecs/task";
import type { World } from "../world/world";
import type { MeasuredResult } from "./result";

/** Of the fullest: how much less full the emptiest may be. A published team's figure, and the function's default. */
const MOST_APART = 0.35;
const MINUTE_MS = 60_000;
const LOOK_EVERY_MS = 15_000;
/** More than these would be another cluster. */
const MOST_MOVES = 50;
const SOON_MS = 20 * MINUTE_MS;

export class EvennessMeter {
  /** How long each time lasted in which instances were too far apart; the one that lasts still, too. */
  private readonly periods: number[] = [];
  private since: number | undefined;
  /** Where each cluster's tasks were at the last look, and what followed. */
  private readonly seen = new Map<Cluster, { readonly layout: string; readonly isMendable: boolean }>();
  private moves = 0;
  private leastMoves = 0;

  /** Measures from now on. */
  constructor(private readonly world: World) {
    for (const cluster of world.clusters.values()) {
      const fn = rebalanceFunctionOf(world, cluster);
      if (fn === undefined && world.clusters.size > 1) continue;
      world.clock.every(world.clock.now, LOOK_EVERY_MS, () => this.look(cluster));
      cluster.desiredCountChanged.subscribe(({ from, to, by }) => {
        if (by !== fn?.name || to < from) return;
        this.leastMoves += Math.min(to - from, fewestMoves(tasksPerInstance(cluster)));
      });
      cluster.life.stopping.subscribe(({ caller }) => {
        if (caller !== undefined && caller === fn?.name) this.moves++;
      });
    }
  }

  /** Whether instances are too far apart, and moves could bring them near enough without leaving zones less even, is what counts. */
  private look(cluster: Cluster): void {
    const { now } = this.world.clock;
    const isUneven = this.isMendable(cluster);
    if (isUneven) this.since ??= now;
    else if (this.since !== undefined) {
      this.periods.push(now - this.since);
      this.since = undefined;
    }
  }

  /** Planning costs much, and from one look to the next hardly ever anything has changed. */
  private isMendable(cluster: Cluster): boolean {
    const instances = openInstances(cluster);
    if (apart(instances) <= MOST_APART) return false;
    const layout = layoutOf(cluster, instances);
    const seen = this.seen.get(cluster);
    if (seen?.layout === layout) return seen.isMendable;
    const plan = planMoves(stateOf(cluster, instances), { mostApartPercent: MOST_APART * 100, mostMoves: MOST_MOVES });
    const isMendable = plan.apartPercent.after <= MOST_APART * 100;
    this.seen.set(cluster, { layout, isMendable });
    return isMendable;
  }

  result(): MeasuredResult["evenness"] {
    const lasting = this.since === undefined ? [] : [this.world.clock.now - this.since];
    const all = [...this.periods, ...lasting];
    const minutes = all.map((ms) => ms / MINUTE_MS);
    const total = minutes.reduce((sum, each) => sum + each, 0);
    return {
      times: all.length,
      withinTwentyMinutes: all.filter((ms) => ms <= SOON_MS).length,
      minutes: {
        total,
        mean: total / Math.max(1, all.length),
        p95: minutes.length === 0 ? 0 : quantile(minutes, 0.95),
        max: Math.max(0, ...minutes),
      },
      moves: this.moves,
      leastMoves: this.leastMoves,
    };
  }
}

const openInstances = (cluster: Cluster): ContainerInstance[] => [...cluster.instances.values()].filter(canPlaceOn);

/** Which instances are open, which task is where and which are their definitions: all that a plan is made from. */
const layoutOf = (cluster: Cluster, instances: readonly ContainerInstance[]): string =>
  [
    ...instances.map(({ arn }) => arn),
    ...[...cluster.services.values()].flatMap(({ taskDefinition, tasks }) => [
      taskDefinition.arn,
      ...[...tasks].map(({ arn, instance }) => `${arn}@${instance?.arn}`),
    ]),
  ].join();

/** As if every task could be moved. */
function stateOf(cluster: Cluster, instances: readonly ContainerInstance[]): ClusterState {
  const services = [...cluster.services.values()].map((service): PlacedService => ({
    name: service.spec.name,
    reservation: service.taskDefinition,
    tasks: [...service.tasks].flatMap(({ arn, instance }) => {
      return instance === undefined ? [] : [{ arn, instanceArn: instance.arn, isMovable: true }];
    }),
    isOnePerInstance: false,
    allowedInstances: undefined,
    surgeRoom: Infinity,
    staysBecause: undefined,
  }));
  return { instances: instances.map(roomOf), services };
}

const roomOf = (instance: ContainerInstance): InstanceRoom => ({
  arn: instance.arn,
  zone: instance.ec2.availabilityZone,
  registered: { cpu: instance.registeredCpu, memoryMiB: instance.registeredMemoryMiB },
  reserved: { cpu: instance.usedCpu, memoryMiB: instance.usedMemoryMiB },
});

function apart(instances: readonly ContainerInstance[]): number {
  const shares = instances.map(({ usedCpu, usedMemoryMiB, registeredCpu, registeredMemoryMiB }) =>
    Math.max(usedCpu / registeredCpu, usedMemoryMiB / registeredMemoryMiB),
  );
  const fullest = Math.max(0, ...shares);
  return fullest === 0 ? 0 : (fullest - Math.min(...shares)) / fullest;
}

const tasksPerInstance = (cluster: Cluster): number[] =>
  openInstances(cluster).map(({ tasks }) => [...tasks].filter(isActive).length);

/**
 * The fewest tasks that have to be moved, were all tasks and all instances of one size and could any task be placed anywhere: for each
 * way in which the fullest and the emptiest may end, what lies above the one has to leave, and what lacks below the other has to come.
 */
export function fewestMoves(counts: readonly number[], mostApart = MOST_APART): number {
  if (counts.length === 0) return 0;
  let fewest = Infinity;
  const total = counts.reduce((sum, count) => sum + count, 0);
  for (let most = Math.ceil(total / counts.length); most <= Math.max(...counts); most++) {
    const least = Math.ceil(most * (1 - mostApart) - 1e-9);
    if (least * counts.length > total) continue;
    const above = counts.reduce((sum, count) => sum + Math.max(0, count - most), 0);
    const below = counts.reduce((sum, count) => sum + Math.max(0, least - count), 0);
    fewest = Math.min(fewest, Math.max(above, below));
  }
  return fewest === Infinity ? 0 : fewest;
}
