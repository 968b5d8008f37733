/** What IAM is asked for a call: the resources that its input names, with the keys that conditions look at. */
import type { ConditionContext, Request, ResourceInRequest } from "../../../rehearsal/world/iam";
import { PLACE } from "../../support/stage";
import type { Clients } from "./clients";

type Input = Readonly<Record<string, unknown>>;
type Resources = (input: Input, moto: Clients) => ResourceInRequest[] | Promise<ResourceInRequest[]>;

/** An ECS call touches what `arnsOf` finds in its input, in the cluster that the input names. */
const inCluster =
  (arnsOf: (input: Input) => unknown): Resources =>
  (input) =>
    [arnsOf(input)].flat().map((arn) => ({ arn: String(arn), context: { "ecs:cluster": String(input.cluster) } }));

/** A service that is named, or each of those; their ARNs name the cluster too. */
const services = (namesOf: (input: Input) => unknown): Resources =>
  inCluster((input) =>
    [namesOf(input)].flat().map((given) => {
      const cluster = String(input.cluster).split("/").at(-1);
      return String(given).startsWith("arn:") ? given : ecsArn(`service/${cluster}/${String(given)}`);
    }),
  );

/** With the tags that the service has. */
const taggedService: Resources = async (input, moto) => {
  const [service] = await services(({ service }) => service)(input, moto);
  const { tags = [] } = await moto.ecs.listTagsForResource({ resourceArn: service!.arn });
  const context = asContext(tags.map(({ key: Key, value: Value }) => ({ Key, Value })));
  return [{ arn: service!.arn, context: { ...service!.context, ...context } }];
};

const ecsArn = (resource: string): string => `arn:aws:ecs:${PLACE.region}:${PLACE.account}:${resource}`;

/** Tasks in a call whose conditions can't look at the cluster. */
const tasks =
  (arnsOf: (input: Input) => unknown): Resources =>
  (input) =>
    [arnsOf(input)].flat().map((arn) => ({ arn: String(arn), context: {} }));

/** What is tagged or untagged, with the keys. */
const tagging =
  (keysOf: (input: Input) => readonly string[]): Resources =>
  (input) => [{ arn: String(input.resourceArn), context: { "aws:TagKeys": keysOf(input) } }];

const anywhere: Resources = () => [{ arn: "*", context: {} }];

/** Whichever are asked for, AWS looks at the permission on all alarms. */
const allAlarms: Resources = () => [
  { arn: `arn:aws:cloudwatch:${PLACE.region}:${PLACE.account}:alarm:*`, context: {} },
];

const group: Resources = async ({ AutoScalingGroupName }, { autoScaling }) => {
  const AutoScalingGroupNames = [String(AutoScalingGroupName)];
  const { AutoScalingGroups = [] } = await autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames });
  return AutoScalingGroups.map((each) => ({ arn: each.AutoScalingGroupARN ?? "", context: {} }));
};

const launchTemplate: Resources = ({ LaunchTemplateId }) => [
  { arn: `arn:aws:ec2:${PLACE.region}:${PLACE.account}:launch-template/${String(LaunchTemplateId)}`, context: {} },
];

/** Each tag names its group; conditions look at the keys. */
const taggedGroups: Resources = async ({ Tags }, moto) => {
  const tags = Tags as readonly { readonly Key: string; readonly ResourceId: string }[];
  const found = await Promise.all(
    tags.map(async ({ ResourceId }) => group({ AutoScalingGroupName: ResourceId }, moto)),
  );
  return found.flat().map(({ arn }) => ({ arn, context: { "aws:TagKeys": tags.map(({ Key }) => Key) } }));
};

/** With the sizes that the request names, if any. */
const resizedGroup: Resources = async (input, moto) => {
  const sizes = (["MinSize", "MaxSize"] as const).filter((member) => input[member] !== undefined);
  const context = Object.fromEntries(sizes.map((member) => [`autoscaling:${member}`, String(input[member])]));
  return (await group(input, moto)).map(({ arn }) => ({ arn, context }));
};

const targetGroup: Resources = async ({ TargetGroupArn }, { elbv2 }) => {
  const arn = String(TargetGroupArn);
  const { TagDescriptions = [] } = await elbv2.describeTags({ ResourceArns: [arn] });
  return [{ arn, context: asContext(TagDescriptions.flatMap((each) => each.Tags ?? [])) }];
};

const instances: Resources = async ({ InstanceIds }, { ec2 }) => {
  const ids = InstanceIds as readonly string[];
  const { Tags = [] } = await ec2.describeTags({ Filters: [{ Name: "resource-id", Values: [...ids] }] });
  return ids.map((id) => ({
    arn: `arn:aws:ec2:${PLACE.region}:${PLACE.account}:instance/${id}`,
    context: asContext(Tags.filter((tag) => tag.ResourceId === id)),
  }));
};

const queue: Resources = async ({ QueueUrl }, { sqs }) => {
  const { Attributes } = await sqs.getQueueAttributes({ QueueUrl: String(QueueUrl), AttributeNames: ["QueueArn"] });
  return [{ arn: Attributes?.QueueArn ?? "", context: {} }];
};

function asContext(tags: readonly { readonly Key?: string; readonly Value?: string }[]): ConditionContext {
  return Object.fromEntries(tags.map(({ Key, Value }) => [`aws:ResourceTag/${Key}`, Value ?? ""]));
}

/** @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
const RESOURCES: Readonly<Record<string, Resources>> = {
  "application-autoscaling:DescribeScalableTargets": anywhere,
  "autoscaling:AttachInstances": group,
  "autoscaling:CancelInstanceRefresh": group,
  "autoscaling:CreateOrUpdateTags": taggedGroups,
  "autoscaling:DeleteTags": taggedGroups,
  "autoscaling:DescribeAutoScalingGroups": anywhere,
  "autoscaling:DescribeAutoScalingInstances": anywhere,
  "autoscaling:DescribeInstanceRefreshes": anywhere,
  "autoscaling:DescribeScalingActivities": anywhere,
  "autoscaling:DescribeTags": anywhere,
  "autoscaling:DetachInstances": group,
  "autoscaling:SetDesiredCapacity": group,
  "autoscaling:StartInstanceRefresh": group,
  "autoscaling:UpdateAutoScalingGroup": resizedGroup,
  "cloudwatch:DescribeAlarms": allAlarms,
  "cloudwatch:GetMetricData": anywhere,
  "ec2:CreateLaunchTemplateVersion": launchTemplate,
  "ec2:DeleteLaunchTemplateVersions": launchTemplate,
  "ec2:DescribeInstances": anywhere,
  "ec2:DescribeLaunchTemplateVersions": anywhere,
  "ec2:ModifyLaunchTemplate": launchTemplate,
  "ec2:TerminateInstances": instances,
  "ecs:DescribeContainerInstances": inCluster((input) => input.containerInstances),
  "ecs:DescribeServices": services((input) => input.services),
  "ecs:DescribeTaskDefinition": anywhere,
  "ecs:DescribeTasks": inCluster((input) => input.tasks),
  "ecs:GetTaskProtection": tasks((input) => input.tasks),
  "ecs:ListContainerInstances": inCluster((input) => input.cluster),
  "ecs:ListServices": inCluster(() => "*"),
  "ecs:ListTasks": inCluster((input) => input.containerInstance ?? "*"),
  "ecs:StopTask": inCluster((input) => input.task),
  "ecs:TagResource": tagging(({ tags }) => (tags as readonly { readonly key: string }[]).map(({ key }) => key)),
  "ecs:UntagResource": tagging(({ tagKeys }) => tagKeys as readonly string[]),
  "ecs:UpdateContainerInstancesState": inCluster((input) => input.containerInstances),
  "ecs:UpdateService": taggedService,
  "elasticloadbalancing:DeregisterTargets": targetGroup,
  "elasticloadbalancing:DescribeTargetHealth": anywhere,
  "elasticloadbalancing:RegisterTargets": targetGroup,
  "sqs:SendMessage": queue,
};

/** Throws for an action whose resources nobody has written down here yet. */
export async function requestOf(action: string, input: Input, moto: Clients): Promise<Request> {
  const resources = RESOURCES[action];
  if (resources === undefined) throw new Error(`The resources of ${action} are not known: add them to RESOURCES`);
  return { action, resources: await resources(input, moto) };
}
