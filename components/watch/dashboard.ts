/** A cluster's dashboard, with a section for each of its services. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { WatchedFunction } from "./alarmSpec";
import {
  clusterSection,
  serviceSection,
  type InstancePrices,
  type ShownCluster,
  type ShownFunction,
  type ShownService,
} from "./dashboardSections";
import { dashboardBody, type Section } from "./dashboardWidgets";
import { parseArn } from "../names";
import { suffixesOf, type RequestPath } from "../scaling/scalingMetric";
import { transformed, type Transform } from "../transform";

export interface DashboardGroup {
  readonly autoScalingGroup: aws.autoscaling.Group;
  readonly capacityProvider: aws.ecs.CapacityProvider;
  readonly onDemandBaseCapacity: number;
  readonly onDemandPercentageAboveBaseCapacity: number;
}

export interface DashboardSettings {
  readonly cluster: aws.ecs.Cluster;
  readonly groups: readonly DashboardGroup[];
  readonly drain: WatchedFunction;
  /** Unless it is off. */
  readonly refresh?: WatchedFunction;
  readonly fallback: WatchedFunction;
  readonly rebalance?: WatchedFunction;
  /** For the estimate of the cost. @default none: no estimate */
  readonly prices?: InstancePrices;
  /** Whether anything is done about rebalance recommendations. @default false */
  readonly mindsRecommendations?: boolean;
  readonly transform?: Transform<aws.cloudwatch.DashboardArgs>;
}

export interface DashboardService {
  readonly service: aws.ecs.Service;
  readonly balancer?: RequestPath;
  readonly bounds?: ShownService["bounds"];
  readonly scaleIn?: WatchedFunction;
  /** Of a worker, in order of priority. */
  readonly queues?: readonly DashboardQueue[];
}

export interface DashboardQueue {
  /** AWS's. */
  readonly name: pulumi.Input<string>;
  /** AWS's, where it is known. */
  readonly deadLetterQueueName?: pulumi.Input<string>;
}

/**
 * Named as its cluster. The services of a cluster are declared after it, so that its body waits until the program has been read to
 * its end, or to its first wait for something outside; a service that comes later says so.
 */
export class Dashboard {
  readonly dashboard: aws.cloudwatch.Dashboard;
  private readonly services: pulumi.Output<Section>[] = [];
  private isComplete = false;

  constructor(
    private readonly name: string,
    private readonly settings: DashboardSettings,
    private readonly parent: pulumi.Resource,
  ) {
    const { cluster, transform } = settings;
    const args = transformed({ dashboardName: cluster.name, dashboardBody: this.body() }, transform);
    this.dashboard = new aws.cloudwatch.Dashboard(`${name}-dashboard`, args, { parent });
  }

  add(service: DashboardService): void {
    if (this.isComplete) {
      const advice = "declare services before the program awaits anything, or switch the dashboard off";
      void pulumi.log.warn(
        `${this.name}: the dashboard was declared without a service that came late; ${advice}`,
        this.parent,
      );
      return;
    }
    this.services.push(shownService(this.settings.cluster, service).apply(serviceSection));
  }

  private body(): pulumi.Output<string> {
    const region = this.settings.cluster.arn.apply((arn) => parseArn(arn).region);
    const first = shownCluster(this.settings).apply(clusterSection);
    const sections = pulumi.all([first, this.complete()]).apply(([cluster, services]) => [cluster, ...services]);
    return pulumi.all([sections, region]).apply(([all, where]) => dashboardBody(all, where));
  }

  private complete(): Promise<readonly pulumi.Output<Section>[]> {
    return new Promise((resolve) => {
      setImmediate(() => {
        this.isComplete = true;
        resolve(this.services);
      });
    });
  }
}

function shownCluster(settings: DashboardSettings): pulumi.Output<ShownCluster> {
  const { cluster, groups, drain, refresh, fallback, rebalance, prices, mindsRecommendations } = settings;
  const shownGroups = groups.map(({ autoScalingGroup, onDemandBaseCapacity, onDemandPercentageAboveBaseCapacity }) => {
    return { groupName: autoScalingGroup.name, onDemandBaseCapacity, onDemandPercentageAboveBaseCapacity };
  });
  return pulumi.output({
    clusterName: cluster.name,
    groups: shownGroups,
    capacityProviderNames: groups.map(({ capacityProvider }) => capacityProvider.name),
    drain: shownFunction(drain),
    refresh: refresh && shownFunction(refresh),
    fallback: shownFunction(fallback),
    rebalance: rebalance && shownFunction(rebalance),
    prices,
    mindsRecommendations,
  });
}

function shownService(
  cluster: aws.ecs.Cluster,
  { service, balancer, bounds, scaleIn, queues }: DashboardService,
): pulumi.Output<ShownService> {
  return pulumi.output({
    clusterName: cluster.name,
    serviceName: service.name,
    balancer: balancer && suffixesOf(balancer),
    bounds,
    scaleIn: scaleIn && shownFunction(scaleIn),
    queues: queues?.map(({ name, deadLetterQueueName }) => ({ queueName: name, deadLetterQueueName })),
  });
}

function shownFunction({ callback, events }: WatchedFunction): pulumi.Output<ShownFunction> {
  return pulumi.output({
    functionName: callback.function.name,
    queueName: events.queue.name,
    deadLetterQueueName: events.deadLetterQueue.name,
  });
}
