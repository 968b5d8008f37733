/** A cluster and a service with their functions, made by hand, to be watched. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { WatchedFunction } from "../../../components/watch/alarmSpec";
import { CallbackFunction } from "../../../components/callbackFunction";
import { EventsQueue } from "../../../components/eventsQueue";

export interface Watched {
  readonly parent: pulumi.ComponentResource;
  readonly cluster: aws.ecs.Cluster;
  readonly autoScalingGroup: aws.autoscaling.Group;
  readonly capacityProvider: aws.ecs.CapacityProvider;
  readonly drain: WatchedFunction;
  readonly fallback: WatchedFunction;
  readonly service: aws.ecs.Service;
  readonly balancer: { readonly loadBalancer: aws.lb.LoadBalancer; readonly targetGroup: aws.lb.TargetGroup };
  readonly scaleIn: WatchedFunction;
}

/** A service named `api` on a cluster named `shop`. */
export function declareWatched(): Watched {
  const cluster = new aws.ecs.Cluster("shop");
  const autoScalingGroup = new aws.autoscaling.Group("shop-group", { minSize: 1, maxSize: 9 });
  const provider = { autoScalingGroupArn: autoScalingGroup.arn };
  return {
    parent: new pulumi.ComponentResource("test:Watched", "watched"),
    cluster,
    autoScalingGroup,
    capacityProvider: new aws.ecs.CapacityProvider("shop-provider", { autoScalingGroupProvider: provider }),
    drain: watchedFunction("shop", "shop-drain"),
    fallback: watchedFunction("shop-fallback", "shop-fallback"),
    service: new aws.ecs.Service("api", { cluster: cluster.arn }),
    balancer: { loadBalancer: new aws.lb.LoadBalancer("api-alb"), targetGroup: new aws.lb.TargetGroup("api-targets") },
    scaleIn: watchedFunction("api-scale-in", "api-scale-in"),
  };
}

/** One for all, so that its text is emitted once. */
const idle = () => async () => undefined;

function watchedFunction(events: string, callback: string): WatchedFunction {
  return {
    events: new EventsQueue(events, { rules: {}, tags: {} }),
    callback: new CallbackFunction(callback, {
      description: callback,
      callbackFactory: idle,
      environment: {},
      statements: [],
      timeoutSeconds: 25,
      memorySizeMiB: 512,
      logRetentionDays: 30,
      tags: {},
    }),
  };
}
