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
  "aws:ec2/launchTemplate:LaunchTemplate": (name, arn) => ({
    arn: arn("ec2", `launch-template/${name}`),
    latestVersion: 1,
    defaultVersion: 1,
  }),
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
    arnSuffix: `app/${name}/0000000000000001`,
    dnsName: `${name}-1.${region}.elb.amazonaws.com`,
    zoneId: "Z32O12XQLNTSW2",
  }),
  "aws:lb/targetGroup:TargetGroup": (name, arn) => ({
    arn: arn("elasticloadbalancing", `targetgroup/${name}/0000000000000001`),
    arnSuffix: `targetgroup/${name}/0000000000000001`,
  }),
  "aws:lb/listener:Listener": (name, arn) => ({
    arn: arn("elasticloadbalancing", `listener/app/${name}/0000000000000001/0000000000000001`),
  }),
  "aws:lb/listenerRule:ListenerRule": (name, arn) => ({
    arn: arn("elasticloadbalancing", `listener-rule/app/${name}/0000000000000001/0000000000000001/0000000000000001`),
  }),
  "aws:ec2/securityGroup:SecurityGroup": (name, arn) => ({ arn: arn("ec2", `security-group/${name}`) }),
  "aws:route53/record:Record": (name) => ({ fqdn: name }),
  "aws:s3/bucket:Bucket": (name) => ({ bucket: name, arn: `arn:aws:s3:::${name}` }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": (name, arn) => ({ arn: arn("cloudwatch", `alarm:${name}`) }),
  "aws:sns/topic:Topic": (name, arn) => ({ arn: arn("sns", name) }),
  "awsx:ecr:Repository": (name, _, { region, account }) => ({
    url: `${account}.dkr.ecr.${region}.amazonaws.com/${name}`,
  }),
  "awsx:ec2:Vpc": (name) => ({
    vpcId: `${name}-vpc`,
    privateSubnetIds: [`${name}-private-1`, `${name}-private-2`, `${name}-private-3`],
    publicSubnetIds: [`${name}-public-1`, `${name}-public-2`, `${name}-public-3`],
  }),
};

/** What a resource's id is where the provider doesn't make one up. */
const ID_IS: Readonly<Record<string, "name" | "arn" | "url" | "resourceId">> = {
  "aws:appautoscaling/target:Target": "resourceId",
  "aws:autoscaling/group:Group": "name",
  "aws:cloudwatch/eventRule:EventRule": "name",
  "aws:cloudwatch/logGroup:LogGroup": "name",
  "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
  "aws:ecs/capacityProvider:CapacityProvider": "arn",
  "aws:ecs/cluster:Cluster": "arn",
  "aws:ecs/service:Service": "arn",
  "aws:iam/policy:Policy": "arn",
  "aws:iam/role:Role": "name",
  "aws:lambda/function:Function": "name",
  "aws:acm/certificate:Certificate": "arn",
  "aws:lb/listener:Listener": "arn",
  "aws:lb/listenerRule:ListenerRule": "arn",
  "aws:lb/loadBalancer:LoadBalancer": "arn",
  "aws:lb/targetGroup:TargetGroup": "arn",
  "aws:sns/topic:Topic": "arn",
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

/** By its digest, in the repository that it is pushed to. */
function imageOutputs({ inputs }: Declared): Outputs {
  return { imageUri: `${String(inputs.repositoryUrl)}@sha256:${"0".repeat(64)}` };
}

/** A record to validate each name by; a name and its wildcard have the same one. */
function certificateOutputs(name: string, { inputs }: Declared, arn: Arn): Outputs {
  const { domainName, subjectAlternativeNames = [] } = inputs;
  const names = [domainName, ...(subjectAlternativeNames as unknown[])].map(String);
  const domainValidationOptions = names.map((each) => {
    const resourceRecordName = `_validate.${each.replace(/^\*\./, "")}.`;
    const value = "_validated.acm-validations.aws.";
    return { domainName: each, resourceRecordName, resourceRecordType: "CNAME", resourceRecordValue: value };
  });
  return { arn: arn("acm", `certificate/${name}`), domainValidationOptions };
}

/** A scalable target, its policies and its schedules name the resource that they scale. */
const SCALING: Readonly<Record<string, (resourceId: string, name: string, arn: Arn) => Outputs>> = {
  "aws:appautoscaling/target:Target": (resourceId, _, arn) => ({
    resourceId,
    arn: arn("application-autoscaling", `scalable-target/${resourceId.replaceAll("/", "-")}`),
  }),
  "aws:appautoscaling/policy:Policy": (resourceId, name, arn) => ({
    arn: arn(
      "autoscaling",
      `scalingPolicy:00000000-0000-4000-8000-000000000000:resource/ecs/${resourceId}:policyName/${name}`,
    ),
    // Of target tracking, which makes its own.
    alarmArns: ["High", "Low"].map((side) =>
      arn("cloudwatch", `alarm:TargetTracking-${resourceId}-Alarm${side}-${name}`),
    ),
  }),
  "aws:appautoscaling/scheduledAction:ScheduledAction": (resourceId, name, arn) => ({
    arn: arn(
      "autoscaling",
      `scheduledAction:00000000-0000-4000-8000-000000000000:resource/ecs/${resourceId}:scheduledActionName/${name}`,
    ),
  }),
};

/** What AWS would answer to a function that a program calls while it declares; undefined where it isn't known. */
export function mockAnswer(token: string, { region }: Place): Record<string, unknown> | undefined {
  return token === "aws:index/getRegion:getRegion" ? { id: region, region } : undefined;
}

export function mockOutputs(declared: Declared, place: Place): Outputs {
  const given = declared.type === "aws:s3/bucket:Bucket" ? declared.inputs.bucket : declared.inputs.name;
  const suffix = declared.inputs.fifoQueue === true ? ".fifo" : "";
  const name = typeof given === "string" ? given : `${declared.name}${suffix}`;
  const arn: Arn = (service, resource) => `arn:aws:${service}:${place.region}:${place.account}:${resource}`;
  if (declared.type === "aws:ecs/service:Service") return { name, ...serviceOutputs(name, declared, arn) };
  if (declared.type === "aws:acm/certificate:Certificate") return { name, ...certificateOutputs(name, declared, arn) };
  if (declared.type === "awsx:ecr:Image") return { name, ...imageOutputs(declared) };
  const { resourceId } = declared.inputs;
  const scaling = typeof resourceId === "string" ? SCALING[declared.type]?.(resourceId, name, arn) : undefined;
  return { name, arn: arn("mock", name), ...BY_TYPE[declared.type]?.(name, arn, place), ...scaling };
}
