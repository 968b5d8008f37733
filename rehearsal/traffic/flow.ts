/**
 * Short requests as flows. Between two changes every rate is constant, so their number is a product; what fails at a change is
 * drawn with that product as its mean. Durations are exponential, so what is in flight on a target follows from its rate alone.
 */
import { randomExponential, randomPoisson } from "d3-random";
import type { ContainerProfile } from "../inputs/profile";
import type { Clock } from "../world/clock";
import type { Random } from "../world/context";
import type { Task } from "../world/ecs/task";
import { closingShare } from "./keepAlive";
import type { Retries } from "./retries";
import type { Route, Routing } from "./routing";
import type { CutCause, FailureCause, Shortage, Tally } from "./tally";

/** The requests of a task that gets no more: at `rate` per second until `until`. */
interface Left {
  readonly rate: number;
  readonly until: number;
}

/** Requests per second that fail, by why. */
interface Failing {
  readonly dead: number;
  readonly silent: number;
  readonly over: number;
  readonly closing: number;
  /** No target answers at all. */
  readonly all: boolean;
}

interface Loss {
  readonly overMs: number;
  readonly isUnbegun: boolean;
  readonly forWantOfCapacity: boolean;
}

const CUT: Loss = { overMs: 0, isUnbegun: false, forWantOfCapacity: false };

export interface FlowOptions {
  readonly clock: Clock;
  readonly profile: ContainerProfile;
  readonly routing: Routing;
  readonly random: Random;
  readonly tally: Tally;
  readonly retries: Retries;
  readonly shortage: () => Shortage;
}

export class Flow {
  /** Expected numbers since the start: requests that were sent to a target, and of them to each. */
  sent = 0;
  sentToEach = 0;
  /** Those that targets refused. */
  refused = 0;
  private rate = 0;
  private settledAt: number;
  private targets = 0;
  /** Requests per second that each target gets. */
  private each = 0;
  private failing: Failing = { dead: 0, silent: 0, over: 0, closing: 0, all: false };
  private readonly left = new Map<Task, Left>();
  /** Tasks whose requests were lost or done since requests were routed the last time. */
  private readonly emptied = new Set<Task>();

  constructor(private readonly options: FlowOptions) {
    const { clock, routing } = options;
    this.settledAt = clock.now;
    routing.ceased.subscribe(({ task, route }) => {
      if (!this.emptied.has(task)) this.left.set(task, { rate: this.servedBy(route), until: clock.now });
    });
  }

  /** Counts what happened since the last time, at the rates that held until now. */
  settle(): void {
    const { clock, tally } = this.options;
    const overMs = clock.now - this.settledAt;
    this.settledAt = clock.now;
    if (overMs === 0 || this.rate === 0) return;
    const seconds = overMs / 1000;
    const arrived = this.rate * seconds;
    tally.served += arrived;
    const unbegun = { overMs, isUnbegun: true, forWantOfCapacity: true };
    if (this.targets === 0) {
      this.lose("noTarget", arrived, unbegun);
      return;
    }
    const { dead, silent, over, closing, all } = this.failing;
    this.sent += arrived;
    this.sentToEach += this.each * seconds;
    this.lose("deadTarget", dead * seconds, { ...unbegun, forWantOfCapacity: all });
    this.lose("withoutNotice", silent * seconds, { ...unbegun, forWantOfCapacity: all });
    this.refused += this.lose("overload", over * seconds, { ...unbegun, isUnbegun: false });
    this.lose("keepAlive", closing * seconds, { ...unbegun, forWantOfCapacity: false });
  }

  /** How many requests come from now on; whom they go to has changed, too. */
  route(rate: number): void {
    const { routed, answering, lostWithoutNotice, isTight } = this.options.routing;
    this.rate = rate;
    this.targets = routed.length;
    this.each = routed.length === 0 ? 0 : rate / routed.length;
    this.failing = {
      dead: (routed.length - answering - lostWithoutNotice) * this.each,
      silent: lostWithoutNotice * this.each,
      over: isTight ? this.overload() : 0,
      closing: answering * this.each * closingShare(this.options.profile),
      all: answering === 0,
    };
    this.emptied.clear();
  }

  private overload(): number {
    const beyond = (route: Route): number => (route.answers ? this.each - this.servedBy(route) : 0);
    return this.options.routing.routed.reduce((sum, route) => sum + beyond(route), 0);
  }

  /** Requests per second that a target works off. */
  private servedBy(route: Route): number {
    return Math.min(this.each, this.options.routing.capacityOf(route));
  }

  /** The requests a task works on have lost their container, or the balancer has closed their connections. */
  kill(task: Task, cause: CutCause): void {
    this.lose(cause, this.expectedInFlight(task), CUT);
    this.forget(task);
  }

  forget(task: Task): void {
    this.left.delete(task);
    this.emptied.add(task);
  }

  /** Milliseconds until the last of a task's requests is done: the longest of a drawn number of exponential rests. */
  drainMs(task: Task): number {
    const count = this.draw(this.expectedInFlight(task));
    const rest = randomExponential.source(this.options.random)(1 / this.options.profile.requestSeconds);
    let longest = 0;
    for (let index = 1; index <= count; index++) longest += rest() / index;
    return longest * 1000;
  }

  private expectedInFlight(task: Task): number {
    if (this.emptied.has(task)) return 0;
    const mean = this.options.profile.requestSeconds;
    const route = this.options.routing.routeTo(task);
    if (route !== undefined) return this.servedBy(route) * mean;
    const left = this.left.get(task);
    return left === undefined ? 0 : left.rate * mean * Math.exp((left.until - this.options.clock.now) / 1000 / mean);
  }

  /** Of what counts as served, draws how many are lost of an expected number; for want of capacity that nobody could get, as a shortage. */
  private lose(cause: FailureCause, expected: number, { overMs, isUnbegun, forWantOfCapacity }: Loss): number {
    const count = this.draw(expected);
    if (count === 0) return 0;
    this.options.tally.served -= count;
    const shortage = forWantOfCapacity ? this.options.shortage() : undefined;
    this.options.retries.lose({ cause: shortage ?? cause, count, isUnbegun, overMs });
    return count;
  }

  private draw(mean: number): number {
    return mean > 0 ? randomPoisson.source(this.options.random)(mean)() : 0;
  }
}
