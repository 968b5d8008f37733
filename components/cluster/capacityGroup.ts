/** One Auto Scaling group of a cluster's instances, and the capacity provider that scales it. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { groupTags, makeGroupTags } from "./groupTags";
import { overrideRequirements, type InstanceRequirements } from "./instanceRequirements";
import type { Architecture } from "./instanceTypes";
import { throwProblems } from "../problems";
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
  /** How large a group may be while its instances are replaced, in percent of its desired capacity. */
  readonly refreshMaxHealthyPercent: number;
  /** What an instance can't work without until its last task has stopped: its way to AWS's endpoints. */
  readonly needs: readonly pulumi.Resource[];
  readonly tags: Readonly<Record<string, pulumi.Input<string>>>;
}

export interface GroupSettings extends InstancesSettings {
  readonly minSize: number;
  readonly maxSize: number;
  readonly onDemandBaseCapacity: number;
  readonly onDemandPercentageAboveBaseCapacity: number;
  /** Whether the fallback function sets the on-demand base: to what is declared, and while Spot is out above it. */
  readonly hasFallback: boolean;
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
  /** On-Demand Instances that come first, as declared; the fallback function raises it in AWS. */
  readonly declaredBaseCapacity: pulumi.Output<number>;
  readonly capacityProvider: aws.ecs.CapacityProvider;
}

/** The logical names of a group and its provider. */
export interface GroupNames {
  readonly cluster: string;
  readonly group: string;
  readonly provider: string;
}

/** What an update leaves as the fallback function has set it; the function is told what is declared. */
const BASE_CAPACITY = "mixedInstancesPolicy.instancesDistribution.onDemandBaseCapacity";

export function makeCapacityGroup(names: GroupNames, settings: GroupSettings, parent: pulumi.Resource): CapacityGroup {
  const { autoScalingGroup, declaredBaseCapacity } = makeGroup(names, settings, parent);
  const capacityProvider = makeProvider(names, settings, autoScalingGroup, parent);
  return { autoScalingGroup, declaredBaseCapacity, capacityProvider };
}

function makeGroup(
  names: GroupNames,
  settings: GroupSettings,
  parent: pulumi.Resource,
): Omit<CapacityGroup, "capacityProvider"> {
  const tags = groupTags(names.cluster, settings);
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
    instanceRefresh: instanceRefresh(settings),
    enabledMetrics: [
      "GroupDesiredCapacity",
      "GroupInServiceInstances",
      "GroupPendingInstances",
      "GroupTerminatingInstances",
    ],
    tags,
  };
  // Managed scaling sets the desired capacity. It is left unset and ignored, so that no update ever puts it back. Nor does one take
  // off the tags in which the functions keep what they do; those declared have resources of their own.
  const options: pulumi.CustomResourceOptions = {
    parent,
    ignoreChanges: ["desiredCapacity", "tags", ...(settings.hasFallback ? [BASE_CAPACITY] : [])],
    dependsOn: [...settings.needs],
    // By value, so that an update which failed half-way is gone on with.
    replacementTrigger: settings.cluster.arn,
    deleteBeforeReplace: false,
  };
  const given = transformedOnly(names.cluster, args, settings.groupTransform, ["tags"]);
  const autoScalingGroup = new aws.autoscaling.Group(names.group, given, options);
  makeGroupTags(names.group, autoScalingGroup, tags, parent);
  return { autoScalingGroup, declaredBaseCapacity: baseCapacity(given) };
}

const baseCapacity = ({ mixedInstancesPolicy }: aws.autoscaling.GroupArgs): pulumi.Output<number> =>
  pulumi.output(mixedInstancesPolicy).apply((policy) => policy?.instancesDistribution?.onDemandBaseCapacity ?? 0);

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
      // A version number, not $Latest: a changed template changes the group, and so starts an instance refresh. The default one,
      // which the provider sets to what it makes, and the refresh function to what it has brought to every instance.
      launchTemplateSpecification: {
        launchTemplateId: launchTemplate.id,
        version: launchTemplate.defaultVersion.apply(String),
      },
      overrides,
    },
  };
}

/** New instances first; protected ones are refreshed too, since managed draining empties them.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html */
function instanceRefresh({
  refreshMaxHealthyPercent,
}: GroupSettings): aws.types.input.autoscaling.GroupInstanceRefresh {
  const preferences = {
    minHealthyPercentage: 100,
    maxHealthyPercentage: refreshMaxHealthyPercent,
    scaleInProtectedInstances: "Refresh",
    skipMatching: true,
  };
  return { strategy: "Rolling", preferences };
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
  const given = transformedOnly(names.cluster, args, settings.providerTransform);
  return new aws.ecs.CapacityProvider(names.provider, given, { parent, deleteBeforeReplace: false });
}

/**
 * The transformed args, if that changed nothing that it can't. A group can have one provider only, and a provider can be neither
 * renamed nor moved: with a name of its own, either could not be replaced by one beside it.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
 */
function transformedOnly<Args extends { name?: unknown; namePrefix?: unknown }>(
  cluster: string,
  made: Args,
  { name, transform }: NamedTransform<Args>,
  fixed: readonly (keyof Args & string)[] = [],
): Args {
  const args = transformed(made, transform);
  const named = (["name", "namePrefix"] as const).filter((property) => args[property] !== undefined);
  const changed = fixed.filter((property) => args[property] !== made[property]);
  throwProblems(`SpotCluster ${cluster}`, [
    ...named.map((property) => ({
      property: `transform.${name}.${property}`,
      given: args[property],
      allowed: "none: Pulumi names it, so that a new one can be made beside it",
      change: "remove it; the stack's outputs and the tag Name tell which one it is",
    })),
    ...changed.map((property) => ({
      property: `transform.${name}.${property}`,
      given: "another value",
      allowed: "the value that the component gives it, which is kept by resources of its own",
      change: `use the ${property} of the cluster`,
    })),
  ]);
  return args;
}
