import { MANAGED_SCALING } from "../../world/constants";
import { registered } from "../../world/ecs/containerInstance";
import { manageDraining } from "../../world/ecs/managedDraining";
import { ManagedScaling } from "../../world/ecs/managedScaling";
import type { CapacityProviderSpec } from "../../world/ecs/spec";
import type { Resource } from "../monitor";
import { block, isEnabled, list, number, text } from "../read";
import type { Deployment, Reader } from "./reader";

const CAPACITY_PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";
const GROUP = "aws:autoscaling/group:Group";

/** A capacity provider works once it is associated with a cluster, so that is where it is read. */
export const readAssociation: Reader = (resource, deployment) => {
  const { program, world, facts } = deployment;
  const cluster = world.clusters.get(text(resource.inputs.clusterName));
  if (cluster === undefined) return;
  for (const name of list<string>(resource.inputs.capacityProviders)) {
    if (name === "FARGATE" || name === "FARGATE_SPOT") continue;
    const provider = program.required(CAPACITY_PROVIDER, name, resource);
    const spec = providerSpec(provider, deployment);
    cluster.capacityProviders.push(spec);
    const group = [...world.groups.values()].find((each) => each.spec.arn === spec.autoScalingGroupArn)!;
    const sizes = group.spec.instanceTypes.map((type) => registered(facts(type)));
    new ManagedScaling(spec, cluster, group, sizes, world.context);
    if (spec.managedDraining) manageDraining(group, cluster, world.bus);
  }
};

function providerSpec(provider: Resource, { program }: Deployment): CapacityProviderSpec {
  const settings = block(provider.inputs.autoScalingGroupProvider);
  const scaling = block(settings.managedScaling);
  const { defaults } = MANAGED_SCALING;
  return {
    name: text(provider.outputs.name),
    autoScalingGroupArn: text(program.required(GROUP, settings.autoScalingGroupArn, provider).outputs.arn),
    managedScaling: isEnabled(scaling.status),
    targetCapacity: number(scaling.targetCapacity, defaults.targetCapacity),
    minimumStep: number(scaling.minimumScalingStepSize, defaults.minimumStep),
    maximumStep: number(scaling.maximumScalingStepSize, defaults.maximumStep),
    warmupMs: number(scaling.instanceWarmupPeriod, defaults.warmupMs / 1000) * 1000,
    managedTerminationProtection: isEnabled(settings.managedTerminationProtection),
    // On by default at creation (semantics §2.2).
    managedDraining: settings.managedDraining === undefined || isEnabled(settings.managedDraining),
  };
}
