/** The Auto Scaling group of a cluster and the capacity provider that scales it. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { overrideRequirements, type InstanceRequirements } from "./instanceRequirements";
import type { Architecture } from "./instanceTypes";
import { throwProblems } from "./problems";
import type { Replacement } from "./replacement";
import { CLUSTER_TAG, ECS_MANAGED_TAG } from "./tags";
import { transformed, type Transform } from "./transform";

export interface CapacitySettings {
  readonly cluster: aws.ecs.Cluster;
  readonly launchTemplate: aws.ec2.LaunchTemplate;
  readonly subnetIds: pulumi.Input<string[]>;
  readonly instanceTypes?: readonly string[];
  readonly instanceRequirements?: InstanceRequirements;
  readonly architecture: Architecture;
  readonly minSize: number;
  readonly maxSize: number;
  readonly onDemandBaseCapacity: number;
  readonly onDemandPercentageAboveBaseCapacity: number;
  readonly replacement: Replacement;
  readonly targetCapacityPercent: number;
  readonly instanceWarmupPeriodSeconds: number;
  /** What an instance can't work without until its last task has stopped: its way to AWS's endpoints. */
  readonly needs: readonly pulumi.Resource[];
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
  readonly transform?: {
    readonly autoScalingGroup?: Transform<aws.autoscaling.GroupArgs>;
    readonly capacityProvider?: Transform<aws.ecs.CapacityProviderArgs>;
  };
}

export interface Capacity {
  readonly autoScalingGroup: aws.autoscaling.Group;
  readonly capacityProvider: aws.ecs.CapacityProvider;
  readonly association: aws.ecs.ClusterCapacityProviders;
}

/**
 * Destroyed in the opposite order: association, provider, group with its instances; the cluster, which the template names, after them.
 * Another cluster takes all of them anew: instances stay with the cluster that they registered with, and a provider with its group
 * and its cluster. Nor may a cluster give up a provider that its services use, so that new ones come beside the old in a new cluster.
 */
export function makeCapacity(name: string, settings: CapacitySettings, parent: pulumi.Resource): Capacity {
  const autoScalingGroup = makeGroup(name, settings, parent);
  const capacityProvider = makeProvider(name, settings, autoScalingGroup, parent);
  const strategy = { capacityProvider: capacityProvider.name, weight: 100 };
  const association = new aws.ecs.ClusterCapacityProviders(
    `${name}-capacity-providers`,
    {
      clusterName: settings.cluster.name,
      capacityProviders: [capacityProvider.name],
      defaultCapacityProviderStrategies: [strategy],
    },
    { parent },
  );
  return { autoScalingGroup, capacityProvider, association };
}

function makeGroup(name: string, settings: CapacitySettings, parent: pulumi.Resource): aws.autoscaling.Group {
  const args: aws.autoscaling.GroupArgs = {
    minSize: settings.minSize,
    maxSize: settings.maxSize,
    vpcZoneIdentifiers: settings.subnetIds,
    mixedInstancesPolicy: mixedInstancesPolicy(settings),
    // Never both: the drain function detaches, or the group rebalances.
    capacityRebalance: settings.replacement === "capacityRebalancing",
    // Managed termination protection takes the protection off an instance once it has no task.
    protectFromScaleIn: true,
    terminationPolicies: ["OldestLaunchTemplate", "ClosestToNextInstanceHour", "OldestInstance"],
    healthCheckType: "EC2",
    // Protected instances would hold up a destroy for ever.
    forceDelete: true,
    // Spot may have no capacity for hours; the group keeps trying by itself.
    waitForCapacityTimeout: "0",
    instanceRefresh: instanceRefresh(),
    enabledMetrics: [
      "GroupDesiredCapacity",
      "GroupInServiceInstances",
      "GroupPendingInstances",
      "GroupTerminatingInstances",
    ],
    tags: groupTags(name, settings),
  };
  // Managed scaling sets the desired capacity. It is left unset and ignored, so that no update ever puts it back.
  const options: pulumi.CustomResourceOptions = {
    parent,
    ignoreChanges: ["desiredCapacity"],
    dependsOn: [...settings.needs],
    // By value, so that an update which failed half-way is gone on with.
    replacementTrigger: settings.cluster.arn,
    deleteBeforeReplace: false,
  };
  const given = autonamed(name, "autoScalingGroup", transformed(args, settings.transform?.autoScalingGroup));
  return new aws.autoscaling.Group(`${name}-group`, given, options);
}

/** No weights: managed scaling counts instances.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html */
function mixedInstancesPolicy(settings: CapacitySettings): aws.types.input.autoscaling.GroupMixedInstancesPolicy {
  const { launchTemplate, instanceTypes, instanceRequirements, architecture } = settings;
  const overrides = instanceRequirements
    ? [{ instanceRequirements: overrideRequirements(instanceRequirements, architecture) }]
    : instanceTypes?.map((instanceType) => ({ instanceType }));
  return {
    instancesDistribution: {
      onDemandBaseCapacity: settings.onDemandBaseCapacity,
      onDemandPercentageAboveBaseCapacity: settings.onDemandPercentageAboveBaseCapacity,
      onDemandAllocationStrategy: "lowest-price",
      spotAllocationStrategy: "price-capacity-optimized",
    },
    launchTemplate: {
      // A version number, not $Latest: a changed template changes the group, and so starts an instance refresh.
      launchTemplateSpecification: {
        launchTemplateId: launchTemplate.id,
        version: launchTemplate.latestVersion.apply(String),
      },
      overrides,
    },
  };
}

/** New instances first; protected ones are refreshed too, since managed draining empties them.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html */
function instanceRefresh(): aws.types.input.autoscaling.GroupInstanceRefresh {
  const preferences = {
    minHealthyPercentage: 100,
    maxHealthyPercentage: 110,
    scaleInProtectedInstances: "Refresh",
    skipMatching: true,
  };
  return { strategy: "Rolling", preferences };
}

function groupTags(
  name: string,
  { cluster, tags }: CapacitySettings,
): pulumi.Input<aws.types.input.autoscaling.GroupTag>[] {
  const atLaunch: Record<string, pulumi.Input<string>> = {
    Name: name,
    ...tags,
    [CLUSTER_TAG]: cluster.name,
    [ECS_MANAGED_TAG]: "true",
  };
  return Object.entries(atLaunch).map(([key, value]) => ({ key, value, propagateAtLaunch: true }));
}

function makeProvider(
  name: string,
  settings: CapacitySettings,
  group: aws.autoscaling.Group,
  parent: pulumi.Resource,
): aws.ecs.CapacityProvider {
  const { targetCapacityPercent, instanceWarmupPeriodSeconds, tags, transform } = settings;
  const args: aws.ecs.CapacityProviderArgs = {
    autoScalingGroupProvider: {
      autoScalingGroupArn: group.arn,
      managedScaling: {
        status: "ENABLED",
        targetCapacity: targetCapacityPercent,
        minimumScalingStepSize: 1,
        instanceWarmupPeriod: instanceWarmupPeriodSeconds,
      },
      managedTerminationProtection: "ENABLED",
      managedDraining: "ENABLED",
    },
    tags,
  };
  const given = autonamed(name, "capacityProvider", transformed(args, transform?.capacityProvider));
  return new aws.ecs.CapacityProvider(`${name}-capacity-provider`, given, { parent, deleteBeforeReplace: false });
}

/**
 * The args, if no name was given by their transform. A group can have one provider only, and a provider can be neither renamed nor
 * moved: with a name of its own, either could not be replaced by one beside it.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
 */
function autonamed<Args extends { name?: unknown; namePrefix?: unknown }>(
  name: string,
  child: string,
  args: Args,
): Args {
  const given = (["name", "namePrefix"] as const).filter((property) => args[property] !== undefined);
  const problems = given.map((property) => ({
    property: `transform.${child}.${property}`,
    given: args[property],
    allowed: "none: Pulumi names it, so that a new one can be made beside it",
    change: "remove it; the stack's outputs and the tag Name tell which one it is",
  }));
  throwProblems(`SpotCluster ${name}`, problems);
  return args;
}
