/** One Auto Scaling group of a cluster's instances, and the capacity provider that scales it. */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { overrideRequirements, type InstanceRequirements } from "./instanceRequirements";
import type { Architecture } from "./instanceTypes";
import { throwProblems } from "../problems";
import { CLUSTER_TAG, ECS_MANAGED_TAG } from "../tags";
import { transformed, type Transform } from "../transform";

/** What the groups of a cluster have alike. */
export interface InstancesSettings {
  readonly cluster: aws.ecs.Cluster;
  readonly launchTemplate: aws.ec2.LaunchTemplate;
  readonly subnetIds: pulumi.Input<string[]>;
  readonly instanceTypes?: readonly string[];
  readonly instanceRequirements?: InstanceRequirements;
  readonly architecture: Architecture;
  readonly targetCapacityPercent: number;
  readonly instanceWarmupPeriodSeconds: number;
  /** What an instance can't work without until its last task has stopped: its way to AWS's endpoints. */
  readonly needs: readonly pulumi.Resource[];
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
}

export interface GroupSettings extends InstancesSettings {
  readonly minSize: number;
  readonly maxSize: number;
  readonly onDemandBaseCapacity: number;
  readonly onDemandPercentageAboveBaseCapacity: number;
  /** Whether the group itself replaces instances at risk. */
  readonly capacityRebalance: boolean;
  readonly groupTransform: NamedTransform<aws.autoscaling.GroupArgs>;
  readonly providerTransform: NamedTransform<aws.ecs.CapacityProviderArgs>;
}

/** With the name under which a user gives it. */
export interface NamedTransform<Args> {
  readonly name: string;
  readonly transform: Transform<Args> | undefined;
}

export interface CapacityGroup {
  readonly autoScalingGroup: aws.autoscaling.Group;
  readonly capacityProvider: aws.ecs.CapacityProvider;
}

/** The logical names of a group and its provider. */
export interface GroupNames {
  readonly cluster: string;
  readonly group: string;
  readonly provider: string;
}

export function makeCapacityGroup(names: GroupNames, settings: GroupSettings, parent: pulumi.Resource): CapacityGroup {
  const autoScalingGroup = makeGroup(names, settings, parent);
  return { autoScalingGroup, capacityProvider: makeProvider(names, settings, autoScalingGroup, parent) };
}

function makeGroup(names: GroupNames, settings: GroupSettings, parent: pulumi.Resource): aws.autoscaling.Group {
  const args: aws.autoscaling.GroupArgs = {
    minSize: settings.minSize,
    maxSize: settings.maxSize,
    vpcZoneIdentifiers: settings.subnetIds,
    mixedInstancesPolicy: mixedInstancesPolicy(settings),
    capacityRebalance: settings.capacityRebalance,
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
    tags: groupTags(names.cluster, settings),
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
  const given = autonamed(names.cluster, args, settings.groupTransform);
  return new aws.autoscaling.Group(names.group, given, options);
}

/** No weights: managed scaling counts instances.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html */
function mixedInstancesPolicy(settings: GroupSettings): aws.types.input.autoscaling.GroupMixedInstancesPolicy {
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
  { cluster, tags }: GroupSettings,
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
  names: GroupNames,
  settings: GroupSettings,
  group: aws.autoscaling.Group,
  parent: pulumi.Resource,
): aws.ecs.CapacityProvider {
  const { targetCapacityPercent, instanceWarmupPeriodSeconds, tags } = settings;
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
  const given = autonamed(names.cluster, args, settings.providerTransform);
  return new aws.ecs.CapacityProvider(names.provider, given, { parent, deleteBeforeReplace: false });
}

/**
 * The transformed args, if that gave them no name. A group can have one provider only, and a provider can be neither renamed nor
 * moved: with a name of its own, either could not be replaced by one beside it.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
 */
function autonamed<Args extends { name?: unknown; namePrefix?: unknown }>(
  cluster: string,
  made: Args,
  { name, transform }: NamedTransform<Args>,
): Args {
  const args = transformed(made, transform);
  const given = (["name", "namePrefix"] as const).filter((property) => args[property] !== undefined);
  const problems = given.map((property) => ({
    property: `transform.${name}.${property}`,
    given: args[property],
    allowed: "none: Pulumi names it, so that a new one can be made beside it",
    change: "remove it; the stack's outputs and the tag Name tell which one it is",
  }));
  throwProblems(`SpotCluster ${cluster}`, problems);
  return args;
}
