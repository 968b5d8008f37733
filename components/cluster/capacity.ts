/** The capacity of a cluster: its Spot group, an on-demand group on request, and their providers. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { makeCapacityGroup, type CapacityGroup, type InstancesSettings } from "./capacityGroup";
import type { Replacement } from "./replacement";
import type { OnDemandCapacity, SpotClusterTransforms } from "../spotClusterArgs";

export interface CapacitySettings extends InstancesSettings {
  readonly minSize: number;
  readonly maxSize: number;
  readonly onDemandBaseCapacity: number;
  readonly onDemandPercentageAboveBaseCapacity: number;
  readonly onDemandCapacity?: OnDemandCapacity;
  readonly replacement: Replacement;
  readonly transform?: SpotClusterTransforms;
}

export interface Capacity extends CapacityGroup {
  readonly onDemand?: CapacityGroup;
  readonly association: aws.ecs.ClusterCapacityProviders;
}

/**
 * Destroyed in the opposite order: association, providers, groups with their instances; the cluster, which the template names, after
 * them. Another cluster takes all of them anew: instances stay with the cluster that they registered with, and a provider with its
 * group and its cluster. Nor may a cluster give up a provider that its services use, so that new ones come beside the old in a new
 * cluster.
 */
export function makeCapacity(name: string, settings: CapacitySettings, parent: pulumi.Resource): Capacity {
  const spot = makeSpotGroup(name, settings, parent);
  const onDemand = settings.onDemandCapacity && makeOnDemandGroup(name, settings, settings.onDemandCapacity, parent);
  const providers = [spot, ...(onDemand ? [onDemand] : [])].map(({ capacityProvider }) => capacityProvider.name);
  const association = new aws.ecs.ClusterCapacityProviders(
    `${name}-capacity-providers`,
    {
      clusterName: settings.cluster.name,
      capacityProviders: providers,
      defaultCapacityProviderStrategies: [{ capacityProvider: spot.capacityProvider.name, weight: 100 }],
    },
    { parent },
  );
  return { ...spot, onDemand, association };
}

function makeSpotGroup(name: string, settings: CapacitySettings, parent: pulumi.Resource): CapacityGroup {
  const { transform } = settings;
  const names = { cluster: name, group: `${name}-group`, provider: `${name}-capacity-provider` };
  const group = {
    ...settings,
    hasFallback: true,
    // Never both: the drain function detaches, or the group rebalances.
    capacityRebalance: settings.replacement === "capacityRebalancing",
    groupTransform: { name: "autoScalingGroup", transform: transform?.autoScalingGroup },
    providerTransform: { name: "capacityProvider", transform: transform?.capacityProvider },
  };
  return makeCapacityGroup(names, group, parent);
}

/** Of the same instance types, all on demand, so that nothing interrupts them. */
function makeOnDemandGroup(
  name: string,
  settings: CapacitySettings,
  size: OnDemandCapacity,
  parent: pulumi.Resource,
): CapacityGroup {
  const { transform } = settings;
  const names = { cluster: name, group: `${name}-on-demand-group`, provider: `${name}-on-demand-provider` };
  const group = {
    ...settings,
    ...size,
    onDemandBaseCapacity: 0,
    onDemandPercentageAboveBaseCapacity: 100,
    hasFallback: false,
    capacityRebalance: false,
    groupTransform: { name: "onDemandAutoScalingGroup", transform: transform?.onDemandAutoScalingGroup },
    providerTransform: { name: "onDemandCapacityProvider", transform: transform?.onDemandCapacityProvider },
  };
  return makeCapacityGroup(names, group, parent);
}
