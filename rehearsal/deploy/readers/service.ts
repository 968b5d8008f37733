import type { ContainerSpec, ServiceSpec, TaskDefinitionSpec } from "../../world/ecs/spec";
import type { Resource } from "../monitor";
import { json, list, number, optionalNumber, text, type DeclaredProgram, type Inputs } from "../read";
import type { Reader } from "./reader";

const TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";
const ASSOCIATION = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";

export const readService: Reader = (resource, { program, world }) => {
  const { inputs, outputs } = resource;
  const cluster = world.clusters.get(text(inputs.cluster).split("/").at(-1)!);
  if (cluster === undefined) return;
  const taskDefinition = program.required(TASK_DEFINITION, inputs.taskDefinition, resource);
  const spec: ServiceSpec = {
    name: text(outputs.name),
    arn: text(outputs.arn),
    taskDefinition: readTaskDefinition(taskDefinition),
    desiredCount: number(inputs.desiredCount, 1),
    // ECS's defaults for replicas (semantics §2.1).
    minimumHealthyPercent: number(inputs.deploymentMinimumHealthyPercent, 100),
    maximumPercent: number(inputs.deploymentMaximumPercent, 200),
    placementStrategies: list(inputs.orderedPlacementStrategies).map(({ type, field }) => ({
      type: text(type) as "spread" | "binpack" | "random",
      field: text(field),
    })),
    healthCheckGracePeriodSeconds: number(inputs.healthCheckGracePeriodSeconds, 0),
    loadBalancers: list(inputs.loadBalancers).map((each) => ({
      targetGroupArn: text(each.targetGroupArn),
      containerName: text(each.containerName),
      containerPort: number(each.containerPort, 80),
    })),
    capacityProvider: capacityProviderOf(inputs, cluster.spec.name, program),
  };
  cluster.createService(spec, world.targetGroups);
};

/** The service's own strategy, else the cluster's default one. */
function capacityProviderOf(inputs: Inputs, clusterName: string, program: DeclaredProgram): string | undefined {
  const association = program.ofType(ASSOCIATION).find((each) => each.inputs.clusterName === clusterName);
  const strategy =
    list(inputs.capacityProviderStrategies)[0] ?? list(association?.inputs.defaultCapacityProviderStrategies)[0];
  return inputs.launchType === undefined && strategy !== undefined ? text(strategy.capacityProvider) : undefined;
}

function readTaskDefinition({ inputs, outputs }: Resource): TaskDefinitionSpec {
  const containers = list(json(inputs.containerDefinitions));
  const sum = (read: (container: Inputs) => number): number =>
    containers.reduce((total, container) => total + read(container), 0);
  return {
    arn: text(outputs.arn),
    family: text(inputs.family),
    cpu: optionalNumber(inputs.cpu) ?? sum((container) => number(container.cpu, 0)),
    memoryMiB:
      optionalNumber(inputs.memory) ?? sum((container) => number(container.memoryReservation ?? container.memory, 0)),
    containers: containers.map((container): ContainerSpec => ({
      name: text(container.name),
      containerPorts: list(container.portMappings).map(({ containerPort }) => number(containerPort, 80)),
      stopTimeoutSeconds: optionalNumber(container.stopTimeout),
    })),
  };
}
