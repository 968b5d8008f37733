/** The series of a page, observed while a variant runs: told by the world's topics, or read at the end of each minute. */
import type { PriceTable } from "../inputs/prices";
import type { Tally } from "../traffic/tally";
import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { Task } from "../world/ecs/task";
import type { Queue } from "../world/sqs/queue";
import type { World } from "../world/world";
import { Gauge, type Buckets } from "./buckets";
import type { CostSeries, QueueSeries, RequestSeries, ServiceSeries } from "./data";

/** Milliseconds since the measuring began. */
export type Now = () => number;

/** A service's tasks, at every change. */
export class ServiceWatch {
  private readonly runs: Set<Task>;
  private readonly gauges: Readonly<Record<"desired" | "running" | "healthy", Gauge>>;

  constructor(
    private readonly service: Service,
    cluster: Cluster,
    buckets: Buckets,
    private readonly now: Now,
  ) {
    this.runs = new Set([...service.tasks].filter(({ lastStatus }) => lastStatus === "RUNNING"));
    this.gauges = {
      desired: new Gauge(buckets, service.desiredCount),
      running: new Gauge(buckets, this.runs.size),
      healthy: new Gauge(buckets, this.healthy()),
    };
    cluster.desiredCountChanged.subscribe((change) => {
      if (change.service === service) this.gauges.desired.set(now(), change.to);
    });
    cluster.life.changed.subscribe((task) => {
      if (task.service === service) this.onChanged(task);
    });
    for (const group of this.targetGroups()) group.routingChanged.subscribe(() => this.look());
  }

  /** Without a balancer a task is healthy by the time alone. */
  look(): void {
    this.gauges.healthy.set(this.now(), this.healthy());
  }

  series(): ServiceSeries {
    const { desired, running, healthy } = this.gauges;
    return {
      name: this.service.spec.name,
      desired: desired.band(),
      running: running.band(),
      healthy: healthy.band(),
    };
  }

  private onChanged(task: Task): void {
    if (task.lastStatus === "RUNNING") this.runs.add(task);
    else this.runs.delete(task);
    this.gauges.running.set(this.now(), this.runs.size);
    this.look();
  }

  private targetGroups() {
    return this.service.spec.loadBalancers.flatMap(
      ({ targetGroupArn }) => this.service.targetGroups.get(targetGroupArn) ?? [],
    );
  }

  private healthy(): number {
    const [group] = this.targetGroups();
    if (group !== undefined) return group.healthyCount();
    return [...this.runs].filter((task) => this.service.isHealthy(task)).length;
  }
}

export class QueueWatch {
  private readonly visible: Gauge;
  private readonly inFlight: Gauge;

  constructor(
    private readonly name: string,
    private readonly queue: Queue,
    buckets: Buckets,
    private readonly now: Now,
  ) {
    this.visible = new Gauge(buckets, queue.visible);
    this.inFlight = new Gauge(buckets, queue.inFlight);
  }

  look(): void {
    this.visible.set(this.now(), this.queue.visible);
    this.inFlight.set(this.now(), this.queue.inFlight);
  }

  series(): QueueSeries {
    return { name: this.name, visible: this.visible.band(), inFlight: this.inFlight.band() };
  }
}

/** Served requests are read minute by minute; failed ones are told as they are counted. */
export class RequestWatch {
  private readonly served: number[];
  private readonly failed: Record<string, number[]> = {};
  private before = 0;

  constructor(
    private readonly tallies: readonly Tally[],
    private readonly buckets: Buckets,
    private readonly now: Now,
    onFailed: (cause: string, count: number) => void,
  ) {
    this.served = buckets.zeros();
    for (const tally of tallies) {
      tally.failing.subscribe(({ cause, count }) => {
        const counts = (this.failed[cause] ??= buckets.zeros());
        counts[buckets.indexOf(now())]! += count;
        onFailed(cause, count);
      });
    }
  }

  /** What was served belongs to the minute that ends now. */
  look(): void {
    const served = this.tallies.reduce((sum, tally) => sum + tally.served, 0);
    this.served[this.buckets.indexOf(this.now() - 1)]! += served - this.before;
    this.before = served;
  }

  series(): RequestSeries {
    this.look();
    return { served: this.served.map(thousandths), failed: this.failed };
  }
}

/** What the living instances cost per hour, once for each bucket. */
export class CostWatch {
  private readonly usd: number[];
  private readonly onDemandUsd: number[];
  private next = 0;

  constructor(
    private readonly world: World,
    private readonly prices: PriceTable,
    private readonly buckets: Buckets,
    private readonly now: Now,
  ) {
    this.usd = buckets.zeros();
    this.onDemandUsd = buckets.zeros();
    this.look();
  }

  look(): void {
    const at = this.now();
    if (this.next >= this.buckets.count || at < this.next * this.buckets.lengthMs) return;
    const index = this.next++;
    for (const { instanceType, lifecycle } of this.world.ec2.living.values()) {
      const onDemand = this.prices.onDemandUsdPerHour(instanceType);
      this.onDemandUsd[index]! += onDemand;
      this.usd[index]! += lifecycle === "spot" ? this.prices.spotUsdPerHour(instanceType, at) : onDemand;
    }
  }

  series(): CostSeries {
    return { usd: this.usd.map(thousandths), onDemandUsd: this.onDemandUsd.map(thousandths) };
  }
}

/** Digits that nobody reads would be most of the page. */
const thousandths = (value: number): number => Math.round(value * 1000) / 1000;
