/** ECS's operations on task definitions. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { TaskDefinitionSpec } from "../../world/ecs/spec";
import type { World } from "../../world/world";
import { anywhere, ApiError, type Operation } from "../operation";
import { BUCKETS } from "./common";

/** Those that a service runs or still has tasks of. */
function definitionOf(arn: string | undefined, world: World): TaskDefinitionSpec {
  for (const { services } of world.clusters.values()) {
    for (const service of services.values()) {
      const deployments = [service.rollout.primary, ...service.rollout.older];
      const found = deployments.find(({ taskDefinition }) => taskDefinition.arn === arn);
      if (found !== undefined) return found.taskDefinition;
    }
  }
  throw new ApiError("ClientException", "Unable to describe task definition.");
}

const describeTaskDefinition: Operation<sdk.DescribeTaskDefinitionCommandInput> = {
  requires: ["taskDefinition"],
  bucket: BUCKETS.clusterRead,
  kind: "read",
  request: () => ({ action: "ecs:DescribeTaskDefinition", resources: anywhere }),
  run: (input, world) => {
    const { arn, family, cpu, memoryMiB, containers } = definitionOf(input.taskDefinition, world);
    // The world knows what all containers of a task take together.
    const containerDefinitions = containers.map(({ name, image, containerPorts }, index) => ({
      name,
      image,
      cpu: index === 0 ? cpu : 0,
      memoryReservation: index === 0 ? memoryMiB : 0,
      portMappings: containerPorts.map((containerPort) => ({ containerPort, hostPort: 0, protocol: "tcp" })),
    }));
    return { taskDefinition: { taskDefinitionArn: arn, family, status: "ACTIVE", containerDefinitions } };
  },
};

export const taskDefinitions: Readonly<Record<string, Operation>> = { DescribeTaskDefinition: describeTaskDefinition };
