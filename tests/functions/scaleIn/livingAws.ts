/**
 * The small AWS, alive: time passes at every call; tasks get work, protect themselves late and release at any moment; ECS
 * registers targets again, replaces what was stopped a second or a few later, and stops what it likes among the unprotected
 * where it has too many; calls fail, lose their answer, or are never made because the function crashed; messages come late,
 * twice and out of order.
 */
import fc from "fast-check";
import { handleScaleIn } from "../../../functions/scaleIn/handler";
import type { ScaleInSettings } from "../../../functions/scaleIn/settings";
import { alarmChange, awsError, FakeAws, MINUTE, S, sweep, type FakeTask } from "./fakeAws";

export interface Nature {
  readonly seed: number;
  readonly instances: number;
  readonly tasksEach: number;
  readonly minCapacity: number;
  readonly workPatienceSeconds: number;
  /** Whether containers protect their work. */
  readonly protects: boolean;
  /** How long ECS leaves a target out; undefined where it never registers one again. */
  readonly registersAfterSeconds: number | undefined;
  /** How likely a serving task gets a request in a second. */
  readonly busy: number;
  readonly workSeconds: number;
  /** Whether tasks take jobs from a queue, without a balancer; each protects itself before its job begins. */
  readonly takesJobs: boolean;
  /** How likely a call fails. */
  readonly faulty: number;
  /** How likely an invocation crashes. */
  readonly crashing: number;
}

export const nature: fc.Arbitrary<Nature> = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  instances: fc.integer({ min: 1, max: 5 }),
  tasksEach: fc.integer({ min: 1, max: 3 }),
  minCapacity: fc.integer({ min: 0, max: 4 }),
  workPatienceSeconds: fc.constantFrom(0, 30, 120),
  protects: fc.constantFrom(true, true, true, false),
  registersAfterSeconds: fc.constantFrom(undefined, 1, 5, 30),
  busy: fc.constantFrom(0, 0.02, 0.1),
  workSeconds: fc.constantFrom(5, 20, 90),
  takesJobs: fc.constant(false),
  faulty: fc.constantFrom(0, 0.02, 0.2),
  crashing: fc.constantFrom(0, 0.1, 0.4),
});

/** Of workers: of their queue, CloudWatch tells nothing, so that all of them seem to be too many. */
export const jobNature: fc.Arbitrary<Nature> = fc
  .tuple(nature, fc.constantFrom(0.02, 0.1, 0.3))
  .map(([given, busy]) => ({ ...given, busy, takesJobs: true, protects: true, workPatienceSeconds: 0 }));

/** What happens to the service from outside. */
const HAPPENINGS = {
  low: (aws: LivingAws) => aws.raiseLowAlarm(),
  quiet: (aws: LivingAws) => aws.alarms.set("api-few-requests", "OK"),
  out: (aws: LivingAws) => aws.alarms.set("api-cpu-high", "ALARM"),
  calm: (aws: LivingAws) => aws.alarms.set("api-cpu-high", "OK"),
  deploy: (aws: LivingAws) => (aws.service.deployments[0]!.rolloutState = "IN_PROGRESS"),
  deployed: (aws: LivingAws) => (aws.service.deployments[0]!.rolloutState = "COMPLETED"),
  raised: (aws: LivingAws) => aws.service.desiredCount++,
  lowered: (aws: LivingAws) => aws.lowerByHand(),
  minimum: (aws: LivingAws) => aws.raiseMinimum(),
  died: (aws: LivingAws) => aws.alive.slice(0, 1).forEach((task) => aws.stop(task)),
  drains: (aws: LivingAws) => aws.drain(),
};

export type Happening = keyof typeof HAPPENINGS;

const LASTING = ["low", "low", "low", "calm", "deployed"] as const;
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.constantFrom(...LASTING),
  fc.constantFrom(...(Object.keys(HAPPENINGS) as Happening[])),
);

export const DEREGISTRATION_DELAY = 45 * S;
/** A target that is registered again has passed no check before. */
const HEALTH_CHECK = 10 * S;
/** Until the balancer's last part knows that a target is out. */
const PROPAGATION = 3 * S;
/** From a request to the protection that its container asks for. */
const LONGEST_LAG = 8 * S;
const IDLE = 15 * S;
const OWN_PROTECTION = 60 * MINUTE;
const VISIBILITY = 30 * S;
const RETENTION = 300 * S;
const MAX_RECEIVES = 4;
/** Until ECS replaces what is missing, or stops what is too much. */
const REACTION = { least: S, most: 3 * S };
/** For how long a stop explains that the desired count is lowered. */
const EXPLAINS = 5 * S;
/** What began so long ago was there when protections were read for the last time before a stop. */
const KNOWN_AFTER = S;

/** How a container works and protects its work. */
interface Life {
  work: { readonly begunAt: number; readonly endsAt: number }[];
  idleSince: number;
  /** When the protection that it asked for comes to be. */
  protectsAt: number | undefined;
  ownUntil: number;
  /** When its protection began. */
  ownSince: number;
  /** While the balancer's last part still routes to it. */
  routesUntil: number;
}

interface Message {
  readonly body: string;
  readonly sentAt: number;
  due: number;
  receives: number;
}

class Crash extends Error {}

export class LivingAws extends FakeAws {
  readonly lives = new Map<FakeTask, Life>();
  readonly messages: Message[] = [];
  /** What the function stopped although it worked, was protected, or might have got a request. */
  readonly brokenOff: string[] = [];
  /** Desired counts that the function lowered by more than it had stopped. */
  readonly overdrawn: string[] = [];
  /** Desired counts below the minimum of their moment. */
  readonly tooLow: number[] = [];
  /** Tasks that ECS chose by itself although nobody else had lowered the desired count. */
  chosenByEcs = 0;
  /** Tasks that ECS started. */
  started = 0;
  private minimum: number;
  private loweredByOthers = 0;
  /** When the function stopped tasks, by which it has yet to lower the desired count. */
  private stops: number[] = [];
  private reactsAt: number | undefined;
  private state: number;
  private callsUntilCrash = Number.POSITIVE_INFINITY;
  private lastSecond: number;
  isTroubled = true;

  constructor(
    private readonly nature: Nature,
    private readonly settings: ScaleInSettings,
  ) {
    super();
    this.state = nature.seed;
    this.hasBalancer = !nature.takesJobs;
    if (nature.takesJobs) this.loads = [];
    this.minimum = nature.minCapacity;
    this.minCapacity = this.minimum;
    for (let n = 0; n < nature.instances; n++) {
      const instance = this.join(`eu-west-1${"abc"[n % 3]}`);
      for (let k = 0; k < nature.tasksEach; k++) this.run(instance);
    }
    this.service.desiredCount = this.tasks.length;
    this.alarms.set("api-few-requests", "OK");
    this.lastSecond = this.now;
  }

  /** Uniform in [0, 1), from the seed. */
  random(): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return this.state / 2 ** 32;
  }

  private chance(probability: number): boolean {
    return this.random() < probability;
  }

  /** Lets seconds pass, with the schedule and the queue at work. */
  async pass(seconds: number): Promise<void> {
    const end = this.now + seconds * S;
    while (this.now < end) {
      const minute = Math.floor(this.now / MINUTE);
      this.letPass(S);
      if (Math.floor(this.now / MINUTE) !== minute) this.send(sweep(this.now));
      await this.deliver();
    }
  }

  happen(what: Happening): void {
    HAPPENINGS[what](this);
  }

  raiseLowAlarm(): void {
    this.alarms.set("api-few-requests", "ALARM");
    this.send(alarmChange());
  }

  lowerByHand(): void {
    if (this.service.desiredCount <= this.minimum) return;
    this.service.desiredCount -= 1;
    this.loweredByOthers++;
  }

  /** As Application Auto Scaling does: a desired count below is moved up. */
  raiseMinimum(): void {
    this.minimum += 1;
    this.minCapacity = this.minimum;
    this.service.desiredCount = Math.max(this.service.desiredCount, this.minimum);
  }

  /** Everything is well again. */
  calmDown(): void {
    this.isTroubled = false;
    for (const what of ["quiet", "calm", "deployed"] as const) this.happen(what);
  }

  private send(body: string, delaySeconds = 0): void {
    const due = this.now + delaySeconds * S + this.random() * S;
    this.messages.push({ body, sentAt: this.now, due, receives: 0 });
  }

  private async deliver(): Promise<void> {
    const due = this.messages.filter((message) => message.due <= this.now);
    if (due.length === 0) return;
    // Out of order, and in one batch or in two at once.
    const batch = due.sort(() => (this.chance(0.5) ? 1 : -1));
    const cut = this.isTroubled && this.chance(0.3) ? Math.ceil(batch.length / 2) : batch.length;
    if (this.isTroubled && this.chance(0.05)) batch.push(batch[0]!);
    await Promise.all([this.invoke(batch.slice(0, cut)), this.invoke(batch.slice(cut))]);
  }

  private async invoke(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    for (const message of messages) {
      message.due = this.now + VISIBILITY;
      message.receives++;
    }
    const crashes = this.isTroubled && this.chance(this.nature.crashing);
    this.callsUntilCrash = crashes ? Math.floor(this.random() * 40) : Number.POSITIVE_INFINITY;
    const Records = messages.map(({ body }, index) => ({ messageId: String(index), body }));
    const answer = await handleScaleIn({ Records }, this.settings, this.ports(), 25_000);
    const isCrashed = this.callsUntilCrash < 0;
    const failed = new Set(answer.batchItemFailures.map((failure) => failure.itemIdentifier));
    messages.forEach((message, index) => {
      const isBack = isCrashed || failed.has(String(index));
      if (isBack && message.receives < MAX_RECEIVES && this.now - message.sentAt < RETENTION) return;
      const place = this.messages.indexOf(message);
      if (place >= 0) this.messages.splice(place, 1);
    });
  }

  protected override answer(command: string, run: (input: Record<string, unknown>) => object) {
    return async (input: Record<string, unknown>): Promise<object> => {
      // Calls that are made at once take no longer than the slowest of them.
      const answeredAt = this.now + this.random() * 300;
      await Promise.resolve();
      this.letPass(Math.max(0, answeredAt - this.now));
      this.calls.push({ command, input });
      if (--this.callsUntilCrash < 0) throw new Crash(`before ${command}`);
      const isFaulty = this.isTroubled && this.chance(this.nature.faulty);
      if (isFaulty && this.chance(0.5)) throw awsError("ThrottlingException", "Rate exceeded");
      const output = run(input);
      if (isFaulty) throw awsError("TimeoutError", "done, and not answered");
      return output;
    };
  }

  protected override sleep(milliseconds: number): Promise<void> {
    this.letPass(milliseconds);
    return Promise.resolve();
  }

  protected override sendMessage({ MessageBody, DelaySeconds }: Record<string, unknown>): object {
    this.send(MessageBody as string, DelaySeconds as number);
    return {};
  }

  protected override setDesiredCount(count: number): void {
    const by = this.service.desiredCount - count;
    const explaining = this.stops.filter((at) => this.now - at < EXPLAINS);
    if (by > explaining.length) this.overdrawn.push(`by ${by} to ${count} after ${explaining.length} at ${this.now}`);
    this.stops = explaining.slice(Math.max(0, by));
    if (count < this.minimum) this.tooLow.push(count);
    super.setDesiredCount(count);
  }

  protected override stopByCall(task: FakeTask): void {
    const { work, routesUntil, ownSince } = this.lifeOf(task);
    if (this.nature.takesJobs) {
      const isKnown = task.protectedUntil > this.now && this.now - ownSince >= KNOWN_AFTER;
      if (isKnown) this.brokenOff.push(`${task.arn} at ${this.now}`);
      this.stops.push(this.now);
      return this.stop(task);
    }
    // Without protection, a request has the deregistration delay; whatever is older, the balancer has cut.
    const isOwed = ({ begunAt }: Life["work"][number]): boolean =>
      this.nature.protects || this.now - begunAt < DEREGISTRATION_DELAY;
    const mayServe = this.healthOf(task) === "healthy" || this.now < routesUntil;
    if (mayServe || task.protectedUntil > this.now || work.some((each) => each.endsAt > this.now && isOwed(each)))
      this.brokenOff.push(`${task.arn} at ${this.now}`);
    this.stops.push(this.now);
    this.stop(task);
  }

  private letPass(milliseconds: number): void {
    this.now += milliseconds;
    while (this.now - this.lastSecond >= S) {
      this.lastSecond += S;
      this.second();
    }
  }

  private second(): void {
    for (const task of this.alive) {
      if (task.lastStatus === "PENDING" && this.chance(0.3)) {
        task.lastStatus = "RUNNING";
        this.register(task);
      } else if (task.lastStatus === "RUNNING") {
        this.route(task);
        this.work(task);
      }
    }
    this.schedule();
  }

  private lifeOf(task: FakeTask): Life {
    const known = this.lives.get(task);
    if (known !== undefined) return known;
    const life: Life = { work: [], idleSince: 0, protectsAt: undefined, ownUntil: 0, ownSince: 0, routesUntil: 0 };
    this.lives.set(task, life);
    return life;
  }

  /** The balancer, and ECS that wants every running task registered; on an instance that drains, the drain function. */
  private route(task: FakeTask): void {
    if (task.instance.status === "DRAINING") this.deregister(task);
    const target = this.targets.get(task);
    if (target === undefined) return;
    const age = this.now - target.since;
    if (target.health === "initial" && age >= HEALTH_CHECK && this.chance(0.5)) return this.register(task, "healthy");
    if (target.health !== "draining") return;
    const { registersAfterSeconds = Number.POSITIVE_INFINITY } = this.nature;
    if (task.instance.status === "ACTIVE" && age >= registersAfterSeconds * S) this.register(task);
    else if (age >= DEREGISTRATION_DELAY) this.targets.delete(task);
  }

  override deregister(task: FakeTask): void {
    if (this.healthOf(task) === "healthy") this.lifeOf(task).routesUntil = this.now + PROPAGATION;
    super.deregister(task);
  }

  private work(task: FakeTask): void {
    const life = this.lifeOf(task);
    const wasWorking = life.work.length > 0;
    life.work = life.work.filter(({ endsAt }) => endsAt > this.now);
    if (wasWorking && life.work.length === 0) life.idleSince = this.now;
    if (this.mayGetWork(task, life) && this.chance(this.nature.busy)) {
      const endsAt = this.now + (0.5 + this.random()) * this.nature.workSeconds * S;
      life.work.push({ begunAt: this.now, endsAt });
      const lag = this.nature.takesJobs ? 0 : this.random() * LONGEST_LAG;
      if (life.ownUntil <= this.now) life.protectsAt ??= this.now + lag;
    }
    if (this.nature.protects) this.protect(task, life);
  }

  /** A request, by its target; or one job after the other, out of the queue. */
  private mayGetWork(task: FakeTask, { work, routesUntil }: Life): boolean {
    if (this.nature.takesJobs) return work.length === 0;
    return this.healthOf(task) === "healthy" || this.now < routesUntil;
  }

  /** As the runtime does: for an hour, until nothing was done for a while. */
  private protect(task: FakeTask, life: Life): void {
    if (life.protectsAt !== undefined && life.protectsAt <= this.now) {
      life.protectsAt = undefined;
      life.ownSince = this.now;
      life.ownUntil = this.now + OWN_PROTECTION;
    }
    const isDone = life.work.length === 0 && this.now - life.idleSince >= IDLE && life.protectsAt === undefined;
    if (isDone) life.ownUntil = 0;
    task.protectedUntil = life.ownUntil;
  }

  /** ECS sees after a while that it has too few tasks, or too many. */
  private schedule(): void {
    if (this.alive.length === this.service.desiredCount) this.reactsAt = undefined;
    else this.reactsAt ??= this.now + REACTION.least + this.random() * (REACTION.most - REACTION.least);
    if (this.reactsAt === undefined || this.now < this.reactsAt) return;
    this.reactsAt = undefined;
    this.reconcile();
  }

  /** As many tasks as desired, and none stopped that is protected. */
  private reconcile(): void {
    const { desiredCount } = this.service;
    while (this.alive.length < desiredCount) this.start();
    let surplus = this.alive.length - desiredCount;
    const unprotected = this.alive.filter((task) => task.protectedUntil <= this.now);
    while (surplus-- > 0 && unprotected.length > 0) {
      const [task] = unprotected.splice(Math.floor(this.random() * unprotected.length), 1);
      if (this.loweredByOthers > 0) this.loweredByOthers--;
      else this.chosenByEcs++;
      this.stop(task!);
    }
  }

  private start(): void {
    this.started++;
    const active = this.instances.filter((instance) => instance.status === "ACTIVE");
    this.run(active[Math.floor(this.random() * active.length)] ?? this.join("eu-west-1a"), "PENDING");
  }

  stop(task: FakeTask): void {
    task.desiredStatus = "STOPPED";
    task.lastStatus = "STOPPED";
    this.targets.delete(task);
  }

  /** An instance drains, its tasks are replaced, and it goes. */
  drain(): void {
    const instance = this.instances.find((each) => each.status === "ACTIVE");
    if (instance === undefined || this.instances.length > 12) return;
    instance.status = "DRAINING";
    for (const task of this.alive.filter((each) => each.instance === instance)) {
      if (this.chance(0.5)) this.stop(task);
      else this.deregister(task);
    }
  }
}
