/**
 * The small AWS, alive: time passes at every call; tasks get work, protect themselves late and release late; ECS registers
 * targets again and stops what it likes among the unprotected; calls fail, lose their answer, or are never made because
 * the function crashed; messages come late, twice and out of order.
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
  /** How long ECS leaves a target out; undefined where it never registers one again. */
  readonly registersAfterSeconds: number | undefined;
  /** How likely a serving task gets a request in a second. */
  readonly busy: number;
  readonly workSeconds: number;
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
  registersAfterSeconds: fc.constantFrom(undefined, 1, 5, 30),
  busy: fc.constantFrom(0, 0.02, 0.1),
  workSeconds: fc.constantFrom(5, 20, 90),
  faulty: fc.constantFrom(0, 0.02, 0.2),
  crashing: fc.constantFrom(0, 0.1, 0.4),
});

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

const DEREGISTRATION_DELAY = 45 * S;
/** A target that is registered again has passed no check before. */
const HEALTH_CHECK = 10 * S;
/** Until the balancer's last part knows that a target is out. */
const PROPAGATION = 3 * S;
/** From a request to the protection that its container asks for. */
const LONGEST_LAG = 8 * S;
const IDLE = 15 * S;
/** How often a container looks whether somebody has shortened its protection. */
const CHECK_SECONDS = 60;
const OWN_PROTECTION = 60 * MINUTE;
const VISIBILITY = 30 * S;
const RETENTION = 300 * S;
const MAX_RECEIVES = 4;

/** How a container works and protects its work. */
interface Life {
  /** When each unit of work ends. */
  work: number[];
  idleSince: number;
  /** When the protection that it asked for comes to be. */
  protectsAt: number | undefined;
  ownUntil: number;
  /** While the balancer's last part still routes to it. */
  routesUntil: number;
  /** No new work right after a release: what then comes in is a race that ECS leaves to every task it may stop. */
  releasedAt: number;
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
  /** Tasks that scaling in stopped while they worked. */
  readonly brokenOff: string[] = [];
  /** Desired counts below the minimum of their moment. */
  readonly tooLow: number[] = [];
  private minimum: number;
  /** Tasks stopped because the function lowered the desired count. */
  retired = 0;
  private loweredByOthers = 0;
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
      await Promise.resolve();
      this.letPass(this.random() * 300);
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
    super.setDesiredCount(count);
    if (count < this.minimum) this.tooLow.push(count);
    this.schedule();
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
    const life: Life = { work: [], idleSince: 0, protectsAt: undefined, ownUntil: 0, routesUntil: 0, releasedAt: 0 };
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
    life.work = life.work.filter((end) => end > this.now);
    if (wasWorking && life.work.length === 0) life.idleSince = this.now;
    const target = this.targets.get(task);
    const isServing = target?.health === "healthy" || this.now < life.routesUntil;
    if (isServing && this.now - life.releasedAt > 5 * S && this.chance(this.nature.busy)) {
      life.work.push(this.now + (0.5 + this.random()) * this.nature.workSeconds * S);
      if (life.ownUntil <= this.now) life.protectsAt ??= this.now + this.random() * LONGEST_LAG;
    }
    if (Math.floor(this.now / S) % CHECK_SECONDS === 0) this.repair(task, life);
    this.protect(task, life);
  }

  /** As the runtime does: anew where somebody has shortened its protection. */
  private repair(task: FakeTask, { ownUntil }: Life): void {
    if (ownUntil > this.now && task.protectedUntil < ownUntil) task.protectedUntil = ownUntil;
  }

  /** As the runtime does: for an hour, until nothing was done for a while, and not while somebody else protects it. */
  private protect(task: FakeTask, life: Life): void {
    if (life.protectsAt !== undefined && life.protectsAt <= this.now) {
      life.protectsAt = undefined;
      life.ownUntil = this.now + OWN_PROTECTION;
      task.protectedUntil = life.ownUntil;
    }
    const isDone = life.work.length === 0 && this.now - life.idleSince >= IDLE && life.protectsAt === undefined;
    if (life.ownUntil === 0 || !isDone || (task.protectedUntil > this.now && task.protectedUntil !== life.ownUntil))
      return;
    task.protectedUntil = 0;
    life.ownUntil = 0;
    life.releasedAt = this.now;
  }

  /** ECS: as many tasks as desired, and none stopped that is protected. */
  private schedule(): void {
    const { desiredCount } = this.service;
    while (this.alive.length < desiredCount) this.start();
    let surplus = this.alive.length - desiredCount;
    const unprotected = this.alive.filter((task) => task.protectedUntil <= this.now);
    while (surplus-- > 0 && unprotected.length > 0) {
      const [task] = unprotected.splice(Math.floor(this.random() * unprotected.length), 1);
      if (this.loweredByOthers > 0) this.loweredByOthers--;
      else {
        this.retired++;
        if (this.lifeOf(task!).work.length > 0) this.brokenOff.push(`${task!.arn} at ${this.now}`);
      }
      this.stop(task!);
    }
  }

  private start(): void {
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
