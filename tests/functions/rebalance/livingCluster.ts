/** The small AWS, alive, for the rebalance function: its scheduler spreads tasks over zones and then over instances, as ECS does. */
import fc from "fast-check";
import { handleRebalance, type RebalancePorts } from "../../../functions/rebalance/handler";
import { movesTag } from "../../../functions/rebalance/movesTag";
import { MOVES_TAG } from "../../../functions/tags";
import { LIVELINESS, living, type Liveliness } from "../retire/living";
import { DEREGISTRATION_DELAY } from "../retire/taskLives";
import { MINUTE, NOW, S, type FakeInstance, type FakeTask } from "../scaleIn/fakeAws";
import { FakeCluster, FIGURES, launched, RAISED, schedule, SETTINGS, TASK } from "./fakeAws";

export interface Nature extends Liveliness {
  /** How many tasks each instance has, in zones by turns. */
  readonly counts: readonly number[];
  readonly zones: number;
  /** For how many tasks an instance has room. */
  readonly slots: number;
  readonly maximumPercent: number;
  /** Where the service scales. */
  readonly maxCount: number | undefined;
  readonly workPatienceSeconds: number;
  readonly mostMoves: number;
}

export const nature: fc.Arbitrary<Nature> = fc
  .record({
    ...LIVELINESS,
    takesJobs: fc.constantFrom(false, false, false, true),
    counts: fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 2, maxLength: 6 }),
    zones: fc.integer({ min: 1, max: 3 }),
    slots: fc.constantFrom(6, 8, 16),
    maximumPercent: fc.constantFrom(100, 125, 150, 200),
    maxCount: fc.constantFrom(undefined, undefined, 8, 12, 40),
    workPatienceSeconds: fc.constantFrom(0, 30, 120),
    mostMoves: fc.constantFrom(1, 3, 10),
    atOnce: fc.boolean(),
  })
  .map((given) => (given.takesJobs ? { ...given, protects: true, workPatienceSeconds: 0 } : given));

/** What happens to the cluster from outside. */
const HAPPENINGS = {
  joins: (aws: LivingCluster) => aws.launch(),
  deploy: (aws: LivingCluster) => (aws.service.deployments[0]!.rolloutState = "IN_PROGRESS"),
  deployed: (aws: LivingCluster) => (aws.service.deployments[0]!.rolloutState = "COMPLETED"),
  scalesOut: (aws: LivingCluster) => aws.setByOthers(aws.service.desiredCount + 2),
  scalesIn: (aws: LivingCluster) => aws.setByOthers(aws.service.desiredCount - 1),
  died: (aws: LivingCluster) => aws.alive.slice(0, 1).forEach((task) => aws.stop(task)),
  interrupted: (aws: LivingCluster) => aws.interrupt(),
  othersCome: (aws: LivingCluster) => aws.fill(),
  othersGo: (aws: LivingCluster) => aws.others.clear(),
  refresh: (aws: LivingCluster) => (aws.refreshStatus = "InProgress"),
  refreshed: (aws: LivingCluster) => (aws.refreshStatus = "Successful"),
};

export type Happening = keyof typeof HAPPENINGS;

const LASTING = ["joins", "joins", "interrupted", "othersGo", "deployed", "refreshed"] as const;
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.constantFrom(...LASTING),
  fc.constantFrom(...(Object.keys(HAPPENINGS) as Happening[])),
);

/** Calls that are not the last ones before something is done: what happens at one of them, the function can see in time. */
const EARLY = /^(list|describe(Tasks|TaskDefinition|ScalableTargets|ContainerInstances)|getTaskProtection)/;
/** From the notice to the end of an instance. */
const NOTICE = 120 * S;
/** Until an instance that was launched has joined. */
const BOOT = 45 * S;

export class LivingCluster extends living(FakeCluster) {
  /** What the function wanted that the service doesn't allow: below what it ran before, or the minimum; above the maximum. */
  readonly outOfBounds: string[] = [];
  /** How many tasks each instance had, in order, whenever a round began. */
  readonly begunAt: string[] = [];
  /** Of any second, the fewest tasks that ran, and those of them that served. */
  readonly fewest = { running: Infinity, serving: Infinity };
  /** What the others want, as far as that can be told: a number between is what is left of the function's own. */
  readonly wanted = new Set<number>();
  private readonly endings = new Map<FakeInstance, number>();
  private readonly boots: number[] = [];
  private soon: { readonly what: Happening; calls: number }[] = [];

  constructor(private readonly nature: Nature) {
    super();
    this.comeAlive(nature);
    this.room = { ...this.room, cpu: nature.slots * TASK.cpu };
    nature.counts.forEach((count, index) => {
      const instance = this.join(`eu-west-1${"abc"[index % nature.zones]}`);
      for (let k = 0; k < count; k++) this.startedAt.set(this.run(instance), NOW - 60 * MINUTE);
    });
    this.minCapacity = nature.maxCount === undefined ? undefined : 1;
    this.maxCapacity = nature.maxCount ?? Infinity;
    this.service.desiredCount = this.tasks.length;
    this.wanted.add(this.tasks.length);
    const { workPatienceSeconds, protects, takesJobs } = nature;
    const settleSeconds = takesJobs ? 2 : protects ? FIGURES.settleSeconds : DEREGISTRATION_DELAY / S;
    const figures = { ...FIGURES, workPatienceSeconds, settleSeconds };
    Object.assign(this.description, {
      tags: [{ key: MOVES_TAG, value: movesTag(figures) }],
      deploymentConfiguration: { maximumPercent: nature.maximumPercent },
    });
  }

  protected override handleBatch(batch: Parameters<typeof handleRebalance>[0]): ReturnType<typeof handleRebalance> {
    const ports = this.ports() as unknown as RebalancePorts;
    return handleRebalance(batch, { ...SETTINGS, mostMoves: this.nature.mostMoves }, ports, 25_000);
  }

  protected override scheduleOf(minute: number): string | undefined {
    return Math.floor(minute / MINUTE) % 5 === 0 ? schedule(minute) : undefined;
  }

  /** Among those alike, any. */
  protected override place(): FakeInstance | undefined {
    const all = this.instances.filter(({ status }) => status === "ACTIVE");
    const on = (instance: FakeInstance): number => this.alive.filter((task) => task.instance === instance).length;
    const inZone = (instance: FakeInstance): number =>
      this.alive.filter((task) => task.instance.zone === instance.zone).length;
    const open = all.filter((instance) => on(instance) + (this.others.get(instance) ?? 0) < this.nature.slots);
    const fewest = <T>(of: readonly T[], count: (each: T) => number): T[] => {
      const least = Math.min(...of.map(count));
      return of.filter((each) => count(each) === least);
    };
    const best = fewest(fewest(open, inZone), on);
    return best[Math.floor(this.random() * best.length)];
  }

  override run(instance: FakeInstance, lastStatus?: string): FakeTask {
    const task = super.run(instance, lastStatus);
    this.createdAt.set(task, this.now);
    return task;
  }

  happen(what: Happening): void {
    HAPPENINGS[what](this);
  }

  /** At one of the function's next early calls. */
  happenSoon(what: Happening): void {
    this.soon.push({ what, calls: Math.floor(this.random() * 10) });
  }

  protected override meanwhile(command: string): void {
    if (!EARLY.test(command)) return;
    const due = this.soon.filter((each) => each.calls-- <= 0);
    this.soon = this.soon.filter((each) => !due.includes(each));
    for (const { what } of due) this.happen(what);
  }

  /** As Application Auto Scaling does, and only where the service scales. */
  setByOthers(count: number): void {
    const { minCapacity = Infinity, maxCapacity } = this;
    const allowed = Math.max(minCapacity, Math.min(maxCapacity, count));
    if (this.minCapacity === undefined || allowed === this.service.desiredCount) return;
    this.loweredByOthers += Math.max(0, this.service.desiredCount - allowed);
    this.service.desiredCount = allowed;
    const [before, raised] = this.moving ?? [];
    const isBetween = before !== undefined && allowed > before && allowed <= raised!;
    if (!isBetween) this.wanted.clear();
    this.wanted.add(allowed);
  }

  /** What the group's tag says: the desired count before and meanwhile. */
  get moving(): readonly [number, number] | undefined {
    const [before, raised] = (this.groupTags.get(RAISED) ?? "0 0").split(" ").map(Number);
    return raised! > before! ? [before!, raised!] : undefined;
  }

  /** Other services take all the room that there is. */
  fill(): void {
    for (const instance of this.instances) {
      const own = this.alive.filter((task) => task.instance === instance).length;
      this.others.set(instance, Math.max(0, this.nature.slots - own));
    }
  }

  launch(): void {
    if (this.instances.length + this.boots.length >= 8) return;
    this.boots.push(this.now + BOOT);
    this.send(launched());
  }

  /** An instance drains, goes two minutes later, and another comes in its place. */
  interrupt(): void {
    if (this.instances.filter(({ status }) => status === "ACTIVE").length < 2) return;
    const instance = this.drain();
    if (instance === undefined) return;
    this.endings.set(instance, this.now + NOTICE);
    this.launch();
  }

  /** Everything is well again, and nothing comes or happens any more. */
  calmDown(): void {
    for (const { what } of this.soon.splice(0)) this.happen(what);
    this.lives.isOpen = false;
    this.isTroubled = false;
    for (const what of ["deployed", "refreshed"] as const) this.happen(what);
  }

  protected override second(): void {
    super.second();
    for (const [instance, at] of this.endings) if (at <= this.now) this.end(instance);
    const booted = this.boots.filter((at) => at <= this.now);
    booted.forEach((at) => {
      this.boots.splice(this.boots.indexOf(at), 1);
      this.join(`eu-west-1${"abc"[Math.floor(this.random() * this.nature.zones)]}`);
    });
    for (const task of this.alive)
      if (task.lastStatus === "RUNNING" && !this.startedAt.has(task)) this.startedAt.set(task, this.now);
    const running = this.alive.filter(({ lastStatus }) => lastStatus === "RUNNING");
    const serving = running.filter((task) => !this.hasBalancer || this.healthOf(task) === "healthy");
    this.fewest.running = Math.min(this.fewest.running, running.length);
    this.fewest.serving = Math.min(this.fewest.serving, serving.length);
  }

  private end(instance: FakeInstance): void {
    this.endings.delete(instance);
    for (const task of this.alive) if (task.instance === instance) this.stop(task);
    this.instances.splice(this.instances.indexOf(instance), 1);
  }

  protected override setDesiredCount(count: number): void {
    const { desiredCount } = this.service;
    const [before = desiredCount] = this.moving ?? [];
    const least = Math.max(before, this.minCapacity ?? 0);
    const most = Math.min(this.maxCapacity, Math.floor((before * this.nature.maximumPercent) / 100));
    const isRaised = count > desiredCount;
    if (count < least) this.outOfBounds.push(`${count} is less than ${least} at ${this.now}`);
    if (isRaised && count > most) this.outOfBounds.push(`${count} is more than ${most} at ${this.now}`);
    if (isRaised) this.begunAt.push(this.counts.join(" "));
    super.setDesiredCount(count);
  }
}
