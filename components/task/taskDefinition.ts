/** A task's containers in the words of ECS.
 * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerHealthCheck } from "./taskArgs";
import type { Container } from "./taskContainers";

/** A container with all that is made for it. */
export interface DefinedContainer extends Container {
  readonly image: pulumi.Input<string>;
}

export interface LogPlace {
  readonly group: pulumi.Input<string>;
  readonly region: pulumi.Input<string>;
  readonly streamPrefix: string;
}

/** Past this much unwritten output, lines are dropped rather than the container held up. */
const LOG_BUFFER = "25m";

/** What isn't given is left out, so that ECS's own default holds. */
export function containerDefinition(container: DefinedContainer, log: LogPlace): aws.ecs.ContainerDefinition {
  const { name, image, essential, cpu, command, entryPoint, containerPort, links, healthCheck } = container;
  const { repositoryCredentialsSecretArn: credentialsParameter, memoryReservationMiB, memoryMiB } = container;
  const { environment = {}, secrets, dependsOn, stopTimeoutSeconds } = container;
  return {
    name,
    image,
    essential,
    cpu,
    memoryReservation: memoryReservationMiB,
    ...(memoryMiB !== undefined && { memory: memoryMiB }),
    ...(command && { command: pulumi.output(command) }),
    ...(entryPoint && { entryPoint: pulumi.output(entryPoint) }),
    environment: sorted(environment).map(([variable, value]) => ({ name: variable, value })),
    ...(secrets && { secrets: sorted(secrets).map(([variable, valueFrom]) => ({ name: variable, valueFrom })) }),
    ...(credentialsParameter !== undefined && { repositoryCredentials: { credentialsParameter } }),
    ...(containerPort !== undefined && { portMappings: [{ containerPort, hostPort: 0, protocol: "tcp" }] }),
    ...(links && { links }),
    ...(dependsOn && {
      dependsOn: sorted(dependsOn).map(([containerName, condition]) => ({ containerName, condition })),
    }),
    ...(healthCheck && { healthCheck: checkOf(healthCheck) }),
    stopTimeout: stopTimeoutSeconds,
    logConfiguration: logConfiguration(log),
  };
}

/** In one order, so that a changed order is no change. */
function sorted<T>(record: Readonly<Record<string, T>>): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function checkOf({
  command,
  intervalSeconds,
  timeoutSeconds,
  retries,
  startPeriodSeconds,
}: ContainerHealthCheck): aws.ecs.HealthCheck {
  return {
    command: [...command],
    interval: intervalSeconds ?? 30,
    timeout: timeoutSeconds ?? 5,
    retries: retries ?? 3,
    ...(startPeriodSeconds !== undefined && { startPeriod: startPeriodSeconds }),
  };
}

function logConfiguration({ group, region, streamPrefix }: LogPlace): aws.ecs.LogConfiguration {
  return {
    logDriver: "awslogs",
    options: {
      "awslogs-group": group,
      "awslogs-region": region,
      "awslogs-stream-prefix": streamPrefix,
      mode: "non-blocking",
      "max-buffer-size": LOG_BUFFER,
    },
  };
}
