/** Requests as single objects: the long ones, and all of them in the exact mode. */
import { randomExponential } from "d3-random";
import type { Clock, Timer } from "../world/clock";
import type { Random } from "../world/context";
import type { Task } from "../world/ecs/task";
import type { Route, Routing } from "./routing";
import type { FailureCause, Shortage, Tally } from "./tally";

export class RequestObjects {
  private rate = 0;
  private arrival: Timer | undefined;
  private readonly open = new Map<Task, Set<Timer>>();
  private readonly gap: () => number;
  private readonly duration: () => number;

  constructor(
    private readonly clock: Clock,
    meanSeconds: number,
    private readonly routing: Routing,
    private readonly random: Random,
    private readonly tally: Tally,
    private readonly shortage: () => Shortage,
  ) {
    this.gap = randomExponential.source(random)(1);
    this.duration = randomExponential.source(random)(1 / (meanSeconds * 1000));
  }

  /** Arrivals are memoryless, so a changed rate draws the next one anew. */
  route(rate: number): void {
    if (rate === this.rate) return;
    this.rate = rate;
    this.clock.cancel(this.arrival);
    this.next();
  }

  private next(): void {
    if (this.rate <= 0) return;
    this.arrival = this.clock.after((this.gap() / this.rate) * 1000, () => {
      this.arrive();
      this.next();
    });
  }

  private arrive(): void {
    const { routed } = this.routing;
    const route = routed[Math.floor(this.random() * routed.length)];
    if (route === undefined) return this.tally.fail(this.shortage() ?? "noTarget", 1);
    if (!route.answers || route.task === undefined) return this.tally.fail(this.whyDead(route), 1);
    if (this.isTooMuch(route)) return this.tally.fail(this.shortage() ?? "overload", 1);
    const open = this.open.get(route.task) ?? new Set();
    this.open.set(route.task, open);
    const end = this.clock.after(this.duration(), () => {
      open.delete(end);
      this.tally.served++;
    });
    open.add(end);
  }

  private whyDead({ lostWithoutNotice }: Route): FailureCause {
    const shortage = this.routing.answering === 0 ? this.shortage() : undefined;
    return shortage ?? (lostWithoutNotice ? "withoutNotice" : "deadTarget");
  }

  /** Of what goes beyond a task's capacity, the same share fails as in the flow. */
  private isTooMuch(route: Route): boolean {
    const each = this.rate / this.routing.routed.length;
    const capacityPerSecond = this.routing.capacityOf(route);
    return each > capacityPerSecond && this.random() * each >= capacityPerSecond;
  }

  /** The container is gone, or the balancer has closed its connections. */
  kill(task: Task, cause: "killedInFlight" | "withoutNotice" | "drainTimeout"): void {
    const open = this.open.get(task);
    if (open === undefined) return;
    for (const end of open) this.clock.cancel(end);
    this.tally.fail(cause, open.size);
    this.open.delete(task);
  }

  /** Milliseconds until the last of a task's requests is done. */
  drainMs(task: Task): number {
    let last = 0;
    for (const end of this.open.get(task) ?? []) last = Math.max(last, end.at - this.clock.now);
    return last;
  }
}
