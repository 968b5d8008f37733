/** What AWS would give back for a declared resource: names, ARNs, URLs, plausible and the same every time. */

type Outputs = Readonly<Record<string, unknown>>;

/** Where a rehearsal is deployed. */
export interface Place {
  readonly region: string;
  readonly account: string;
}

interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

type Arn = (service: string, resource: string) => string;

const BY_TYPE: Readonly<Record<string, (name: string, arn: Arn, place: Place) => Outputs>> = {
  "aws:ecs/cluster:Cluster": (name, arn) => ({ arn: arn("ecs", `cluster/${name}`) }),
  "aws:ecs/taskDefinition:TaskDefinition": (name, arn) => ({
    arn: arn("ecs", `task-definition/${name}:1`),
    revision: 1,
  }),
  "aws:ecs/capacityProvider:CapacityProvider": (name, arn) => ({ arn: arn("ecs", `capacity-provider/${name}`) }),
  "aws:autoscaling/group:Group": (name, arn) => ({
    arn: arn("autoscaling", `autoScalingGroup:00000000-0000-4000-8000-000000000000:autoScalingGroupName/${name}`),
  }),
  "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 1, defaultVersion: 1 }),
  "aws:sqs/queue:Queue": (name, arn, { region, account }) => ({
    arn: arn("sqs", name),
    url: `https://sqs.${region}.amazonaws.com/${account}/${name}`,
  }),
  "aws:cloudwatch/eventRule:EventRule": (name, arn) => ({ arn: arn("events", `rule/${name}`) }),
  "aws:cloudwatch/logGroup:LogGroup": (name, arn) => ({ arn: arn("logs", `log-group:${name}`) }),
  "aws:lambda/function:Function": (name, arn) => ({ arn: arn("lambda", `function:${name}`) }),
  "aws:iam/role:Role": (name, _, { account }) => ({ arn: `arn:aws:iam::${account}:role/${name}` }),
  "aws:iam/policy:Policy": (name, _, { account }) => ({ arn: `arn:aws:iam::${account}:policy/${name}` }),
  "aws:lb/loadBalancer:LoadBalancer": (name, arn, { region }) => ({
    arn: arn("elasticloadbalancing", `loadbalancer/app/${name}/0000000000000001`),
    dnsName: `${name}-1.${region}.elb.amazonaws.com`,
  }),
  "aws:lb/targetGroup:TargetGroup": (name, arn) => ({
    arn: arn("elasticloadbalancing", `targetgroup/${name}/0000000000000001`),
  }),
  "aws:lb/listener:Listener": (name, arn) => ({
    arn: arn("elasticloadbalancing", `listener/app/${name}/0000000000000001/0000000000000001`),
  }),
  "awsx:ec2:Vpc": (name) => ({
    vpcId: `${name}-vpc`,
    privateSubnetIds: [`${name}-private-1`, `${name}-private-2`, `${name}-private-3`],
    publicSubnetIds: [`${name}-public-1`, `${name}-public-2`, `${name}-public-3`],
  }),
};

/** What a resource's id is where the provider doesn't make one up. */
const ID_IS: Readonly<Record<string, "name" | "arn" | "url">> = {
  "aws:autoscaling/group:Group": "name",
  "aws:cloudwatch/eventRule:EventRule": "name",
  "aws:cloudwatch/logGroup:LogGroup": "name",
  "aws:ecs/capacityProvider:CapacityProvider": "arn",
  "aws:ecs/cluster:Cluster": "arn",
  "aws:ecs/service:Service": "arn",
  "aws:iam/policy:Policy": "arn",
  "aws:iam/role:Role": "name",
  "aws:lambda/function:Function": "name",
  "aws:lb/listener:Listener": "arn",
  "aws:lb/loadBalancer:LoadBalancer": "arn",
  "aws:lb/targetGroup:TargetGroup": "arn",
  "aws:sqs/queue:Queue": "url",
};

export function mockId(declared: Declared, place: Place): string {
  const output = ID_IS[declared.type];
  return output === undefined ? `${declared.name}-id` : String(mockOutputs(declared, place)[output]);
}

/** A service's ARN names its cluster. */
function serviceOutputs(name: string, { inputs }: Declared, arn: Arn): Outputs {
  const cluster = (typeof inputs.cluster === "string" ? inputs.cluster : "default").split("/").at(-1);
  return { arn: arn("ecs", `service/${cluster}/${name}`) };
}

/** What AWS would answer to a function that a program calls while it declares; undefined where it isn't known. */
export function mockAnswer(token: string, { region }: Place): Record<string, unknown> | undefined {
  return token === "aws:index/getRegion:getRegion" ? { id: region, region } : undefined;
}

export function mockOutputs(declared: Declared, place: Place): Outputs {
  const name = typeof declared.inputs.name === "string" ? declared.inputs.name : declared.name;
  const arn: Arn = (service, resource) => `arn:aws:${service}:${place.region}:${place.account}:${resource}`;
  if (declared.type === "aws:ecs/service:Service") return { name, ...serviceOutputs(name, declared, arn) };
  return { name, arn: arn("mock", name), ...BY_TYPE[declared.type]?.(name, arn, place) };
}
