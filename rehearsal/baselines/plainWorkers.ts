/** A service of workers for one queue, from plain AWS resources: what the baselines of worker tiers share. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { PlainCluster } from "./plainStack";

export interface PlainWorkers {
  readonly cpu: number;
  readonly memoryReservationMiB: number;
  readonly minCount: number;
  readonly maxCount: number;
  readonly stopTimeoutSeconds: number | undefined;
  readonly visibilityTimeoutSeconds: number;
  readonly maxReceiveCount: number;
}

export interface PlainTier {
  readonly queue: aws.sqs.Queue;
  readonly service: aws.ecs.Service;
  readonly target: aws.appautoscaling.Target;
}

export function plainWorkers(name: string, settings: PlainWorkers, on: PlainCluster): PlainTier {
  const queue = makeQueue(name, settings);
  const { cluster, provider, association } = on;
  const definition = makeTask(name, queue, settings);
  const service = new aws.ecs.Service(
    name,
    {
      cluster: cluster.arn,
      taskDefinition: definition.arn,
      desiredCount: settings.minCount,
      capacityProviderStrategies: [{ capacityProvider: provider.name, weight: 1 }],
      deploymentMinimumHealthyPercent: 50,
    },
    { dependsOn: [association] },
  );
  const target = new aws.appautoscaling.Target(name, {
    serviceNamespace: "ecs",
    scalableDimension: "ecs:service:DesiredCount",
    resourceId: pulumi.interpolate`service/${cluster.name}/${service.name}`,
    minCapacity: settings.minCount,
    maxCapacity: settings.maxCount,
  });
  return { queue, service, target };
}

function makeQueue(name: string, { visibilityTimeoutSeconds, maxReceiveCount }: PlainWorkers): aws.sqs.Queue {
  const deadLetters = new aws.sqs.Queue(`${name}-dead-letters`, { messageRetentionSeconds: 1_209_600 });
  return new aws.sqs.Queue(name, {
    visibilityTimeoutSeconds,
    redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount }),
  });
}

/** The consumer's variables tell the rehearsal which queue its container takes from, whichever consumer that is. */
function makeTask(name: string, queue: aws.sqs.Queue, settings: PlainWorkers): aws.ecs.TaskDefinition {
  const role = new aws.iam.Role(name, { assumeRolePolicy: "{}" });
  const Action = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"];
  const Statement = [{ Effect: "Allow", Action, Resource: queue.arn }];
  new aws.iam.RolePolicy(name, { role: role.id, policy: pulumi.jsonStringify({ Statement }) });
  const { cpu, memoryReservationMiB, stopTimeoutSeconds: stopTimeout, visibilityTimeoutSeconds } = settings;
  const queues = pulumi.jsonStringify([{ name, url: queue.url, visibilityTimeoutSeconds }]);
  const environment = [{ name: "SPOTPROOF_QUEUES", value: queues }];
  const container = { name, image: name, cpu, memoryReservation: memoryReservationMiB, stopTimeout, environment };
  return new aws.ecs.TaskDefinition(name, {
    family: name,
    containerDefinitions: pulumi.jsonStringify([container]),
    taskRoleArn: role.arn,
  });
}
