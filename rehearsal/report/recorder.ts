/**
 * Records what a variant's page is drawn from, while it runs. It only listens: a rehearsal that is recorded has the same log and
 * the same result as one that isn't.
 */
import type { BalancedTraffic } from "../measurement";
import type { PriceTable } from "../inputs/prices";
import type { Cluster } from "../world/ecs/cluster";
import type { Task } from "../world/ecs/task";
import type { LogLine } from "../world/log";
import type { Queue } from "../world/sqs/queue";
import type { World } from "../world/world";
import { Buckets } from "./buckets";
import { LIMITS, type LineFields, type Recording } from "./data";
import type { TaskAtStart } from "./interruptionRows";
import { LaneRows } from "./laneRows";
import { CostWatch, QueueWatch, RequestWatch, ServiceWatch } from "./series";
import { AFTER_MS, Windows } from "./windows";

export interface Observed {
  readonly world: World;
  readonly balanced: readonly BalancedTraffic[];
  /** By the workers' name for them. */
  readonly queues: ReadonlyMap<string, Queue>;
  readonly prices: PriceTable;
  /** When the measuring begins. */
  readonly startMs: number;
}

interface Watches {
  readonly services: readonly ServiceWatch[];
  readonly queues: readonly QueueWatch[];
  readonly requests: RequestWatch;
  readonly cost: CostWatch;
}

export class Recorder {
  private readonly buckets: Buckets;
  private readonly lanes = new LaneRows();
  private readonly windows: Windows;
  private readonly recommendations: [number, number][] = [];
  private readonly outages: [number, number][] = [];
  /** Services with fewer tasks serving than desired. */
  private below = 0;
  private outageSince: number | undefined;
  private watches: Watches | undefined;
  private world: World | undefined;

  /** `mostLines`: of the log, for calm interruptions. */
  constructor(durationMs: number, mostLines: number = LIMITS.lines) {
    this.buckets = new Buckets(durationMs);
    this.windows = new Windows(mostLines);
  }

  /** Told every line of the log, from the world's beginning on. */
  readonly onLine = ({ t: at, event, ...fields }: LogLine): void => {
    this.note(at, event, fields);
    this.lanes.onEvent(at, event, fields);
    const task = this.taskOf(fields);
    this.windows.add(at, event, task === undefined ? fields : { ...fields, task: task.arn, label: labelOf(task) });
  };

  /** Tasks and ports are known from here on: call it before anything runs. */
  attach(world: World, startMs: number): void {
    this.world = world;
    const now = (): number => world.clock.now - startMs;
    for (const { life } of world.clusters.values()) {
      life.signalled.subscribe(({ task, by, targetsDrained }) =>
        this.windows.add(now(), "container.Sigterm", { ...namesOf(task), by, targetsDrained }),
      );
      life.exited.subscribe(({ task, exit }) =>
        this.windows.add(now(), "container.Exited", { ...namesOf(task), exit }),
      );
    }
  }

  /** The measuring begins. */
  start({ world, balanced, queues, prices, startMs }: Observed): void {
    const now = (): number => world.clock.now - startMs;
    const { buckets } = this;
    const services = [...world.clusters.values()].flatMap((cluster) =>
      [...cluster.services.values()].map((service) => new ServiceWatch(service, cluster, buckets, now)),
    );
    const tallies = balanced.map(({ traffic }) => traffic.tally);
    const watches = {
      services: services.slice(0, LIMITS.services),
      queues: [...queues].slice(0, LIMITS.queues).map(([name, queue]) => new QueueWatch(name, queue, buckets, now)),
      requests: new RequestWatch(tallies, buckets, now, (cause, count) =>
        this.windows.add(now(), "requests.Failed", { cause, count }),
      ),
      cost: new CostWatch(world, prices, buckets, now),
    };
    this.watches = watches;
    world.metrics.minuteEnded.subscribe(() => {
      for (const each of [...watches.services, ...watches.queues]) each.look();
      watches.requests.look();
      watches.cost.look();
    });
  }

  /** Call it once, when everything has been counted. */
  finish(): Recording {
    const { services, queues, requests, cost } = this.watches!;
    const { durationMs, lengthMs } = this.buckets;
    this.endOutage(durationMs);
    const lines = this.windows.finish();
    return {
      bucketMs: lengthMs,
      durationMs,
      services: services.map((each) => each.series()),
      queues: queues.map((each) => each.series()),
      requests: requests.series(),
      cost: cost.series(),
      instances: this.lanes.instances,
      rows: this.lanes.rows,
      recommendations: this.recommendations,
      outages: this.outages,
      interruptions: this.windows.interruptions,
      lines,
      leftOut: { instances: this.lanes.leftOut, ...this.windows.leftOut },
    };
  }

  private note(at: number, event: string, fields: LineFields): void {
    if (event === "ec2.InterruptionDecided") this.begin(at, fields);
    else if (event === "ec2.RebalanceRecommendation") {
      const life = this.lanes.of(String(fields.instanceId));
      if (life !== undefined) this.recommendations.push([at, life.row]);
    } else if (event === "market.OutageBegins") this.outageSince = at;
    else if (event === "market.OutageEnds") this.endOutage(at);
    else if (event === "service.BelowDesired") this.below++;
    else if (event === "service.AtDesired") this.below--;
  }

  private endOutage(at: number): void {
    if (this.outageSince !== undefined) this.outages.push([this.outageSince, at]);
    this.outageSince = undefined;
  }

  /** The line itself is the first one of its window. */
  private begin(at: number, { instanceId, inMs, notice }: LineFields): void {
    const instance = String(instanceId);
    const life = this.lanes.of(instance);
    const takenAt = at + Number(inMs);
    this.windows.begin({
      at,
      takenAt,
      until: takenAt + AFTER_MS,
      instance,
      type: life?.type ?? "",
      zone: life?.zone ?? "",
      noticed: notice !== false,
      stateBefore: this.lanes.stateOf(instance) ?? "ACTIVE",
      below: this.below,
      tasks: this.tasksOn(instance),
    });
  }

  private tasksOn(instanceId: string): TaskAtStart[] {
    const clusters = [...(this.world?.clusters.values() ?? [])];
    const tasks = clusters.flatMap((cluster: Cluster) => [...(cluster.instanceOf(instanceId)?.tasks ?? [])]);
    return tasks.map((task) => ({ task: task.arn, label: labelOf(task), state: stateOf(task) }));
  }

  /** The task that a line is about, or that is behind its target. */
  private taskOf({ task, instanceId, port }: LineFields): Task | undefined {
    for (const { tasks, services } of this.world?.clusters.values() ?? []) {
      if (typeof task === "string") {
        const known = tasks.get(task);
        if (known !== undefined) return known;
      } else if (port !== undefined) {
        for (const service of services.values()) {
          const behind = service.taskAt(String(instanceId), Number(port));
          if (behind !== undefined) return behind;
        }
      }
    }
    return undefined;
  }
}

const namesOf = (task: Task): LineFields => ({
  task: task.arn,
  label: labelOf(task),
  instanceId: task.instance?.ec2.id,
});

/** Its service, and the end of its id, which tells it from the others. */
function labelOf(task: Task): string {
  const id = task.arn.slice(task.arn.lastIndexOf("/") + 1).replace(/^0+/, "");
  return `${task.service.spec.name} ${id}`;
}

function stateOf(task: Task): string {
  if (task.process === "terminating") return "SIGTERM";
  if (task.lastStatus !== "RUNNING") return task.lastStatus;
  return task.service.isHealthy(task) ? "healthy" : "RUNNING";
}
