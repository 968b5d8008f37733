/**
 * Who gets requests now, and how many each can take. Kept up to date target by target, from what changed: a large service costs
 * no more at a change than a small one. All targets are walked only where that may change an answer: when the balancer begins or
 * ceases to fail open, and while more comes than the least of them is sure to work off.
 */
import type { ContainerProfile } from "../inputs/profile";
import type { Cluster } from "../world/ecs/cluster";
import type { Task } from "../world/ecs/task";
import { keyOf } from "../world/elb/target";
import type { TargetGroup } from "../world/elb/targetGroup";
import { Topic } from "../world/topic";
import { capacityOf, leastCapacityOf } from "./taskCapacity";

export interface Route {
  /** Undefined where nobody is behind the target any more. */
  readonly task: Task | undefined;
  readonly answers: boolean;
  /** Its instance was taken back without a notice. */
  readonly lostWithoutNotice: boolean;
  /** Requests per second that it can work off; kept up to date only while {@link Routing.isTight}. */
  readonly capacityPerSecond: number;
}

interface State extends Omit<Route, "capacityPerSecond"> {
  readonly isRouted: boolean;
}

/** What is known of a target, whether or not it gets requests. */
interface Known extends State {
  readonly instanceId: string;
  readonly port: number;
  /** Known earlier, routed earlier: the order in which targets were registered. */
  readonly order: number;
  inRotation: boolean;
  capacityPerSecond: number;
}

const serves = ({ isRouted, answers }: State): boolean => isRouted && answers;

export class Routing {
  /** Of the routed ones, how many answer, and how many others have lost their instance without a notice. */
  answering = 0;
  lostWithoutNotice = 0;
  /** Whether what comes may be more than some target can do; only then is a capacity worth a look. */
  isTight = false;
  /** Of what comes, how much is answered well. */
  servedShare = 0;
  /** A task gets no more requests, or no longer answers them. Told while what was known of its route still is. */
  readonly ceased = new Topic<{ readonly task: Task; readonly route: Route }>();
  private readonly list: Known[] = [];
  private readonly known = new Map<string, Known>();
  /** Those that get requests and answer them. */
  private readonly byTask = new Map<Task, Known>();
  private readonly byInstance = new Map<string, Set<Known>>();
  private readonly lostInstances = new Set<string>();
  /** What may have changed since the last refresh. */
  private readonly changed = new Set<Known>();
  private inRotation = 0;
  private failsOpen = false;
  private order = 0;
  /** What every task so far was sure to work off. */
  private leastCapacity = Infinity;

  constructor(
    private readonly targetGroup: TargetGroup,
    private readonly cluster: Cluster,
    private readonly profile: ContainerProfile,
    /** CPU units that a task spends on its long requests. */
    private readonly busyUnits: (task: Task) => number = () => 0,
  ) {
    for (const { instanceId, port } of targetGroup.targets.values()) this.changed.add(this.of(instanceId, port));
    targetGroup.routingChanged.subscribe(({ instanceId, port }) => this.changed.add(this.of(instanceId, port)));
    cluster.life.serving.subscribe((task) => this.onProcess(task));
    cluster.life.signalled.subscribe(({ task }) => this.onProcess(task));
    cluster.life.exited.subscribe(({ task }) => this.onProcess(task));
  }

  /** The balancer spreads requests evenly over these, in the order in which they were registered. */
  get routed(): readonly Route[] {
    return this.list;
  }

  /** An instance was taken back without a notice. */
  loseWithoutNotice(instanceId: string): void {
    this.lostInstances.add(instanceId);
    for (const known of this.byInstance.get(instanceId) ?? []) this.changed.add(known);
  }

  /** Brings everything up to date, for so many requests per second. */
  refresh(requestsPerSecond: number): void {
    for (const known of this.changed) this.rotate(known);
    const failsOpen = this.inRotation === 0;
    if (failsOpen !== this.failsOpen) {
      this.failsOpen = failsOpen;
      for (const known of this.known.values()) this.changed.add(known);
    }
    for (const known of this.changed) this.review(known);
    this.changed.clear();
    this.measure(requestsPerSecond);
  }

  /** Requests per second that a target can work off; no bound where none is near. */
  capacityOf({ capacityPerSecond }: Route): number {
    return this.isTight ? capacityPerSecond : Infinity;
  }

  /** The tasks that get requests which they answer. */
  serving(): Task[] {
    return [...this.byTask.keys()];
  }

  /** Through which a task gets requests that it answers. */
  routeTo(task: Task): Route | undefined {
    return this.byTask.get(task);
  }

  private onProcess(task: Task): void {
    for (const known of this.targetsOf(task)) this.changed.add(known);
  }

  private targetsOf({ instance, ports }: Task): Known[] {
    if (instance === undefined) return [];
    return ports.flatMap(({ hostPort }) => this.known.get(keyOf(instance.ec2.id, hostPort)) ?? []);
  }

  private of(instanceId: string, port: number): Known {
    const key = keyOf(instanceId, port);
    const found = this.known.get(key);
    if (found !== undefined) return found;
    const made: Known = {
      instanceId,
      port,
      order: this.order++,
      task: undefined,
      answers: false,
      lostWithoutNotice: false,
      inRotation: false,
      isRouted: false,
      capacityPerSecond: 0,
    };
    this.known.set(key, made);
    const onInstance = this.byInstance.get(instanceId) ?? new Set();
    this.byInstance.set(instanceId, onInstance.add(made));
    return made;
  }

  private forget(known: Known): void {
    const { instanceId, port } = known;
    this.known.delete(keyOf(instanceId, port));
    const onInstance = this.byInstance.get(instanceId);
    onInstance?.delete(known);
    if (onInstance?.size === 0) this.byInstance.delete(instanceId);
  }

  private rotate(known: Known): void {
    const target = this.targetGroup.targets.get(keyOf(known.instanceId, known.port));
    const inRotation = target !== undefined && this.targetGroup.isInRotation(target);
    this.inRotation += Number(inRotation) - Number(known.inRotation);
    known.inRotation = inRotation;
  }

  /** Takes a target out as it was, and in again as it is. */
  private review(known: Known): void {
    const now = this.look(known);
    const goesOn = serves(now) && now.task === known.task;
    if (serves(known) && !goesOn) this.ceased.publish({ task: known.task!, route: known });
    if (serves(known)) this.byTask.delete(known.task!);
    this.count(known, -1);
    if (known.isRouted && !now.isRouted) this.list.splice(this.placeOf(known), 1);
    if (!known.isRouted && now.isRouted) this.list.splice(this.placeOf(known), 0, known);
    Object.assign(known, now);
    if (serves(known)) this.byTask.set(known.task!, known);
    this.count(known, 1);
    if (!this.targetGroup.targets.has(keyOf(known.instanceId, known.port))) this.forget(known);
  }

  private look({ instanceId, port, inRotation }: Known): State {
    const { life } = this.cluster;
    const target = this.targetGroup.targets.get(keyOf(instanceId, port));
    const isRegistered = target !== undefined && target.deregisteredAt === undefined;
    const task = life.behind(instanceId, port);
    const answers = task !== undefined && life.answers(task);
    if (answers) this.leastCapacity = Math.min(this.leastCapacity, leastCapacityOf(task, this.profile));
    return {
      task,
      answers,
      lostWithoutNotice: this.lostInstances.has(instanceId),
      isRouted: inRotation || (this.failsOpen && isRegistered),
    };
  }

  private count({ isRouted, answers, lostWithoutNotice }: State, difference: 1 | -1): void {
    if (!isRouted) return;
    if (answers) this.answering += difference;
    else if (lostWithoutNotice) this.lostWithoutNotice += difference;
  }

  private measure(requestsPerSecond: number): void {
    const { list } = this;
    const each = requestsPerSecond / list.length;
    this.isTight = list.length > 0 && each > this.leastCapacity;
    let served = this.answering;
    if (this.isTight) {
      served = 0;
      for (const known of list) {
        known.capacityPerSecond = known.answers
          ? capacityOf(known.task!, this.profile, this.busyUnits(known.task!))
          : 0;
        served += Math.min(1, known.capacityPerSecond / each);
      }
    }
    this.servedShare = list.length === 0 ? 0 : served / list.length;
  }

  /** Whether a task gets more short requests than it can work off, now or once its long ones take so many CPU units. */
  binds(task: Task, busyUnits: number, requestsPerSecond: number): boolean {
    const route = this.routeTo(task);
    if (route === undefined) return false;
    const each = requestsPerSecond / this.list.length;
    return each > this.capacityOf(route) || each > capacityOf(task, this.profile, busyUnits);
  }

  /** Where in the list a target is, or belongs. */
  private placeOf({ order }: Known): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.list[middle]!.order < order) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
