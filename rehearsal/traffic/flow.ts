/**
 * Short requests as flows. Between two changes every rate is constant, so their number is a product; what fails at a change is
 * drawn with that product as its mean. Durations are exponential, so what is in flight on a target follows from its rate alone.
 */
import { randomExponential, randomPoisson } from "d3-random";
import type { ContainerProfile } from "../inputs/profile";
import type { Random } from "../world/context";
import type { Clock } from "../world/clock";
import type { Task } from "../world/ecs/task";
import type { Route } from "./routing";
import type { FailureCause, Shortage, Tally } from "./tally";

/** The requests that a task works on: at `rate` per second until `until`, where it was taken out of routing. */
interface InFlight {
  rate: number;
  until: number | undefined;
  /** When it was last looked at. */
  round: number;
}

/** Requests per second that fail, by why. */
interface Failing {
  dead: number;
  silent: number;
  over: number;
  /** No target answers at all. */
  all: boolean;
}

export class Flow {
  private rate = 0;
  private settledAt = 0;
  private targets = 0;
  private failing: Failing = { dead: 0, silent: 0, over: 0, all: false };
  private round = 0;
  private readonly inFlight = new Map<Task, InFlight>();

  constructor(
    private readonly clock: Clock,
    private readonly profile: ContainerProfile,
    private readonly random: Random,
    private readonly tally: Tally,
    private readonly shortage: () => Shortage,
  ) {}

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

  /** Whom requests go to, and how many, from now on. */
  route(rate: number, routes: readonly Route[]): void {
    this.rate = rate;
    this.targets = routes.length;
    this.failing = { dead: 0, silent: 0, over: 0, all: routes.every((route) => !route.answers) };
    this.round++;
    const each = routes.length === 0 ? 0 : rate / routes.length;
    for (const { task, answers, lostWithoutNotice, capacityPerSecond } of routes) {
      if (task !== undefined && answers) {
        if (each > capacityPerSecond) this.failing.over += each - capacityPerSecond;
        this.serve(task, Math.min(each, capacityPerSecond));
      } else if (lostWithoutNotice) this.failing.silent += each;
      else this.failing.dead += each;
    }
    for (const known of this.inFlight.values()) if (known.round !== this.round) known.until ??= this.clock.now;
  }

  /** Every change comes here for every task, so what is known of it is changed in place. */
  private serve(task: Task, rate: number): void {
    const known = this.inFlight.get(task);
    if (known === undefined) {
      this.inFlight.set(task, { rate, until: undefined, round: this.round });
      return;
    }
    known.rate = rate;
    known.until = undefined;
    known.round = this.round;
  }

  /** The requests a task works on have lost their container, or the balancer has closed their connections. */
  kill(task: Task, cause: "killedInFlight" | "withoutNotice" | "drainTimeout"): void {
    this.lose(cause, this.expectedInFlight(task), false);
    this.inFlight.delete(task);
  }

  forget(task: Task): void {
    this.inFlight.delete(task);
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
    const known = this.inFlight.get(task);
    if (known === undefined) return 0;
    const mean = this.profile.requestSeconds;
    const since = known.until === undefined ? 0 : (this.clock.now - known.until) / 1000;
    return known.rate * mean * Math.exp(-since / mean);
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
