/** A service's desired count, registered with Application Auto Scaling. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ScalingTransforms, ServiceScaling } from "./scalingArgs";
import type { Measured } from "./scalingMetric";
import { transformed } from "../transform";

/** What every part of a service's scaling is made with. */
export interface ScalingContext {
  readonly target: aws.appautoscaling.Target;
  readonly measured: Measured;
  readonly scaling: ServiceScaling;
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform: ScalingTransforms;
  readonly parent: pulumi.Resource;
}

export function makeTarget(name: string, context: Omit<ScalingContext, "target">): aws.appautoscaling.Target {
  const { measured, scaling, tags, transform, parent } = context;
  const args: aws.appautoscaling.TargetArgs = {
    serviceNamespace: "ecs",
    scalableDimension: "ecs:service:DesiredCount",
    resourceId: pulumi.interpolate`service/${measured.clusterName}/${measured.serviceName}`,
    minCapacity: scaling.minCount,
    maxCapacity: scaling.maxCount,
    tags,
  };
  return new aws.appautoscaling.Target(`${name}-scaling`, transformed(args, transform.scalableTarget), { parent });
}

/** What names the target in its policies and scheduled actions; they come after it. */
export function ofTarget(target: aws.appautoscaling.Target) {
  const { serviceNamespace, scalableDimension, resourceId } = target;
  return { serviceNamespace, scalableDimension, resourceId };
}

/** Makes one after the other, because Application Auto Scaling refuses two changes of one target at once. */
export function inSequence<Item, Made extends pulumi.Resource>(
  items: readonly Item[],
  after: readonly pulumi.Resource[],
  make: (item: Item, dependsOn: pulumi.Resource[]) => Made,
): Made[] {
  const made: Made[] = [];
  for (const item of items) made.push(make(item, [...after, ...made].slice(-1)));
  return made;
}
