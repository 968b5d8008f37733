/** Two sound stacks, a web service and a worker, to be changed in one place each. */
import type { Declared } from "./declared";
import { json, StackOf, text, userData } from "./declared";

export const TYPE = {
  cluster: "aws:ecs/cluster:Cluster",
  association: "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
  provider: "aws:ecs/capacityProvider:CapacityProvider",
  service: "aws:ecs/service:Service",
  definition: "aws:ecs/taskDefinition:TaskDefinition",
  targetGroup: "aws:lb/targetGroup:TargetGroup",
  group: "aws:autoscaling/group:Group",
  template: "aws:ec2/launchTemplate:LaunchTemplate",
  configuration: "aws:ec2/launchConfiguration:LaunchConfiguration",
  instance: "aws:ec2/instance:Instance",
  spotFleet: "aws:ec2/spotFleetRequest:SpotFleetRequest",
  fleet: "aws:ec2/fleet:Fleet",
  subnet: "aws:ec2/subnet:Subnet",
  queue: "aws:sqs/queue:Queue",
  redrivePolicy: "aws:sqs/redrivePolicy:RedrivePolicy",
  role: "aws:iam/role:Role",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  policy: "aws:iam/policy:Policy",
  attachment: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  rule: "aws:cloudwatch/eventRule:EventRule",
  target: "aws:cloudwatch/eventTarget:EventTarget",
  function: "aws:lambda/function:Function",
  mapping: "aws:lambda/eventSourceMapping:EventSourceMapping",
  scalingTarget: "aws:appautoscaling/target:Target",
} as const;

type Container = Record<string, unknown>;

export interface SpotCapacity {
  readonly stack: StackOf;
  readonly cluster: Declared;
  /** The user data's lines. */
  readonly boot: unknown[];
  readonly template: Declared;
  readonly group: Declared;
  readonly provider: Declared;
  readonly association: Declared;
}

export interface WebStack extends SpotCapacity {
  readonly container: Container;
  readonly containers: Container[];
  readonly definition: Declared;
  readonly targetGroup: Declared;
  readonly service: Declared;
}

export interface WorkerStack extends SpotCapacity {
  readonly container: Container;
  readonly definition: Declared;
  readonly deadLetterQueue: Declared;
  readonly queue: Declared;
  readonly role: Declared;
  readonly rolePolicy: Declared;
  readonly service: Declared;
}

/** What the rules have nothing against: drained twice over, replaced once, six pools. */
export function spotCapacity(): SpotCapacity {
  const stack = new StackOf();
  const cluster = stack.add(TYPE.cluster, "main");
  const boot: unknown[] = [
    "#!/bin/bash",
    text`echo ECS_CLUSTER=${cluster.ref("name")} >> /etc/ecs/ecs.config`,
    "echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config",
  ];
  const template = stack.add(TYPE.template, "node", {
    imageId: "ami-0123456789abcdef0",
    instanceType: "m5.large",
    userData: userData(boot),
  });
  const group = stack.add(TYPE.group, "nodes", {
    minSize: 2,
    maxSize: 10,
    vpcZoneIdentifiers: ["subnet-0a", "subnet-0b"],
    capacityRebalance: true,
    mixedInstancesPolicy: mixed(template),
  });
  const provider = stack.add(TYPE.provider, "spot", {
    autoScalingGroupProvider: { autoScalingGroupArn: group.ref("arn"), managedScaling: { status: "ENABLED" } },
  });
  const association = stack.add(TYPE.association, "main", {
    clusterName: cluster.ref("name"),
    capacityProviders: [provider.ref("name")],
  });
  return { stack, cluster, boot, template, group, provider, association };
}

export function mixed(template: Declared): object {
  return {
    instancesDistribution: {
      onDemandBaseCapacity: 1,
      onDemandPercentageAboveBaseCapacity: 0,
      spotAllocationStrategy: "price-capacity-optimized",
    },
    launchTemplate: {
      launchTemplateSpecification: { launchTemplateId: template.ref("id"), version: "$Latest" },
      overrides: ["m5.large", "m5a.large", "m6i.large"].map((instanceType) => ({ instanceType })),
    },
  };
}

/** 5 + 30 + 30 + 5 = 70 of 120 seconds. */
export function webStack(): WebStack {
  const capacity = spotCapacity();
  const { stack, cluster, provider } = capacity;
  const targetGroup = stack.add(TYPE.targetGroup, "web", {
    port: 80,
    protocol: "HTTP",
    deregistrationDelay: 30,
    healthCheck: { interval: 10, unhealthyThreshold: 2 },
  });
  const container: Container = { name: "web", image: "nginx", portMappings: [{ containerPort: 80, hostPort: 0 }] };
  const containers = [container];
  const definition = stack.add(TYPE.definition, "web", { family: "web", containerDefinitions: json(containers) });
  const service = stack.add(TYPE.service, "web", {
    cluster: cluster.ref("arn"),
    taskDefinition: definition.ref("arn"),
    desiredCount: 4,
    deploymentMinimumHealthyPercent: 50,
    capacityProviderStrategies: [{ capacityProvider: provider.ref("name"), weight: 1 }],
    loadBalancers: [{ targetGroupArn: targetGroup.ref("arn"), containerName: "web", containerPort: 80 }],
  });
  return { ...capacity, container, containers, definition, targetGroup, service };
}

export function workerStack(): WorkerStack {
  const capacity = spotCapacity();
  const { stack, cluster, provider } = capacity;
  const deadLetterQueue = stack.add(TYPE.queue, "jobs-dlq");
  const queue = stack.add(TYPE.queue, "jobs", {
    visibilityTimeoutSeconds: 120,
    redrivePolicy: json({ deadLetterTargetArn: deadLetterQueue.ref("arn"), maxReceiveCount: 5 }),
  });
  const role = stack.add(TYPE.role, "worker", { assumeRolePolicy: "{}" });
  const rolePolicy = stack.add(TYPE.rolePolicy, "worker", {
    role: role.ref("name"),
    policy: allow(["sqs:ReceiveMessage", "sqs:DeleteMessage"], queue.ref("arn")),
  });
  const container: Container = {
    name: "worker",
    image: "worker",
    stopTimeout: 90,
    environment: [{ name: "QUEUE_URL", value: queue.ref("url") }],
  };
  const definition = stack.add(TYPE.definition, "worker", {
    family: "worker",
    taskRoleArn: role.ref("arn"),
    containerDefinitions: json([container]),
  });
  const service = stack.add(TYPE.service, "worker", {
    cluster: cluster.ref("arn"),
    taskDefinition: definition.ref("arn"),
    desiredCount: 3,
    deploymentMinimumHealthyPercent: 0,
    capacityProviderStrategies: [{ capacityProvider: provider.ref("name"), weight: 1 }],
  });
  return { ...capacity, container, definition, deadLetterQueue, queue, role, rolePolicy, service };
}

export function allow(actions: readonly string[], resource: unknown): ReturnType<typeof json> {
  return json({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: resource }] });
}

/** A function that EventBridge calls at a notice, with what it may do. */
export function handler(stack: StackOf, actions: readonly string[], resource: unknown = "*"): Record<string, Declared> {
  const role = stack.add(TYPE.role, "handler", { assumeRolePolicy: "{}" });
  const rolePolicy = stack.add(TYPE.rolePolicy, "handler", { role: role.ref("id"), policy: allow(actions, resource) });
  const lambda = stack.add(TYPE.function, "handler", { role: role.ref("arn") });
  const rule = stack.add(TYPE.rule, "notices", {
    eventPattern: json({ source: ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"] }),
  });
  const target = stack.add(TYPE.target, "notices", { rule: rule.ref("name"), arn: lambda.ref("arn") });
  return { role, rolePolicy, lambda, rule, target };
}
