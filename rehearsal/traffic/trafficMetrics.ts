/**
 * What CloudWatch is told of a balanced service at the end of every minute.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import { randomPoisson } from "d3-random";
import type { ContainerProfile } from "../inputs/profile";
import { balancerDimensions } from "../world/cloudWatch/balancer";
import type { MetricDatum } from "../world/cloudWatch/metric";
import { serviceMetrics } from "../world/cloudWatch/serviceMetrics";
import type { Random } from "../world/context";
import type { Cluster } from "../world/ecs/cluster";
import type { Service } from "../world/ecs/service";
import type { Task } from "../world/ecs/task";
import type { TargetGroup } from "../world/elb/targetGroup";
import type { World } from "../world/world";
import type { Flow } from "./flow";
import type { RequestObjects } from "./requestObjects";
import type { Retries } from "./retries";
import type { Routing } from "./routing";
import { unitsOf } from "./taskCapacity";

export interface TrafficMetricsOptions {
  readonly world: World;
  readonly cluster: Cluster;
  readonly service: Service;
  readonly targetGroup: TargetGroup;
  readonly profile: ContainerProfile;
  readonly exact: boolean;
  readonly random: Random;
  readonly routing: Routing;
  readonly flow: Flow;
  readonly objects: RequestObjects;
  readonly retries: Retries;
  /** CPU units that a task spends on its long requests. */
  readonly busyUnits: (task: Task) => number;
}

/** Counts since the start; what was sent as a flow is an expected number. */
interface Counts {
  readonly sent: number;
  readonly sentToEach: number;
  readonly objectsSent: number;
  readonly refused: number;
  readonly failures: number;
}

const MINUTE_S = 60;

export class TrafficMetrics {
  private last: Counts;

  constructor(private readonly options: TrafficMetricsOptions) {
    this.last = this.counts();
  }

  observe(): MetricDatum[] {
    const now = this.counts();
    const minute = difference(now, this.last);
    this.last = now;
    return [...this.balancer(minute), ...this.tasks(minute)];
  }

  private counts(): Counts {
    const { flow, objects, retries } = this.options;
    return {
      sent: flow.sent,
      sentToEach: flow.sentToEach,
      objectsSent: objects.sent,
      refused: flow.refused + objects.refused,
      failures: retries.failures,
    };
  }

  /** Counts are told only of minutes in which there was something to count. */
  private balancer({ sent, sentToEach, objectsSent, refused, failures }: Counts): MetricDatum[] {
    const { targetGroup, world } = this.options;
    const whole = balancerDimensions(targetGroup.spec.arn, world);
    const { TargetGroup, LoadBalancer } = whole;
    const datum = (name: string, value: number, dimensions: MetricDatum["dimensions"] = whole): MetricDatum[] =>
      value === 0 ? [] : [{ namespace: "AWS/ApplicationELB", name, dimensions, value }];
    const requests = this.draw(sent) + objectsSent;
    const expected = sent + objectsSent;
    const toEach = expected === 0 ? 0 : (requests / expected) * (sentToEach + this.objectsToEach(objectsSent));
    return [
      ...datum("RequestCount", requests),
      ...datum("RequestCountPerTarget", toEach),
      ...(LoadBalancer === undefined ? [] : datum("RequestCountPerTarget", toEach, { TargetGroup })),
      ...datum("HTTPCode_Target_5XX_Count", refused),
      ...(LoadBalancer === undefined ? [] : datum("HTTPCode_ELB_5XX_Count", failures - refused, { LoadBalancer })),
      ...(targetGroup.targets.size === 0
        ? []
        : [
            {
              namespace: "AWS/ApplicationELB",
              name: "HealthyHostCount",
              dimensions: whole,
              value: targetGroup.healthyCount(),
            },
          ]),
    ];
  }

  private objectsToEach(sent: number): number {
    return sent / Math.max(1, this.options.routing.routed.length);
  }

  private draw(expected: number): number {
    return expected > 0 ? randomPoisson.source(this.options.random)(expected)() : 0;
  }

  private tasks({ sentToEach, objectsSent }: Counts): MetricDatum[] {
    const { service, cluster, routing, profile, exact } = this.options;
    const shortToEach = sentToEach + (exact ? this.objectsToEach(objectsSent) : 0);
    const serving = new Set(routing.serving());
    return serviceMetrics(cluster, service, {
      cpu: (task) => this.cpuPercent(task, serving.has(task) ? shortToEach / MINUTE_S : 0),
      memoryPercent: profile.memoryPercent,
    });
  }

  /** Of what it reserves; more than that where its instance has some to spare, but no more than there is. */
  private cpuPercent(task: Task, requestsPerSecond: number): number {
    const { profile, routing, busyUnits } = this.options;
    const { cpu } = task.taskDefinition;
    if (cpu === 0) return 0;
    const route = requestsPerSecond > 0 && routing.isTight ? routing.routeTo(task) : undefined;
    const served = route === undefined ? requestsPerSecond : Math.min(requestsPerSecond, routing.capacityOf(route));
    const wanted = served * profile.cpuSecondsPerRequest * 1024 + busyUnits(task);
    return (Math.min(wanted, unitsOf(task)) / cpu) * 100;
  }
}

const difference = (now: Counts, before: Counts): Counts => ({
  sent: now.sent - before.sent,
  sentToEach: now.sentToEach - before.sentToEach,
  objectsSent: now.objectsSent - before.objectsSent,
  refused: now.refused - before.refused,
  failures: now.failures - before.failures,
});
