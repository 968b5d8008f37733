/** What a program may declare and the world doesn't do: what has no bearing on a rehearsal, and what could have. */
import type { Resource } from "./monitor";

/** Types that change nothing of what a rehearsal shows, each with the reason. Every other unknown type is listed. */
export const INERT: Readonly<Record<string, string>> = {
  "aws:cloudwatch/logGroup:LogGroup": "keeps logs, which nothing here reads",
  "aws:cloudwatch/dashboard:Dashboard": "is looked at by people",
  "aws:autoscaling/tag:Tag": "repeats what the group is declared with",
  "aws:iam/instanceProfile:InstanceProfile": "hands a role to instances, whose agent's calls are taken as allowed",
  "aws:ec2/securityGroup:SecurityGroup": "the network is taken as open where the program needs it",
  "aws:ec2/securityGroupRule:SecurityGroupRule": "the network is taken as open where the program needs it",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "the network is taken as open where the program needs it",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
    "the network is taken as open where the program needs it",
  "aws:ec2/keyPair:KeyPair": "lets people log in",
  "aws:lb/loadBalancer:LoadBalancer": "is always up; its target groups are what is rehearsed",
  "aws:lb/listenerCertificate:ListenerCertificate": "TLS is not rehearsed",
  "aws:sns/topic:Topic": "tells people of what happened",
  "aws:sns/topicPolicy:TopicPolicy": "tells people of what happened",
  "aws:sns/topicSubscription:TopicSubscription": "tells people of what happened",
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "says which queues may name it, which the program's own do",
  "aws:route53/record:Record": "names are not resolved",
  "aws:acm/certificate:Certificate": "TLS is not rehearsed",
  "aws:acm/certificateValidation:CertificateValidation": "TLS is not rehearsed",
  "aws:wafv2/webAcl:WebAcl": "every request of the load is one that is let in",
  "aws:wafv2/webAclAssociation:WebAclAssociation": "every request of the load is one that is let in",
  "aws:ecr/repository:Repository": "images can always be pulled",
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": "images can always be pulled",
  "aws:secretsmanager/secret:Secret": "a container's configuration has no bearing on when it runs",
  "aws:secretsmanager/secretVersion:SecretVersion": "a container's configuration has no bearing on when it runs",
  "aws:ssm/parameter:Parameter": "a container's configuration has no bearing on when it runs",
  "aws:kms/key:Key": "encryption is not rehearsed",
  "aws:kms/alias:Alias": "encryption is not rehearsed",
  "aws:s3/bucket:Bucket": "nothing here reads or writes objects",
  "aws:s3/bucketPolicy:BucketPolicy": "nothing here reads or writes objects",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "nothing here reads or writes objects",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": "nothing here reads or writes objects",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "nothing here reads or writes objects",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    "nothing here reads or writes objects",
};

type Applies = (value: unknown, inputs: Readonly<Record<string, unknown>>) => boolean;

const isGiven: Applies = (value) => value !== undefined && !(Array.isArray(value) && value.length === 0);
const is =
  (...values: readonly unknown[]): Applies =>
  (value) =>
    values.includes(value);
const isOther =
  (...values: readonly unknown[]): Applies =>
  (value) =>
    value !== undefined && !values.includes(value);

/** Settings of modelled types that change what AWS does, and that the world doesn't know. */
const SETTINGS: Readonly<Record<string, Readonly<Record<string, Applies>>>> = {
  "aws:autoscaling/group:Group": {
    targetGroupArns: isGiven,
    trafficSources: isGiven,
    loadBalancers: isGiven,
    healthCheckType: isOther("EC2"),
    instanceMaintenancePolicy: isGiven,
    maxInstanceLifetime: isGiven,
    warmPool: isGiven,
  },
  "aws:autoscaling/lifecycleHook:LifecycleHook": {
    lifecycleTransition: isOther("autoscaling:EC2_INSTANCE_TERMINATING"),
  },
  // Deployments are rolling ones that only the circuit breaker ends.
  "aws:ecs/service:Service": {
    placementConstraints: isGiven,
    alarms: isGiven,
    deploymentController: (value) => isOther("ECS")((value as { readonly type?: unknown } | undefined)?.type, {}),
  },
  "aws:ecs/taskDefinition:TaskDefinition": { networkMode: is("awsvpc"), placementConstraints: isGiven },
  "aws:lb/targetGroup:TargetGroup": {
    slowStart: isOther(0),
    stickiness: isGiven,
    loadBalancingAlgorithmType: isOther("round_robin"),
    targetType: isOther("instance"),
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": { filterCriteria: isGiven, scalingConfig: isGiven },
};

/** `type setting × number`, for the settings that are given. */
export function settingsNotModelled(resources: readonly Resource[]): string[] {
  const counts = new Map<string, number>();
  for (const { type, inputs } of resources) {
    for (const [setting, applies] of Object.entries(SETTINGS[type] ?? {})) {
      if (!applies(inputs[setting], inputs)) continue;
      const what = `${type} ${setting} ${brief(inputs[setting])}`.trim();
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  }
  return [...counts].map(([what, count]) => `${what} × ${count}`);
}

const brief = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");
