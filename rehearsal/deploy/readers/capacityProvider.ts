import { ManagedScaling } from "../../world/ecs/managedScaling";
import { block, isEnabled, list, number, text } from "../read";
import type { Reader } from "./reader";

const CAPACITY_PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";
const GROUP = "aws:autoscaling/group:Group";

/** A capacity provider works once it is associated with a cluster, so that is where it is read. */
export const readAssociation: Reader = (resource, { program, world, facts }) => {
  const cluster = world.clusters.get(text(resource.inputs.clusterName));
  if (cluster === undefined) return;
  for (const name of list<string>(resource.inputs.capacityProviders)) {
    if (name === "FARGATE" || name === "FARGATE_SPOT") continue;
    const provider = program.required(CAPACITY_PROVIDER, name, resource);
    const settings = block(provider.inputs.autoScalingGroupProvider);
    const scaling = block(settings.managedScaling);
    const declaredGroup = program.required(GROUP, settings.autoScalingGroupArn, provider);
    const spec = {
      name: text(provider.outputs.name),
      autoScalingGroupArn: text(declaredGroup.outputs.arn),
      managedScaling: isEnabled(scaling.status),
      targetCapacity: number(scaling.targetCapacity, 100),
      managedTerminationProtection: isEnabled(settings.managedTerminationProtection),
      // On by default at creation (semantics §2.2).
      managedDraining: settings.managedDraining === undefined || isEnabled(settings.managedDraining),
    };
    cluster.capacityProviders.push(spec);
    const group = world.groups.get(text(declaredGroup.outputs.name))!;
    new ManagedScaling(spec, cluster, group, largest(group.spec.instanceTypes, facts), world.context);
  }
};

function largest(instanceTypes: readonly string[], facts: (type: string) => { vcpu: number; memoryMiB: number }) {
  const all = instanceTypes.map(facts);
  return {
    cpu: Math.max(...all.map((each) => each.vcpu)) * 1024,
    memoryMiB: Math.max(...all.map((each) => each.memoryMiB)),
  };
}
