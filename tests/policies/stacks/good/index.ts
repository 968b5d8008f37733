/** Stacks that the rules have nothing against. */
import { LATER, StackOf, userData } from "../../support/declared";
import { handler, spotCapacity, TYPE, webStack, workerStack } from "../../support/stacks";
import { changed, type GoodStack } from "../entry";
import { PEERS } from "./peers";

const DISTRIBUTION = "mixedInstancesPolicy.instancesDistribution";
const MANAGED_DRAINING = "autoScalingGroupProvider.managedDraining";

/** No group that is Spot, and everything else as a Spot pack would refuse it. */
const carelessOnDemand = (change: (parts: ReturnType<typeof webStack>) => void) =>
  changed(webStack, (parts) => {
    parts.boot.pop();
    parts.provider.set(MANAGED_DRAINING, "DISABLED");
    parts.targetGroup.set("deregistrationDelay", undefined);
    parts.container.stopTimeout = 600;
    parts.container.portMappings = [{ containerPort: 80, hostPort: 80 }];
    parts.service.set("deploymentMinimumHealthyPercent", 100);
    parts.service.set("deploymentMaximumPercent", 100);
    change(parts);
  });

const OWN: readonly GoodStack[] = [
  { title: "a web service on a mixed group", stack: () => webStack().stack },
  { title: "a worker with its queue", stack: () => workerStack().stack },
  {
    title: "a mixed group that is all on-demand by AWS's default",
    stack: carelessOnDemand(({ group }) => group.set(`${DISTRIBUTION}.onDemandPercentageAboveBaseCapacity`, undefined)),
  },
  {
    title: "an on-demand group by a launch template",
    stack: carelessOnDemand(({ group, template }) => {
      group.set("mixedInstancesPolicy", undefined);
      group.set("launchTemplate", { id: template.ref("id") });
    }),
  },
  {
    title: "a service on Fargate",
    stack: carelessOnDemand(({ stack, service, group, template, provider, association, container }) => {
      stack.remove(group, template, provider, association);
      container.portMappings = [{ containerPort: 80 }];
      service.set("capacityProviderStrategies", undefined);
      service.set("launchType", "FARGATE");
    }),
  },
  {
    title: "a service on its own hardware",
    stack: carelessOnDemand(({ stack, service, group, template, provider, association }) => {
      stack.remove(group, template, provider, association);
      service.set("capacityProviderStrategies", undefined);
      service.set("launchType", "EXTERNAL");
    }),
  },
  {
    title: "managed draining by AWS's default, without the agent's flag",
    stack: changed(webStack, ({ boot }) => void boot.pop()),
  },
  {
    title: "the agent's flag by Bottlerocket's settings, without managed draining",
    stack: changed(webStack, ({ provider, template }) => {
      provider.set(MANAGED_DRAINING, "DISABLED");
      template.set(
        "userData",
        userData(["[settings.ecs]", 'cluster = "main"', "enable-spot-instance-draining = true"]),
      );
    }),
  },
  {
    title: "a budget that is used up to the last second",
    stack: changed(webStack, ({ targetGroup, container }) => {
      targetGroup.set("deregistrationDelay", 50);
      container.stopTimeout = 60;
    }),
  },
  {
    title: "a task that waits for its replacement, with times so short that both fit",
    stack: changed(webStack, ({ service, targetGroup }) => {
      service.set("deploymentMinimumHealthyPercent", undefined);
      targetGroup.set("deregistrationDelay", 40);
    }),
  },
  {
    title: "a task that waits for its replacement, and a function that stops it in time",
    stack: changed(webStack, ({ stack, service, container }) => {
      service.set("deploymentMinimumHealthyPercent", undefined);
      container.stopTimeout = 80;
      handler(stack, ["ecs:StopTask", "ecs:UpdateContainerInstancesState"]);
    }),
  },
  {
    title: "a function that detaches in the place of capacity rebalancing",
    stack: changed(spotCapacity, ({ stack, group }) => {
      group.set("capacityRebalance", false);
      handler(stack, ["autoscaling:DetachInstances"], group.ref("arn"));
    }),
  },
  {
    title: "capacity rebalancing, and a function that may detach from another group only",
    stack: changed(spotCapacity, ({ stack }) => {
      const other = "arn:aws:autoscaling:eu-west-1:123456789012:autoScalingGroup:*:autoScalingGroupName/other";
      handler(stack, ["autoscaling:DetachInstances"], other);
    }),
  },
  {
    title: "a daemon on its fixed port, one on each instance",
    stack: changed(webStack, ({ service, container }) => {
      service.set("schedulingStrategy", "DAEMON");
      service.set("deploymentMinimumHealthyPercent", undefined);
      container.portMappings = [{ containerPort: 8126, hostPort: 8126 }];
    }),
  },
  {
    title: "a fixed port in a network of the task's own",
    stack: changed(webStack, ({ definition, container }) => {
      definition.set("networkMode", "awsvpc");
      container.portMappings = [{ containerPort: 80, hostPort: 80 }];
    }),
  },
  {
    title: "a task on Fargate Spot that takes all of the notice to stop",
    stack: changed(webStack, ({ container, definition, service }) => {
      container.stopTimeout = 120;
      definition.set("networkMode", "awsvpc");
      service.set("capacityProviderStrategies", [{ capacityProvider: "FARGATE_SPOT", weight: 1 }]);
    }),
  },
  {
    title: "binpacking, with zone rebalancing left to AWS",
    stack: changed(webStack, ({ service }) =>
      service.set("orderedPlacementStrategies", [{ type: "binpack", field: "memory" }]),
    ),
  },
  {
    title: "zone rebalancing, with binpacking second",
    stack: changed(webStack, ({ service }) => {
      service.set("availabilityZoneRebalancing", "ENABLED");
      service.set("orderedPlacementStrategies", [
        { type: "spread", field: "attribute:ecs.availability-zone" },
        { type: "binpack", field: "memory" },
      ]);
    }),
  },
  {
    title: "instance types by attributes",
    stack: changed(spotCapacity, ({ group }) =>
      group.set("mixedInstancesPolicy.launchTemplate.overrides", [
        { instanceRequirements: { vcpuCount: { min: 2 }, memoryMib: { min: 4096 } } },
      ]),
    ),
  },
  {
    title: "dead letters by a resource of their own",
    stack: changed(workerStack, ({ stack, queue }) => {
      const redrivePolicy = queue.inputs.redrivePolicy;
      queue.set("redrivePolicy", undefined);
      stack.add(TYPE.redrivePolicy, "jobs", { queueUrl: queue.ref("url"), redrivePolicy });
    }),
  },
  {
    title: "a web service that only sends to a queue",
    stack: changed(webStack, ({ stack, container }) => {
      const queue = stack.add(TYPE.queue, "elsewhere");
      container.environment = [{ name: "QUEUE_URL", value: queue.ref("url") }];
    }),
  },
  {
    title: "a queue that a Lambda function reads",
    stack: changed(workerStack, ({ stack, queue }) => {
      queue.set("redrivePolicy", undefined);
      stack.add(TYPE.mapping, "jobs", { eventSourceArn: queue.ref("arn"), functionName: "jobs" });
    }),
  },
  {
    title: "a registry's credentials that are read at boot",
    stack: changed(webStack, ({ boot }) => {
      boot.push(
        'credentials="$(aws secretsmanager get-secret-value --secret-id registry --query SecretString --output text)"',
        "echo ECS_ENGINE_AUTH_TYPE=docker >> /etc/ecs/ecs.config",
        `printf 'ECS_ENGINE_AUTH_DATA=%s\\n' "$credentials" >> /etc/ecs/ecs.config`,
        'aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"',
      );
    }),
  },
  {
    title: "a Spot group that has nothing to do with ECS",
    stack: () => {
      const stack = new StackOf();
      const template = stack.add(TYPE.template, "batch", { userData: userData(["#!/bin/bash", "run-batch"]) });
      stack.add(TYPE.group, "batch", {
        vpcZoneIdentifiers: ["subnet-0a"],
        mixedInstancesPolicy: {
          instancesDistribution: { onDemandPercentageAboveBaseCapacity: 0 },
          launchTemplate: { launchTemplateSpecification: { launchTemplateId: template.ref("id") } },
        },
      });
      return stack;
    },
  },
  {
    title: "a service whose cluster is in another stack, which nobody can judge here",
    stack: changed(webStack, ({ stack, service, targetGroup, group, template, provider, association, cluster }) => {
      stack.remove(group, template, provider, association, cluster);
      targetGroup.set("deregistrationDelay", 300);
      service.set("capacityProviderStrategies", undefined);
      service.set("cluster", "arn:aws:ecs:eu-west-1:123456789012:cluster/shared");
    }),
  },
  {
    title: "user data that only the update will tell",
    stack: changed(webStack, ({ template }) => template.set("userData", LATER)),
  },
];

export const GOOD_STACKS: readonly GoodStack[] = [...OWN, ...PEERS];
