import type { ContainerSpec, ServiceSpec, TaskDefinitionSpec } from "../../world/ecs/spec";
import type { Resource } from "../monitor";
import { json, list, number, optionalNumber, text, type Inputs } from "../read";
import type { Deployment, Reader } from "./reader";

const TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";
const ASSOCIATION = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";

export const readService: Reader = (resource, deployment) => {
  const { program, world } = deployment;
  const { inputs, outputs } = resource;
  const cluster = world.clusters.get(text(inputs.cluster).split("/").at(-1)!);
  if (cluster === undefined || !runsHere(resource, deployment)) return;
  const taskDefinition = program.required(TASK_DEFINITION, inputs.taskDefinition, resource);
  const spec: ServiceSpec = {
    name: text(outputs.name),
    arn: text(outputs.arn),
    taskDefinition: readTaskDefinition(taskDefinition),
    desiredCount: number(inputs.desiredCount, 1),
    // ECS's defaults for replicas (semantics §2.1).
    minimumHealthyPercent: number(inputs.deploymentMinimumHealthyPercent, 100),
    maximumPercent: number(inputs.deploymentMaximumPercent, 200),
    availabilityZoneRebalancing: isRebalanced(inputs, taskDefinition.inputs),
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
    capacityProvider: capacityProviderOf(resource, cluster.spec.name, deployment),
  };
  cluster.createService(spec, world.targetGroups);
};

/** On by default; never with a constraint on zones, nor behind a Classic Load Balancer (semantics §3.6). */
function isRebalanced(service: Inputs, taskDefinition: Inputs): boolean {
  const constraints = [...list(service.placementConstraints), ...list(taskDefinition.placementConstraints)];
  const isBound = constraints.some(({ expression }) => text(expression).includes("availability-zone"));
  const isClassic = list(service.loadBalancers).some(({ elbName }) => elbName !== undefined);
  return service.availabilityZoneRebalancing !== "DISABLED" && !isBound && !isClassic;
}

/** Replicas on EC2; the others are listed. */
function runsHere({ name, inputs }: Resource, { notModelled }: Deployment): boolean {
  if (inputs.schedulingStrategy === "DAEMON") notModelled(`service ${name}: schedulingStrategy DAEMON`);
  else if (inputs.launchType === "FARGATE" || inputs.launchType === "EXTERNAL") {
    notModelled(`service ${name}: launchType ${inputs.launchType}`);
  } else return true;
  return false;
}

/** The service's own strategy, else the cluster's default one. */
function capacityProviderOf(
  { name, inputs }: Resource,
  clusterName: string,
  deployment: Deployment,
): string | undefined {
  const { program, notModelled } = deployment;
  if (inputs.launchType !== undefined) return undefined;
  const association = program.ofType(ASSOCIATION).find((each) => each.inputs.clusterName === clusterName);
  const own = list(inputs.capacityProviderStrategies);
  const strategy = own.length > 0 ? own : list(association?.inputs.defaultCapacityProviderStrategies);
  const [first, ...others] = strategy.map(({ capacityProvider }) => text(capacityProvider));
  if (others.length > 0) {
    notModelled(
      `service ${name}: a strategy of several capacity providers; all tasks go to ${first}, none to ${others.join(", ")}`,
    );
  }
  return first;
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
      image: text(container.image),
      containerPorts: list(container.portMappings).map(({ containerPort }) => number(containerPort, 80)),
      stopTimeoutSeconds: optionalNumber(container.stopTimeout),
    })),
  };
}
