import { announceDeployments } from "../../world/ecs/deploymentEvents";
import type { ContainerSpec, ServiceSpec, StrategyItem, TaskDefinitionSpec } from "../../world/ecs/spec";
import type { Resource } from "../monitor";
import { block, isTrue, json, list, number, optionalNumber, strings, text, type Inputs } from "../read";
import { statementsOf } from "./function";
import type { Deployment, Reader } from "./reader";

const TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition";
const ASSOCIATION = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";

export const readService: Reader = (resource, deployment) => {
  const { program, world, notModelled } = deployment;
  const { inputs, outputs } = resource;
  const cluster = world.clusters.get(text(inputs.cluster).split("/").at(-1)!);
  if (cluster === undefined || !runsHere(resource, deployment)) return;
  const strategy = strategyOf(resource, cluster.spec.name, deployment);
  const own = strategy.filter(({ capacityProvider }) => !isFargate(capacityProvider));
  for (const { capacityProvider } of strategy)
    if (isFargate(capacityProvider)) notModelled(`service ${resource.name}: capacity provider ${capacityProvider}`);
  if (strategy.length > 0 && own.length === 0) return;
  const taskDefinition = program.required(TASK_DEFINITION, inputs.taskDefinition, resource);
  const spec: ServiceSpec = {
    name: text(outputs.name),
    arn: text(outputs.arn),
    taskDefinition: readTaskDefinition(taskDefinition, deployment),
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
    capacityProviderStrategy: own,
    circuitBreaker: circuitBreakerOf(inputs),
    tags: strings(inputs.tags),
    taskTags: taskTagsOf(resource, taskDefinition),
  };
  announceDeployments(cluster.createService(spec, world.targetGroups), world.bus);
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

const isFargate = (capacityProvider: string): boolean => /^FARGATE(_SPOT)?$/.test(capacityProvider);

/** The service's own strategy, else the cluster's default one. */
function strategyOf({ name, inputs }: Resource, clusterName: string, { program }: Deployment): readonly StrategyItem[] {
  if (inputs.launchType !== undefined) return [];
  const association = program.ofType(ASSOCIATION).find((each) => each.inputs.clusterName === clusterName);
  const own = list(inputs.capacityProviderStrategies);
  const strategy = own.length > 0 ? own : list(association?.inputs.defaultCapacityProviderStrategies);
  // Without a weight 0, unless it is the only one: then nothing could be placed otherwise.
  const items = strategy.map(({ capacityProvider, base, weight }) => ({
    capacityProvider: text(capacityProvider),
    base: number(base, 0),
    weight: number(weight, strategy.length === 1 ? 1 : 0),
  }));
  if (items.length > 0 && items.every(({ weight }) => weight === 0)) {
    throw new Error(
      `service ${name}: every capacity provider of its strategy has weight 0; allowed: at least one above; give one of them a weight`,
    );
  }
  return items;
}

function circuitBreakerOf({ deploymentCircuitBreaker }: Inputs): ServiceSpec["circuitBreaker"] {
  const { enable, rollback } = block(deploymentCircuitBreaker);
  return { enable: isTrue(enable), rollback: isTrue(rollback) };
}

/** Tags that ECS gives the service's tasks when it makes them. */
function taskTagsOf({ inputs }: Resource, taskDefinition: Resource): Readonly<Record<string, string>> {
  switch (inputs.propagateTags) {
    case "SERVICE":
      return strings(inputs.tags);
    case "TASK_DEFINITION":
      return strings(taskDefinition.inputs.tags);
    default:
      return {};
  }
}

function readTaskDefinition({ inputs, outputs }: Resource, { program }: Deployment): TaskDefinitionSpec {
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
      environment: Object.fromEntries(list(container.environment).map(({ name, value }) => [text(name), text(value)])),
    })),
    taskRole: inputs.taskRoleArn === undefined ? undefined : statementsOf(inputs.taskRoleArn, program),
  };
}
