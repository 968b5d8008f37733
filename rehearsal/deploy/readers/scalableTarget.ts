import { ScalableTarget } from "../../world/applicationAutoScaling/scalableTarget";
import type { Resource } from "../monitor";
import { block, isTrue, number, text } from "../read";
import type { Deployment, Reader } from "./reader";

const DIMENSION = "ecs:service:DesiredCount";

/** Whether Application Auto Scaling changes a service's desired count by this; anything else is listed. */
export function scalesService({ type, name, inputs }: Resource, { notModelled }: Deployment): boolean {
  if (inputs.scalableDimension === DIMENSION) return true;
  notModelled(`${type} ${name}: scalableDimension ${text(inputs.scalableDimension)}`);
  return false;
}

export const readScalableTarget: Reader = (resource, deployment) => {
  const { world, notModelled } = deployment;
  if (!scalesService(resource, deployment)) return;
  const resourceId = text(resource.inputs.resourceId);
  const [, clusterName = "", serviceName = ""] = resourceId.split("/");
  const cluster = world.clusters.get(clusterName);
  const service = cluster?.services.get(serviceName);
  if (cluster === undefined || service === undefined) {
    return notModelled(`scalable target ${resource.name}: ${resourceId}, which doesn't run here`);
  }
  const suspended = block(resource.inputs.suspendedState);
  const spec = {
    resourceId,
    arn: text(resource.outputs.arn),
    minCapacity: number(resource.inputs.minCapacity, 0),
    maxCapacity: number(resource.inputs.maxCapacity, 0),
    suspended: {
      scaleIn: isTrue(suspended.dynamicScalingInSuspended),
      scaleOut: isTrue(suspended.dynamicScalingOutSuspended),
      schedules: isTrue(suspended.scheduledScalingSuspended),
    },
  };
  world.scalableTargets.set(resourceId, new ScalableTarget(spec, cluster, service, world.context));
};

/** The target that a policy or a schedule names. One that doesn't run here has been listed; one that isn't declared is an error. */
export function targetOf({ type, name, inputs }: Resource, { program, world }: Deployment): ScalableTarget | undefined {
  const resourceId = text(inputs.resourceId);
  const declared = program.ofType("aws:appautoscaling/target:Target");
  if (!declared.some((each) => each.inputs.resourceId === resourceId)) {
    throw new Error(
      `${type} ${name} scales ${resourceId}, which no scalable target of the program names: declare one with this resourceId`,
    );
  }
  return world.scalableTargets.get(resourceId);
}
