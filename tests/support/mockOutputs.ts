/** What AWS would give back: names, ARNs, URLs and the like, plausible and predictable. */
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks";

export const REGION = "eu-west-1";
export const ACCOUNT = "123456789012";

type Outputs = Record<string, unknown>;

const arn = (service: string, resource: string): string => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

const BY_TYPE: Readonly<Record<string, (name: string) => Outputs>> = {
  "aws:ecs/cluster:Cluster": (name) => ({ arn: arn("ecs", `cluster/${name}`) }),
  "aws:ecs/service:Service": (name) => ({ arn: arn("ecs", `service/${name}`) }),
  "aws:ecs/taskDefinition:TaskDefinition": (name) => ({ arn: arn("ecs", `task-definition/${name}:1`) }),
  "aws:ecs/capacityProvider:CapacityProvider": (name) => ({ arn: arn("ecs", `capacity-provider/${name}`) }),
  "aws:autoscaling/group:Group": (name) => ({
    arn: arn("autoscaling", `autoScalingGroup:uuid:autoScalingGroupName/${name}`),
  }),
  "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 1, defaultVersion: 1 }),
  "aws:sqs/queue:Queue": (name) => ({
    arn: arn("sqs", name),
    url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
  }),
  "aws:cloudwatch/eventRule:EventRule": (name) => ({ arn: arn("events", `rule/${name}`) }),
  "aws:cloudwatch/logGroup:LogGroup": (name) => ({ arn: arn("logs", `log-group:${name}`) }),
  "aws:lambda/function:Function": (name) => ({ arn: arn("lambda", `function:${name}`) }),
  "aws:iam/role:Role": (name) => ({ arn: `arn:aws:iam::${ACCOUNT}:role/${name}` }),
  "aws:lb/loadBalancer:LoadBalancer": (name) => ({
    arn: arn("elasticloadbalancing", `loadbalancer/app/${name}/1`),
    dnsName: `${name}-1.${REGION}.elb.amazonaws.com`,
  }),
  "aws:lb/targetGroup:TargetGroup": (name) => ({ arn: arn("elasticloadbalancing", `targetgroup/${name}/1`) }),
  "awsx:ec2:Vpc": () => ({
    vpcId: "vpc-made",
    privateSubnetIds: ["subnet-private-a", "subnet-private-b", "subnet-private-c"],
    publicSubnetIds: ["subnet-public-a", "subnet-public-b", "subnet-public-c"],
  }),
};

export function mockOutputs({ type, name, inputs }: MockResourceArgs): Outputs {
  const given = inputs as { name?: unknown };
  const arnOfType = `arn:aws:mock:${REGION}:${ACCOUNT}:${name}`;
  return { name: given.name ?? name, arn: arnOfType, ...BY_TYPE[type]?.(name) };
}
