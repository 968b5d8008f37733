/**
 * The same service on the same group as the stack under rehearsal, from plain AWS resources and without any function:
 * what the two baselines share. They differ in what of AWS's own handling is switched on.
 */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { resolveNetwork } from "../../components/cluster/network";
import { readConfig } from "../../config";
import type { Handling } from "./handling";

type Config = ReturnType<typeof readConfig>;

/** What of a cluster's configuration a plain group takes. */
export type PlainGroup = Pick<
  Config["cluster"],
  | "instanceTypes"
  | "minSize"
  | "maxSize"
  | "onDemandBaseCapacity"
  | "onDemandPercentageAboveBaseCapacity"
  | "targetCapacityPercent"
  | "vpcId"
  | "subnetIds"
  | "availabilityZoneCount"
>;

export type PlainWeb = Pick<
  Config["service"],
  "cpu" | "memoryReservationMiB" | "containerPort" | "desiredCount" | "healthCheckGracePeriodSeconds"
>;

export interface PlainCluster {
  readonly cluster: aws.ecs.Cluster;
  readonly provider: aws.ecs.CapacityProvider;
  readonly association: aws.ecs.ClusterCapacityProviders;
}

export function plainStack(handling: Handling): void {
  const config = readConfig();
  plainWeb(config.service, plainCluster(config.cluster, handling), handling);
}

/** A cluster of one group, whose size follows its tasks. */
export function plainCluster(settings: PlainGroup, handling: Handling, name = "plain"): PlainCluster {
  const cluster = new aws.ecs.Cluster(name);
  const group = makeGroup(settings, cluster, handling, name);
  const provider = new aws.ecs.CapacityProvider(name, {
    autoScalingGroupProvider: {
      autoScalingGroupArn: group.arn,
      managedScaling: { status: "ENABLED", targetCapacity: settings.targetCapacityPercent ?? 100 },
      // Capacity rebalancing can't end an instance that is protected from scale-in.
      managedTerminationProtection: protectsInstances(handling) ? "ENABLED" : "DISABLED",
      managedDraining: handling.managedDraining ? "ENABLED" : "DISABLED",
    },
  });
  const association = new aws.ecs.ClusterCapacityProviders(name, {
    clusterName: cluster.name,
    capacityProviders: [provider.name],
  });
  return { cluster, provider, association };
}

const protectsInstances = ({ capacityRebalance, terminationProtection = !capacityRebalance }: Handling): boolean =>
  terminationProtection;

function makeGroup(
  settings: PlainGroup,
  cluster: aws.ecs.Cluster,
  handling: Handling,
  name: string,
): aws.autoscaling.Group {
  const {
    instanceTypes = [],
    minSize,
    maxSize,
    onDemandBaseCapacity = 0,
    onDemandPercentageAboveBaseCapacity = 0,
  } = settings;
  const { vpcId, subnetIds, availabilityZoneCount = 3 } = settings;
  const network = resolveNetwork(
    name,
    { vpcId, subnetIds, availabilityZoneCount, natGatewayStrategy: "Single", tags: {} },
    cluster,
  );
  const template = new aws.ec2.LaunchTemplate(name, { userData: userData(cluster, handling) });
  return new aws.autoscaling.Group(name, {
    minSize,
    maxSize,
    vpcZoneIdentifiers: network.subnetIds,
    capacityRebalance: handling.capacityRebalance,
    protectFromScaleIn: protectsInstances(handling),
    mixedInstancesPolicy: {
      instancesDistribution: {
        onDemandBaseCapacity,
        onDemandPercentageAboveBaseCapacity,
        spotAllocationStrategy: "price-capacity-optimized",
      },
      launchTemplate: {
        launchTemplateSpecification: { launchTemplateId: template.id, version: "$Latest" },
        overrides: instanceTypes.map((instanceType) => ({ instanceType })),
      },
    },
  });
}

function userData(
  cluster: aws.ecs.Cluster,
  { agentSpotInstanceDraining, stopTimeoutSeconds, script: more = [] }: Handling,
): pulumi.Output<string> {
  return cluster.name.apply((name) => {
    const settings = [
      `ECS_CLUSTER=${name}`,
      ...(agentSpotInstanceDraining ? ["ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"] : []),
      ...(stopTimeoutSeconds === undefined ? [] : [`ECS_CONTAINER_STOP_TIMEOUT=${stopTimeoutSeconds}s`]),
    ];
    const lines = settings.map((setting) => `echo ${setting} >> /etc/ecs/ecs.config`);
    const script = ["#!/bin/bash", ...lines, ...more, ""].join("\n");
    return Buffer.from(script).toString("base64");
  });
}

export function plainWeb(
  settings: PlainWeb,
  { cluster, provider, association }: PlainCluster,
  handling: Handling,
): void {
  const { cpu, memoryReservationMiB, containerPort, desiredCount = 2, healthCheckGracePeriodSeconds } = settings;
  const { stopTimeoutSeconds, deregistrationDelaySeconds, minimumHealthyPercent, healthCheck } = handling;
  const targetGroup = new aws.lb.TargetGroup("plain", {
    port: 80,
    protocol: "HTTP",
    deregistrationDelay: deregistrationDelaySeconds,
    healthCheck,
  });
  const container = {
    name: "web",
    image: "web",
    cpu,
    memoryReservation: memoryReservationMiB,
    portMappings: [{ containerPort, hostPort: 0 }],
    stopTimeout: stopTimeoutSeconds,
  };
  const definition = new aws.ecs.TaskDefinition("plain", {
    family: "plain",
    containerDefinitions: JSON.stringify([container]),
  });
  new aws.ecs.Service(
    "plain",
    {
      cluster: cluster.arn,
      taskDefinition: definition.arn,
      desiredCount,
      capacityProviderStrategies: [{ capacityProvider: provider.name, weight: 1 }],
      deploymentMinimumHealthyPercent: minimumHealthyPercent,
      loadBalancers: [{ targetGroupArn: targetGroup.arn, containerName: "web", containerPort }],
      healthCheckGracePeriodSeconds,
      orderedPlacementStrategies: [
        { type: "spread", field: "attribute:ecs.availability-zone" },
        { type: "binpack", field: "cpu" },
      ],
    },
    { dependsOn: [association] },
  );
}
