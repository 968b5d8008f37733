/** As other tools' documentation builds them, rendered as plain resources, with times that fit the notice. */
import type { Declared } from "../../support/declared";
import { json, StackOf, text, userData } from "../../support/declared";
import { allow, mixed, TYPE } from "../../support/stacks";
import type { GoodStack } from "../entry";

interface Served {
  readonly cluster: Declared;
  readonly service?: object;
  readonly container?: object;
  readonly definition?: object;
  readonly targetGroup?: object;
}

/** A service behind a target group, with a delay of 30 s. */
function serve(
  stack: StackOf,
  { cluster, service = {}, container = {}, definition = {}, targetGroup = {} }: Served,
): Declared {
  const targets = stack.add(TYPE.targetGroup, "app", { protocol: "HTTP", deregistrationDelay: 30, ...targetGroup });
  const containers = [{ name: "app", image: "app", portMappings: [{ containerPort: 8080 }], ...container }];
  const task = stack.add(TYPE.definition, "app", {
    family: "app",
    containerDefinitions: json(containers),
    ...definition,
  });
  return stack.add(TYPE.service, "app", {
    cluster: cluster.ref("arn"),
    taskDefinition: task.ref("arn"),
    desiredCount: 2,
    deploymentMinimumHealthyPercent: 50,
    loadBalancers: [{ targetGroupArn: targets.ref("arn"), containerName: "app", containerPort: 8080 }],
    ...service,
  });
}

/** An ApplicationLoadBalancedEc2Service on an AsgCapacityProvider with `spotInstanceDraining`. */
function cdkEcsPatterns(): StackOf {
  const stack = new StackOf();
  const cluster = stack.add(TYPE.cluster, "EcsCluster");
  const template = stack.add(TYPE.template, "Lt", {
    imageId: "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
    userData: userData([
      "#!/bin/bash",
      text`echo ECS_CLUSTER=${cluster.ref("name")} >> /etc/ecs/ecs.config`,
      "sudo iptables --insert FORWARD 1 --in-interface docker+ --destination 169.254.169.254/32 --jump DROP",
      "sudo service iptables save",
      "echo ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config",
      "echo ECS_ENABLE_SPOT_INSTANCE_DRAINING=true >> /etc/ecs/ecs.config",
    ]),
  });
  const group = stack.add(TYPE.group, "Asg", {
    mixedInstancesPolicy: mixed(template),
    vpcZoneIdentifiers: ["subnet-private1", "subnet-private2"],
    protectFromScaleIn: true,
    capacityRebalance: true,
  });
  const provider = stack.add(TYPE.provider, "AsgCapacityProvider", {
    autoScalingGroupProvider: {
      autoScalingGroupArn: group.ref("arn"),
      managedScaling: { status: "ENABLED", targetCapacity: 100 },
      managedTerminationProtection: "ENABLED",
    },
  });
  stack.add(TYPE.association, "EcsCluster", {
    clusterName: cluster.ref("name"),
    capacityProviders: [provider.ref("name")],
    defaultCapacityProviderStrategies: [],
  });
  serve(stack, {
    cluster,
    container: { essential: true, memory: 512, portMappings: [{ containerPort: 80, hostPort: 0, protocol: "tcp" }] },
    service: {
      deploymentMaximumPercent: 200,
      enableEcsManagedTags: false,
      healthCheckGracePeriodSeconds: 60,
      capacityProviderStrategies: [{ capacityProvider: provider.ref("name"), weight: 1 }],
    },
  });
  return stack;
}

/** A Load Balanced Web Service with `count: {range, cooldown, spot}`, which is Fargate Spot. */
function copilotWebService(): StackOf {
  const stack = new StackOf();
  const cluster = stack.add(TYPE.cluster, "shop-prod");
  stack.add(TYPE.association, "shop-prod", {
    clusterName: cluster.ref("name"),
    capacityProviders: ["FARGATE", "FARGATE_SPOT"],
    defaultCapacityProviderStrategies: [{ capacityProvider: "FARGATE", weight: 1 }],
  });
  serve(stack, {
    cluster,
    targetGroup: { deregistrationDelay: 60, targetType: "ip", healthCheck: { interval: 10, healthyThreshold: 2 } },
    definition: { requiresCompatibilities: ["FARGATE"], networkMode: "awsvpc", cpu: "256", memory: "512" },
    service: {
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      capacityProviderStrategies: [
        { capacityProvider: "FARGATE", base: 5, weight: 0 },
        { capacityProvider: "FARGATE_SPOT", weight: 1 },
      ],
    },
  });
  return stack;
}

/** A Worker Service: a queue with `timeout`, dead letters after some tries, and a task role that may receive. */
function copilotWorker(): StackOf {
  const stack = new StackOf();
  const cluster = stack.add(TYPE.cluster, "shop-prod");
  const deadLetters = stack.add(TYPE.queue, "DeadLetterQueue", { messageRetentionSeconds: 1209600 });
  const queue = stack.add(TYPE.queue, "EventsQueue", {
    visibilityTimeoutSeconds: 60,
    redrivePolicy: json({ deadLetterTargetArn: deadLetters.ref("arn"), maxReceiveCount: 10 }),
  });
  const role = stack.add(TYPE.role, "TaskRole", {
    inlinePolicies: [{ name: "ExecuteCommand", policy: allow(["ssmmessages:OpenDataChannel"], "*") }],
  });
  stack.add(TYPE.rolePolicy, "QueueRead", {
    role: role.ref("id"),
    policy: allow(["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"], queue.ref("arn")),
  });
  const task = stack.add(TYPE.definition, "worker", {
    family: "worker",
    networkMode: "awsvpc",
    taskRoleArn: role.ref("arn"),
    containerDefinitions: json([
      { name: "worker", image: "worker", environment: [{ name: "COPILOT_QUEUE_URI", value: queue.ref("url") }] },
    ]),
  });
  stack.add(TYPE.service, "worker", {
    cluster: cluster.ref("arn"),
    taskDefinition: task.ref("arn"),
    desiredCount: 1,
    capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }],
  });
  return stack;
}

/** The module's example of two groups, on-demand and Spot, with its here-document; without the example's weights. */
function terraformAwsEcs(): StackOf {
  const stack = new StackOf();
  const cluster = stack.add(TYPE.cluster, "ex-ec2");
  const agent = (...more: string[]) =>
    userData([
      "#!/bin/bash",
      "",
      "cat <<'EOF' >> /etc/ecs/ecs.config",
      text`ECS_CLUSTER=${cluster.ref("name")}`,
      "ECS_LOGLEVEL=debug",
      'ECS_CONTAINER_INSTANCE_TAGS={"Name":"ex-ec2"}',
      "ECS_ENABLE_TASK_IAM_ROLE=true",
      ...more,
      "EOF",
    ]);
  const steady = stack.add(TYPE.template, "ex_1", { instanceType: "t3.large", userData: agent() });
  const spot = stack.add(TYPE.template, "ex_2", {
    instanceType: "t3.medium",
    userData: agent("ECS_ENABLE_SPOT_INSTANCE_DRAINING=true"),
  });
  const subnets = ["subnet-private1", "subnet-private2", "subnet-private3"];
  const tags = [{ key: "AmazonECSManaged", value: "true", propagateAtLaunch: true }];
  const common = { vpcZoneIdentifiers: subnets, protectFromScaleIn: true, healthCheckType: "EC2", tags };
  const one = stack.add(TYPE.group, "ex_1", {
    ...common,
    launchTemplate: { id: steady.ref("id"), version: "$Latest" },
  });
  const two = stack.add(TYPE.group, "ex_2", {
    ...common,
    capacityRebalance: true,
    mixedInstancesPolicy: {
      instancesDistribution: {
        onDemandBaseCapacity: 0,
        onDemandPercentageAboveBaseCapacity: 50,
        spotAllocationStrategy: "price-capacity-optimized",
      },
      launchTemplate: {
        launchTemplateSpecification: { launchTemplateId: spot.ref("id"), version: "$Latest" },
        overrides: [{ instanceType: "m4.large" }, { instanceType: "t3.large" }],
      },
    },
  });
  const providers = [one, two].map((group) =>
    stack.add(TYPE.provider, group.name, {
      autoScalingGroupProvider: {
        autoScalingGroupArn: group.ref("arn"),
        managedTerminationProtection: "ENABLED",
        managedScaling: { status: "ENABLED", maximumScalingStepSize: 5, minimumScalingStepSize: 1, targetCapacity: 60 },
      },
    }),
  );
  stack.add(TYPE.association, "ex-ec2", {
    clusterName: cluster.ref("name"),
    capacityProviders: providers.map((each) => each.ref("name")),
    defaultCapacityProviderStrategies: providers.map((each, index) => ({
      capacityProvider: each.ref("name"),
      weight: 60 - 20 * index,
      base: 20 * (1 - index),
    })),
  });
  serve(stack, {
    cluster,
    definition: { networkMode: "awsvpc", requiresCompatibilities: ["EC2"] },
    targetGroup: { deregistrationDelay: 5, targetType: "ip" },
    service: { deploymentMinimumHealthyPercent: 66, capacityProviderStrategies: undefined, desiredCount: 4 },
  });
  return stack;
}

/** A Service with `capacity: "spot"`. */
function sstService(): StackOf {
  const stack = new StackOf();
  const cluster = stack.add(TYPE.cluster, "MyClusterCluster");
  stack.add(TYPE.association, "MyClusterCapacityProviders", {
    clusterName: cluster.ref("name"),
    capacityProviders: ["FARGATE", "FARGATE_SPOT"],
  });
  serve(stack, {
    cluster,
    definition: { requiresCompatibilities: ["FARGATE"], networkMode: "awsvpc", trackLatest: true },
    targetGroup: { targetType: "ip", deregistrationDelay: undefined },
    service: {
      desiredCount: 1,
      deploymentMinimumHealthyPercent: 100,
      deploymentCircuitBreaker: { enable: true, rollback: true },
      capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }],
    },
  });
  return stack;
}

/** The AWS guide's Spot instances in an existing cluster: MIME user data, and a service that takes any instance. */
function awsGuide(): StackOf {
  const stack = new StackOf();
  const cluster = stack.add(TYPE.cluster, "MyCluster", { name: "MyCluster" });
  const template = stack.add(TYPE.template, "MyTemplate", {
    userData: userData([
      'Content-Type: multipart/mixed; boundary="==BOUNDARY=="',
      "MIME-Version: 1.0",
      "",
      "--==BOUNDARY==",
      'Content-Type: text/x-shellscript; charset="us-ascii"',
      "",
      "#!/bin/bash",
      "cat <<'EOF' >> /etc/ecs/ecs.config",
      "ECS_CLUSTER=MyCluster",
      "ECS_ENABLE_SPOT_INSTANCE_DRAINING=true",
      "EOF",
      "",
      "--==BOUNDARY==--",
    ]),
  });
  stack.add(TYPE.group, "MyGroup", {
    mixedInstancesPolicy: mixed(template),
    capacityRebalance: true,
    availabilityZones: ["us-east-1a", "us-east-1b", "us-east-1c"],
  });
  serve(stack, { cluster, service: { launchType: "EC2" } });
  return stack;
}

/** The provider's own example of a service: an on-demand group by a launch template, with AWS's defaults for every time. */
function pulumiExample(): StackOf {
  const stack = new StackOf();
  const cluster = stack.add(TYPE.cluster, "app");
  const template = stack.add(TYPE.template, "app", {
    instanceType: "t3.small",
    userData: userData(["#!/bin/bash", text`echo ECS_CLUSTER=${cluster.ref("name")} >> /etc/ecs/ecs.config`]),
  });
  const group = stack.add(TYPE.group, "app", {
    launchTemplate: { id: template.ref("id"), version: "$Latest" },
    vpcZoneIdentifiers: ["subnet-0a"],
    protectFromScaleIn: true,
  });
  const provider = stack.add(TYPE.provider, "app", {
    autoScalingGroupProvider: { autoScalingGroupArn: group.ref("arn"), managedDraining: "DISABLED" },
  });
  serve(stack, {
    cluster,
    targetGroup: { deregistrationDelay: undefined },
    service: {
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 100,
      capacityProviderStrategies: [{ capacityProvider: provider.ref("name"), weight: 1 }],
    },
  });
  return stack;
}

export const PEERS: readonly GoodStack[] = [
  { title: "CDK's ecs-patterns on a Spot group", stack: cdkEcsPatterns },
  { title: "a Copilot web service that scales on Fargate Spot", stack: copilotWebService },
  { title: "a Copilot worker service on Fargate Spot", stack: copilotWorker },
  { title: "terraform-aws-ecs with an on-demand and a Spot group", stack: terraformAwsEcs },
  { title: "an SST service with Spot capacity", stack: sstService },
  { title: "the AWS guide's Spot instances with MIME user data", stack: awsGuide },
  { title: "the provider's example on an on-demand group", stack: pulumiExample },
];
