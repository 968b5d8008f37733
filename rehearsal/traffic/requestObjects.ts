/** Requests as single objects: the long ones, and all of them in the exact mode. */
import { randomExponential } from "d3-random";
import type { Clock, Timer } from "../world/clock";
import type { Random } from "../world/context";
import type { Task } from "../world/ecs/task";
import type { CauseOf } from "./cut";
import type { Retries } from "./retries";
import type { Route, Routing } from "./routing";
import type { FailureCause, Shortage, Tally } from "./tally";

/** An open request. */
interface Open {
  readonly begunAt: number;
  readonly end: Timer;
  /** Tells the container's protection, where it has one. */
  readonly unitEnds: (() => void) | undefined;
}

export interface RequestObjectsOptions {
  readonly clock: Clock;
  /** Draws how long one takes, in milliseconds. */
  readonly duration: () => number;
  readonly routing: Routing;
  readonly random: Random;
  readonly tally: Tally;
  readonly retries: Retries;
  readonly shortage: () => Shortage;
  /** Of all requests, those whose connection the server is just closing. */
  readonly closingShare: number;
  /** A unit of work of a task begins; the returned function ends it. */
  readonly begin: (task: Task) => (() => void) | undefined;
  /** The number of a task's open requests is about to change to this. */
  readonly beforeOpen: (task: Task, count: number) => void;
}

export class RequestObjects {
  /** Since the start: arrivals that were sent to a target, and those that targets refused. */
  sent = 0;
  refused = 0;
  private rate = 0;
  private arrival: Timer | undefined;
  private readonly open = new Map<Task, Set<Open>>();
  private readonly gap: () => number;

  constructor(private readonly options: RequestObjectsOptions) {
    this.gap = randomExponential.source(options.random)(1);
  }

  /** Arrivals are memoryless, so a changed rate draws the next one anew. */
  route(rate: number): void {
    if (rate === this.rate) return;
    this.rate = rate;
    this.options.clock.cancel(this.arrival);
    this.next();
  }

  /** How many a task works on. */
  openOn(task: Task): number {
    return this.open.get(task)?.size ?? 0;
  }

  private next(): void {
    if (this.rate <= 0) return;
    this.arrival = this.options.clock.after((this.gap() / this.rate) * 1000, () => {
      this.arrive();
      this.next();
    });
  }

  private arrive(): void {
    const { routing, random, shortage, closingShare } = this.options;
    const { routed } = routing;
    const route = routed[Math.floor(random() * routed.length)];
    if (route === undefined) return this.fail(shortage() ?? "noTarget", true);
    this.sent++;
    if (!route.answers || route.task === undefined) return this.fail(this.whyDead(route), true);
    if (this.isTooMuch(route)) return this.refuse();
    if (closingShare > 0 && random() < closingShare) return this.fail("keepAlive", true);
    this.begin(route.task);
  }

  private begin(task: Task): void {
    const { clock, duration, tally } = this.options;
    this.options.beforeOpen(task, this.openOn(task) + 1);
    const open = this.open.get(task) ?? new Set<Open>();
    this.open.set(task, open);
    const end = clock.after(duration(), () => {
      this.options.beforeOpen(task, open.size - 1);
      open.delete(request);
      tally.served++;
      request.unitEnds?.();
    });
    const request: Open = { begunAt: clock.now, end, unitEnds: this.options.begin(task) };
    open.add(request);
  }

  private refuse(): void {
    this.refused++;
    this.fail(this.options.shortage() ?? "overload", false);
  }

  private fail(cause: FailureCause, isUnbegun: boolean): void {
    this.options.retries.lose({ cause, count: 1, isUnbegun, overMs: 0 });
  }

  private whyDead({ lostWithoutNotice }: Route): FailureCause {
    const { routing, shortage } = this.options;
    const lacking = routing.answering === 0 ? shortage() : undefined;
    return lacking ?? (lostWithoutNotice ? "withoutNotice" : "deadTarget");
  }

  /** Of what goes beyond a task's capacity, the same share fails as in the flow. */
  private isTooMuch(route: Route): boolean {
    const { routing, random } = this.options;
    const each = this.rate / routing.routed.length;
    const capacityPerSecond = routing.capacityOf(route);
    return each > capacityPerSecond && random() * each >= capacityPerSecond;
  }

  /** The container is gone, or the balancer has closed its connections. */
  kill(task: Task, causeOf: CauseOf): void {
    const open = this.open.get(task);
    if (open === undefined) return;
    this.options.beforeOpen(task, 0);
    this.open.delete(task);
    for (const { begunAt, end, unitEnds } of open) {
      this.options.clock.cancel(end);
      this.fail(causeOf({ begunAt, endsAt: end.at }), false);
      unitEnds?.();
    }
  }

  /** Milliseconds until the last of a task's requests is done. */
  drainMs(task: Task): number {
    let last = 0;
    for (const { end } of this.open.get(task) ?? []) last = Math.max(last, end.at - this.options.clock.now);
    return last;
  }
}
