/**
 * Short requests as flows. Between two changes every rate is constant, so their number is a product; what fails at a change is
 * drawn with that product as its mean. Durations are exponential, so what is in flight on a target follows from its rate alone.
 */
import { randomExponential, randomPoisson } from "d3-random";
import type { ContainerProfile } from "../inputs/profile";
import type { Random } from "../world/context";
import type { Clock } from "../world/clock";
import type { Task } from "../world/ecs/task";
import type { Route, Routing } from "./routing";
import type { FailureCause, Shortage, Tally } from "./tally";

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
  /** No target answers at all. */
  readonly all: boolean;
}

export class Flow {
  private rate = 0;
  private settledAt = 0;
  private targets = 0;
  /** Requests per second that each target gets. */
  private each = 0;
  private failing: Failing = { dead: 0, silent: 0, over: 0, all: false };
  private readonly left = new Map<Task, Left>();
  /** Tasks whose requests were lost or done since requests were routed the last time. */
  private readonly emptied = new Set<Task>();

  constructor(
    private readonly clock: Clock,
    private readonly profile: ContainerProfile,
    private readonly routing: Routing,
    private readonly random: Random,
    private readonly tally: Tally,
    private readonly shortage: () => Shortage,
  ) {
    routing.ceased.subscribe(({ task, route }) => {
      if (!this.emptied.has(task)) this.left.set(task, { rate: this.servedBy(route), until: clock.now });
    });
  }

  /** Counts what happened since the last time, at the rates that held until now. */
  settle(): void {
    const seconds = (this.clock.now - this.settledAt) / 1000;
    this.settledAt = this.clock.now;
    if (seconds === 0 || this.rate === 0) return;
    const arrived = this.rate * seconds;
    this.tally.served += arrived;
    if (this.targets === 0) {
      this.lose("noTarget", arrived);
      return;
    }
    const { dead, silent, over, all } = this.failing;
    this.lose("deadTarget", dead * seconds, all);
    this.lose("withoutNotice", silent * seconds, all);
    this.lose("overload", over * seconds);
  }

  /** How many requests come from now on; whom they go to has changed, too. */
  route(rate: number): void {
    const { routed, answering, lostWithoutNotice } = this.routing;
    this.rate = rate;
    this.targets = routed.length;
    this.each = routed.length === 0 ? 0 : rate / routed.length;
    this.failing = {
      dead: (routed.length - answering - lostWithoutNotice) * this.each,
      silent: lostWithoutNotice * this.each,
      over: this.routing.isTight ? this.overload() : 0,
      all: answering === 0,
    };
    this.emptied.clear();
  }

  private overload(): number {
    const beyond = (route: Route): number => (route.answers ? this.each - this.servedBy(route) : 0);
    return this.routing.routed.reduce((sum, route) => sum + beyond(route), 0);
  }

  /** Requests per second that a target works off. */
  private servedBy(route: Route): number {
    return Math.min(this.each, this.routing.capacityOf(route));
  }

  /** The requests a task works on have lost their container, or the balancer has closed their connections. */
  kill(task: Task, cause: "killedInFlight" | "withoutNotice" | "drainTimeout"): void {
    this.lose(cause, this.expectedInFlight(task), false);
    this.forget(task);
  }

  forget(task: Task): void {
    this.left.delete(task);
    this.emptied.add(task);
  }

  /** Milliseconds until the last of a task's requests is done: the longest of a drawn number of exponential rests. */
  drainMs(task: Task): number {
    const count = this.draw(this.expectedInFlight(task));
    const rest = randomExponential.source(this.random)(1 / this.profile.requestSeconds);
    let longest = 0;
    for (let index = 1; index <= count; index++) longest += rest() / index;
    return longest * 1000;
  }

  private expectedInFlight(task: Task): number {
    if (this.emptied.has(task)) return 0;
    const mean = this.profile.requestSeconds;
    const route = this.routing.routeTo(task);
    if (route !== undefined) return this.servedBy(route) * mean;
    const left = this.left.get(task);
    return left === undefined ? 0 : left.rate * mean * Math.exp((left.until - this.clock.now) / 1000 / mean);
  }

  /** Of what counts as served, draws how many are lost of an expected number; for want of capacity that nobody could get, as a shortage. */
  private lose(cause: FailureCause, expected: number, forWantOfCapacity = true): void {
    const count = this.draw(expected);
    if (count === 0) return;
    this.tally.served -= count;
    this.tally.fail((forWantOfCapacity ? this.shortage() : undefined) ?? cause, count);
  }

  private draw(mean: number): number {
    return mean > 0 ? randomPoisson.source(this.random)(mean)() : 0;
  }
}
