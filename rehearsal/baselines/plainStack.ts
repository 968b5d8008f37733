/**
 * The same service on the same group as the stack under rehearsal, from plain AWS resources and without any function:
 * what the two baselines share. They differ in what of AWS's own handling is switched on.
 */
import * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { resolveNetwork } from "../../components/cluster/network";
import { readConfig } from "../../config";

export interface Handling {
  readonly agentSpotInstanceDraining: boolean;
  readonly managedDraining: boolean;
  readonly capacityRebalance: boolean;
  /** Undefined: AWS's default. */
  readonly stopTimeoutSeconds: number | undefined;
  readonly deregistrationDelaySeconds: number | undefined;
  readonly minimumHealthyPercent: number | undefined;
  readonly healthCheck: aws.types.input.lb.TargetGroupHealthCheck | undefined;
}

type Config = ReturnType<typeof readConfig>;

export function plainStack(handling: Handling): void {
  const config = readConfig();
  const cluster = new aws.ecs.Cluster("plain");
  const group = makeGroup(config, cluster, handling);
  const provider = new aws.ecs.CapacityProvider("plain", {
    autoScalingGroupProvider: {
      autoScalingGroupArn: group.arn,
      managedScaling: { status: "ENABLED", targetCapacity: config.cluster.targetCapacityPercent ?? 100 },
      // Capacity rebalancing can't end an instance that is protected from scale-in.
      managedTerminationProtection: handling.capacityRebalance ? "DISABLED" : "ENABLED",
      managedDraining: handling.managedDraining ? "ENABLED" : "DISABLED",
    },
  });
  const association = new aws.ecs.ClusterCapacityProviders("plain", {
    clusterName: cluster.name,
    capacityProviders: [provider.name],
  });
  makeService(config, cluster, provider, association, handling);
}

function makeGroup(config: Config, cluster: aws.ecs.Cluster, handling: Handling): aws.autoscaling.Group {
  const {
    instanceTypes = [],
    minSize,
    maxSize,
    onDemandBaseCapacity = 0,
    onDemandPercentageAboveBaseCapacity = 0,
  } = config.cluster;
  const { vpcId, subnetIds, availabilityZoneCount = 3 } = config.cluster;
  const network = resolveNetwork(
    "plain",
    { vpcId, subnetIds, availabilityZoneCount, natGatewayStrategy: "Single", tags: {} },
    cluster,
  );
  const template = new aws.ec2.LaunchTemplate("plain", { userData: userData(cluster, handling) });
  return new aws.autoscaling.Group("plain", {
    minSize,
    maxSize,
    vpcZoneIdentifiers: network.subnetIds,
    capacityRebalance: handling.capacityRebalance,
    protectFromScaleIn: !handling.capacityRebalance,
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
  { agentSpotInstanceDraining, stopTimeoutSeconds }: Handling,
): pulumi.Output<string> {
  return cluster.name.apply((name) => {
    const settings = [
      `ECS_CLUSTER=${name}`,
      ...(agentSpotInstanceDraining ? ["ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"] : []),
      ...(stopTimeoutSeconds === undefined ? [] : [`ECS_CONTAINER_STOP_TIMEOUT=${stopTimeoutSeconds}s`]),
    ];
    const script = ["#!/bin/bash", ...settings.map((setting) => `echo ${setting} >> /etc/ecs/ecs.config`), ""].join(
      "\n",
    );
    return Buffer.from(script).toString("base64");
  });
}

function makeService(
  config: Config,
  cluster: aws.ecs.Cluster,
  provider: aws.ecs.CapacityProvider,
  association: aws.ecs.ClusterCapacityProviders,
  handling: Handling,
): void {
  const { cpu, memoryReservationMiB, containerPort, desiredCount = 2, healthCheckGracePeriodSeconds } = config.service;
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
