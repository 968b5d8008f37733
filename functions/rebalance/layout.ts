/**
 * Where tasks are, and where ECS would place one more.
 *
 * Nobody can tell ECS where a task goes. A move is one task more, which ECS places by itself, and then one less, on an instance
 * that is too full. ECS spreads over zones and then over instances, by the service's own tasks: a new one goes to the zone, and
 * there to the instance, that has fewest of them once the other is gone. Where several are alike ECS may take any; the emptiest is
 * reckoned with, and whoever carries the move out looks where the task has come to.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
 */
import type { ClusterState, InstanceRoom, PlacedService, PlacedTask, Reservation } from "./state";

/** A task's move, by the positions of its service and of its instances in the state. */
export interface Step {
  readonly service: number;
  readonly task: PlacedTask;
  readonly from: number;
  readonly to: number;
  /** How much fuller what it leaves is than what it comes to, on average of before and after. */
  readonly gain: number;
  /** How far apart the instances are afterwards. */
  readonly apart: number;
}

/** A task less. */
export interface Removal extends Pick<Step, "service" | "task" | "from" | "apart"> {
  /** How full its instance is before. */
  readonly share: number;
}

/** Where a new task of a service would go, by the zone that another of its tasks leaves. */
interface Places {
  readonly service: number;
  readonly without: ReadonlyMap<string, number>;
}

/** An instance with the fewest tasks of a service in its zone. */
interface Place {
  readonly own: number;
  readonly instance: number;
}

/** Of a service, by the position of their instance. */
interface Tasks {
  readonly own: number[];
  readonly movable: (readonly PlacedTask[])[];
  readonly moved: Set<string>;
}

const NONE: Reservation = { cpu: 0, memoryMiB: 0 };
/** Shares that differ by less are the same. */
const ROUNDING = 1e-9;
/** A step changes two instances: of three that are fullest, one stays as it is. */
const EXTREMES = 3;

/** Without getters, and no method called as a function that it uses: Pulumi's serializer would leave out that function. */
export class Layout {
  private constructor(
    private readonly instances: readonly InstanceRoom[],
    private readonly services: readonly PlacedService[],
    private readonly reserved: Reservation[],
    private readonly tasks: readonly Tasks[],
  ) {}

  static of({ instances, services }: ClusterState): Layout {
    const positions = new Map(instances.map(({ arn }, index) => [arn, index]));
    const reserved = instances.map((instance) => instance.reserved);
    return new Layout(
      instances,
      services,
      reserved,
      services.map((service) => tasksOf(service, positions)),
    );
  }

  copy(): Layout {
    const tasks = this.tasks.map(({ own, movable, moved }) => {
      return { own: [...own], movable: [...movable], moved: new Set(moved) };
    });
    return new Layout(this.instances, this.services, [...this.reserved], tasks);
  }

  /** The same for all layouts with as many tasks of each service on each instance. */
  key(): string {
    return this.tasks.map(({ own }) => own.join()).join(";");
  }

  /** How much less full the emptiest instance is than the fullest, as a share of the fullest. */
  apart(): number {
    return apartOf(this.instances.map((_, index) => this.share(index)));
  }

  /** Less with every step, also where the fullest and the emptiest stay as they are: the sum of squares, by size. */
  unevenness(): number {
    return this.instances.reduce((all, { registered }, index) => all + registered.cpu * this.share(index) ** 2, 0);
  }

  /** Every move that helps: what the task leaves is fuller than what it comes to, so that nothing goes to and fro. */
  steps(): Step[] {
    const places = this.services.flatMap((_, index) => this.placesOf(index));
    const extremes = this.extremes();
    return this.instances.flatMap(({ zone }, from) =>
      places.flatMap(({ service, without }): Step[] => {
        const task = this.tasks[service]!.movable[from]!.at(-1);
        const to = without.get(zone);
        if (task === undefined || to === undefined || to === from) return [];
        const { reservation } = this.services[service]!;
        const [left, come] = [this.share(from, reservation, -1), this.share(to, reservation, 1)];
        const gain = this.share(from) + left - this.share(to) - come;
        if (gain <= ROUNDING) return [];
        const after = this.apartWith(extremes, [from, to], [left, come]);
        return [{ service, task, from, to, gain, apart: after }];
      }),
    );
  }

  /** Every task of a service that may go, one on each instance, without leaving zones less even. */
  removals(service: number): Removal[] {
    const { reservation } = this.services[service]!;
    const extremes = this.extremes();
    const inZones = this.inZones(service);
    return this.instances.flatMap(({ zone }, from): Removal[] => {
      const task = this.tasks[service]!.movable[from]!.at(-1);
      if (task === undefined) return [];
      if (isLessEven(inZones, (each) => (each === zone ? -1 : 0))) return [];
      const left = this.share(from, reservation, -1);
      return [{ service, task, from, share: this.share(from), apart: this.apartWith(extremes, [from], [left]) }];
    });
  }

  /** The last of those that may go. */
  remove({ service, from }: Pick<Step, "service" | "from">): void {
    const { movable } = this.tasks[service]!;
    movable[from] = movable[from]!.slice(0, -1);
    this.count(service, from, -1);
  }

  move({ service, task, from, to }: Step): void {
    this.remove({ service, from });
    const { movable, moved } = this.tasks[service]!;
    movable[to] = [...movable[to]!, task];
    moved.add(task.arn);
    this.count(service, to, 1);
  }

  private count(service: number, instance: number, more: number): void {
    this.tasks[service]!.own[instance]! += more;
    const { cpu, memoryMiB } = this.reserved[instance]!;
    const { reservation } = this.services[service]!;
    this.reserved[instance] = {
      cpu: cpu + more * reservation.cpu,
      memoryMiB: memoryMiB + more * reservation.memoryMiB,
    };
  }

  /** How full an instance is with so many more of these, by what is scarcer on it. */
  private share(index: number, of = NONE, more = 0): number {
    const { cpu, memoryMiB } = this.reserved[index]!;
    const { registered } = this.instances[index]!;
    return Math.max((cpu + more * of.cpu) / registered.cpu, (memoryMiB + more * of.memoryMiB) / registered.memoryMiB);
  }

  /** How far apart the instances are where some of them have these shares. */
  private apartWith(extremes: readonly number[], changed: readonly number[], shares: readonly number[]): number {
    const others = extremes.filter((index) => !changed.includes(index)).map((index) => this.share(index));
    return apartOf([...shares, ...others]);
  }

  private extremes(): number[] {
    const shares = this.instances.map((_, index) => this.share(index));
    const byShare = shares.map((_, index) => index).sort((a, b) => shares[a]! - shares[b]!);
    return [...byShare.slice(0, EXTREMES), ...byShare.slice(-EXTREMES)];
  }

  private inZones(service: number): Map<string, number> {
    const inZones = new Map<string, number>();
    this.instances.forEach(({ zone }, index) => {
      inZones.set(zone, (inZones.get(zone) ?? 0) + this.tasks[service]!.own[index]!);
    });
    return inZones;
  }

  /** None where the service may have no task more. */
  private placesOf(service: number): Places[] {
    const { staysBecause, surgeRoom } = this.services[service]!;
    if (staysBecause !== undefined || this.tasks[service]!.moved.size >= surgeRoom) return [];
    const inZones = this.inZones(service);
    const byZone = this.placesByZone(service);
    const without = [...inZones.keys()].map((zone) => [zone, this.placeWithout(zone, inZones, byZone)] as const);
    return [{ service, without: new Map(without.flatMap(([zone, to]) => (to === undefined ? [] : [[zone, to]]))) }];
  }

  /** Of those alike the emptiest; none in a zone without room. */
  private placesByZone(service: number): Map<string, Place> {
    const places = new Map<string, Place>();
    this.instances.forEach(({ zone }, instance) => {
      if (!this.fits(service, instance)) return;
      const own = this.tasks[service]!.own[instance]!;
      const known = places.get(zone);
      const isEmptier = known?.own === own && this.share(instance) < this.share(known.instance);
      if (known === undefined || own < known.own || isEmptier) places.set(zone, { own, instance });
    });
    return places;
  }

  private fits(service: number, instance: number): boolean {
    const { reservation, isOnePerInstance, allowedInstances } = this.services[service]!;
    if (allowedInstances?.has(this.instances[instance]!.arn) === false) return false;
    if (isOnePerInstance && this.tasks[service]!.own[instance]! > 0) return false;
    return this.share(instance, reservation, 1) <= 1;
  }

  /** Undefined where there is no room, or zones would be less even than before. */
  private placeWithout(
    left: string,
    inZones: ReadonlyMap<string, number>,
    byZone: ReadonlyMap<string, Place>,
  ): number | undefined {
    const without = (zone: string): number => inZones.get(zone)! - (zone === left ? 1 : 0);
    const fewest = Math.min(...[...byZone.keys()].map(without));
    const alike = [...byZone].filter(([zone]) => without(zone) === fewest);
    const [best] = alike.sort(([, a], [, b]) => this.share(a.instance) - this.share(b.instance));
    if (best === undefined) return undefined;
    const [into, { instance }] = best;
    const change = (zone: string): number => (zone === into ? 1 : 0) - (zone === left ? 1 : 0);
    return isLessEven(inZones, change) ? undefined : instance;
  }
}

/** Those of equal instances in the order of their ARNs, the first one last. */
function tasksOf({ tasks, staysBecause }: PlacedService, positions: ReadonlyMap<string, number>): Tasks {
  const own = Array.from(positions, () => 0);
  const movable = Array.from(positions, (): PlacedTask[] => []);
  for (const task of [...tasks].sort((a, b) => (a.arn < b.arn ? 1 : -1))) {
    const position = positions.get(task.instanceArn);
    if (position === undefined) continue;
    own[position]!++;
    if (task.isMovable && staysBecause === undefined) movable[position]!.push(task);
  }
  return { own, movable, moved: new Set() };
}

/** Whether a change leaves zones further apart than they were, and than one task. */
function isLessEven(inZones: ReadonlyMap<string, number>, change: (zone: string) => number): boolean {
  const after = [...inZones].map(([zone, count]) => count + change(zone));
  return spread(after) > Math.max(spread([...inZones.values()]), 1);
}

const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);

function apartOf(shares: readonly number[]): number {
  const fullest = Math.max(0, ...shares);
  return fullest === 0 ? 0 : (fullest - Math.min(...shares)) / fullest;
}
