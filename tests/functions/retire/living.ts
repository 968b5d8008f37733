/**
 * The small AWS, alive, whatever else it is: time passes at every call; tasks get work, protect themselves late and release at any
 * moment; ECS registers targets again, replaces what was stopped a second or a few later, and stops what it likes among the
 * unprotected where it has too many; calls fail, lose their answer, or are never made because the function crashed; messages come
 * late, twice and out of order.
 */
import fc from "fast-check";
import type { SqsBatchResponse } from "../../../functions/lambda";
import { awsError, MINUTE, S, type FakeAws, type FakeInstance, type FakeTask } from "../scaleIn/fakeAws";
import { LateQueue, type Message } from "./lateQueue";
import { DEREGISTRATION_DELAY, TaskLives, type TaskLiveliness } from "./taskLives";

/** How lively it is. */
export interface Liveliness extends TaskLiveliness {
  readonly seed: number;
  /** How long ECS leaves a target out; undefined where it never registers one again. */
  readonly registersAfterSeconds: number | undefined;
  /** How likely a call fails. */
  readonly faulty: number;
  /** How likely an invocation crashes. */
  readonly crashing: number;
  /** Whether Lambda may run two invocations at once. */
  readonly atOnce: boolean;
}

export const LIVELINESS = {
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  protects: fc.constantFrom(true, true, true, false),
  registersAfterSeconds: fc.constantFrom(undefined, 1, 5, 30),
  busy: fc.constantFrom(0, 0.02, 0.1),
  workSeconds: fc.constantFrom(5, 20, 90),
  takesJobs: fc.constant(false),
  faulty: fc.constantFrom(0, 0.02, 0.2),
  crashing: fc.constantFrom(0, 0.1, 0.4),
  atOnce: fc.constant(true),
} as const;

/** A target that is registered again has passed no check before. */
const HEALTH_CHECK = 10 * S;
/** Until ECS replaces what is missing, or stops what is too much. */
const REACTION = { least: S, most: 3 * S };
/** For how long a stop explains that the desired count is lowered. */
const EXPLAINS = 5 * S;
/** Where a task is that has yet to find its place. */
const NOWHERE: FakeInstance = { arn: "nowhere", instanceId: "", zone: "", status: "ACTIVE" };

class Crash extends Error {}

/** What a mixin's base has to be. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Base = new (...given: any[]) => FakeAws;

export function living<B extends Base>(Small: B) {
  abstract class Living extends Small {
    readonly queue = new LateQueue(() => this.random());
    /** What the function stopped although it worked, was protected, or might have got a request. */
    readonly brokenOff: string[] = [];
    /** Desired counts that the function lowered by more than it had stopped. */
    readonly overdrawn: string[] = [];
    /** Tasks that ECS chose by itself although nobody else had lowered the desired count. */
    chosenByEcs = 0;
    /** Tasks that ECS started. */
    started = 0;
    isTroubled = true;
    protected loweredByOthers = 0;
    private liveliness!: Liveliness;
    protected lives!: TaskLives;
    /** When the function stopped tasks, by which it has yet to lower the desired count. */
    private stops: number[] = [];
    private reactsAt: number | undefined;
    private state = 0;
    private callsUntilCrash = Number.POSITIVE_INFINITY;
    private lastSecond = 0;

    /** Runs the function under test. */
    protected abstract handleBatch(batch: {
      readonly Records: readonly { readonly messageId: string; readonly body: string }[];
    }): Promise<SqsBatchResponse>;

    /** The schedule's event that comes with a minute, in milliseconds since the epoch. */
    protected abstract scheduleOf(minute: number): string | undefined;

    /** Where ECS places one more task; undefined where there is no room. */
    protected abstract place(): FakeInstance | undefined;

    /** What happens while a call is on its way. */
    protected meanwhile(_command: string): void {}

    protected comeAlive(liveliness: Liveliness): void {
      this.liveliness = liveliness;
      this.lives = new TaskLives(liveliness, () => this.random());
      this.state = liveliness.seed;
      this.hasBalancer = !liveliness.takesJobs;
      this.lastSecond = this.now;
    }

    /** Uniform in [0, 1), from the seed. */
    random(): number {
      this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
      return this.state / 2 ** 32;
    }

    protected chance(probability: number): boolean {
      return this.random() < probability;
    }

    /** Lets seconds pass, with the schedule and the queue at work. */
    async pass(seconds: number): Promise<void> {
      const end = this.now + seconds * S;
      while (this.now < end) {
        const minute = Math.floor(this.now / MINUTE);
        this.letPass(S);
        const due = Math.floor(this.now / MINUTE) === minute ? undefined : this.scheduleOf(this.now);
        if (due !== undefined) this.send(due);
        await this.deliver();
      }
    }

    send(body: string, delaySeconds = 0): void {
      this.queue.send(body, this.now, delaySeconds);
    }

    private async deliver(): Promise<void> {
      // Out of order, and in one batch or in two at once.
      const batch = this.queue.due(this.now);
      if (batch.length === 0) return;
      const cut = this.isTroubled && this.chance(0.3) ? Math.ceil(batch.length / 2) : batch.length;
      if (this.isTroubled && this.chance(0.05)) batch.push(batch[0]!);
      const first = this.invoke(batch.slice(0, cut));
      if (!this.liveliness.atOnce) await first;
      await Promise.all([first, this.invoke(batch.slice(cut))]);
    }

    private async invoke(messages: readonly Message[]): Promise<void> {
      if (messages.length === 0) return;
      this.queue.receive(messages, this.now);
      const crashes = this.isTroubled && this.chance(this.liveliness.crashing);
      this.callsUntilCrash = crashes ? Math.floor(this.random() * 40) : Number.POSITIVE_INFINITY;
      const Records = messages.map(({ body }, index) => ({ messageId: String(index), body }));
      const answer = await this.handleBatch({ Records });
      const isCrashed = this.callsUntilCrash < 0;
      const failed = new Set(answer.batchItemFailures.map((failure) => failure.itemIdentifier));
      this.queue.done(messages, (index) => isCrashed || failed.has(String(index)), this.now);
    }

    protected override answer(command: string, run: (input: Record<string, unknown>) => object) {
      return async (input: Record<string, unknown>): Promise<object> => {
        // Calls that are made at once take no longer than the slowest of them.
        const answeredAt = this.now + this.random() * 300;
        await Promise.resolve();
        this.letPass(Math.max(0, answeredAt - this.now));
        this.calls.push({ command, input });
        this.meanwhile(command);
        if (--this.callsUntilCrash < 0) throw new Crash(`before ${command}`);
        const isFaulty = this.isTroubled && this.chance(this.liveliness.faulty);
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
      super.setDesiredCount(count);
    }

    protected override stopByCall(task: FakeTask): void {
      const seen = { now: this.now, health: this.healthOf(task) };
      if (this.lives.wouldBreakOff(task, seen)) this.brokenOff.push(`${task.arn} at ${this.now}`);
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

    protected second(): void {
      for (const task of this.alive) {
        if (task.lastStatus === "PROVISIONING") this.placeAgain(task);
        else if (task.lastStatus === "PENDING" && this.chance(0.3)) {
          task.lastStatus = "RUNNING";
          this.register(task);
        } else if (task.lastStatus === "RUNNING") {
          this.route(task);
          this.lives.live(task, { now: this.now, health: this.healthOf(task) });
        }
      }
      this.schedule();
    }

    private placeAgain(task: FakeTask): void {
      const instance = this.place();
      if (instance === undefined) return;
      Object.assign(task, { instance, lastStatus: "PENDING" });
    }

    /** The balancer, and ECS that wants every running task registered; on an instance that drains, the drain function. */
    private route(task: FakeTask): void {
      if (task.instance.status === "DRAINING") this.deregister(task);
      const target = this.targets.get(task);
      if (target === undefined) return;
      const age = this.now - target.since;
      if (target.health === "initial" && age >= HEALTH_CHECK && this.chance(0.5)) return this.register(task, "healthy");
      if (target.health !== "draining") return;
      const { registersAfterSeconds = Number.POSITIVE_INFINITY } = this.liveliness;
      if (task.instance.status === "ACTIVE" && age >= registersAfterSeconds * S) this.register(task);
      else if (age >= DEREGISTRATION_DELAY) this.targets.delete(task);
    }

    override deregister(task: FakeTask): void {
      if (this.healthOf(task) === "healthy") this.lives.letGo(task, this.now);
      super.deregister(task);
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
      while (this.alive.length < this.service.desiredCount) {
        const instance = this.place();
        this.started++;
        if (instance === undefined) this.run(NOWHERE, "PROVISIONING");
        else this.run(instance, "PENDING");
      }
      let surplus = this.alive.length - this.service.desiredCount;
      const unprotected = this.alive.filter((task) => task.protectedUntil <= this.now);
      while (surplus-- > 0 && unprotected.length > 0) {
        const [task] = unprotected.splice(Math.floor(this.random() * unprotected.length), 1);
        if (this.loweredByOthers > 0) this.loweredByOthers--;
        else this.chosenByEcs++;
        this.stop(task!);
      }
    }

    stop(task: FakeTask): void {
      task.desiredStatus = "STOPPED";
      task.lastStatus = "STOPPED";
      this.targets.delete(task);
    }

    /** An instance drains, and its tasks are replaced. */
    drain(): FakeInstance | undefined {
      const instance = this.instances.find((each) => each.status === "ACTIVE");
      if (instance === undefined || this.instances.length > 12) return undefined;
      instance.status = "DRAINING";
      for (const task of this.alive.filter((each) => each.instance === instance)) {
        if (this.chance(0.5)) this.stop(task);
        else this.deregister(task);
      }
      return instance;
    }
  }
  return Living;
}
