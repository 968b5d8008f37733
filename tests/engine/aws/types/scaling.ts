/** Application Auto Scaling, CloudWatch's alarms and dashboards, and where alarms are sent.
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/ */
import type { Account } from "../account";
import { arn, text, type Draft, type Props, type ResourceType } from "../resourceType";

const SCALABLE = ["resourceId", "scalableDimension", "serviceNamespace"];

const isSame = (a: Props, b: Props): boolean => SCALABLE.every((property) => a[property] === b[property]);

/** `service/CLUSTER/SERVICE`, as its ARN ends. */
const serviceExists = ({ props, region }: Draft, account: Account): boolean =>
  account
    .all("aws:ecs/service:Service", region)
    .some((each) => text(each.props, "arn").endsWith(`:${text(props, "resourceId")}`));

const target: ResourceType = {
  type: "aws:appautoscaling/target:Target",
  replacedBy: SCALABLE,
  outputs: (_, place) => ({ arn: arn("application-autoscaling", `scalable-target/${place.serial}`, place) }),
  refusesCreate: (draft, account) =>
    serviceExists(draft, account) ? undefined : "ValidationException: ECS service doesn't exist",
};

function refusesWithoutTarget({ props, region }: Draft, account: Account): string | undefined {
  const targets = account.all("aws:appautoscaling/target:Target", region);
  if (targets.some((each) => isSame(each.props, props))) return undefined;
  return `ObjectNotFoundException: No scalable target registered for service namespace: ecs, resource ID: ${text(props, "resourceId")}`;
}

const policy: ResourceType = {
  type: "aws:appautoscaling/policy:Policy",
  named: { property: "name", longest: 256 },
  replacedBy: ["name", ...SCALABLE],
  outputs: (props, place) => ({
    arn: arn(
      "autoscaling",
      `scalingPolicy:${place.serial}:resource/ecs/${text(props, "resourceId")}:policyName/${text(props, "name")}`,
      place,
    ),
    alarmArns: [],
  }),
  refusesCreate: refusesWithoutTarget,
};

const scheduledAction: ResourceType = {
  type: "aws:appautoscaling/scheduledAction:ScheduledAction",
  named: { property: "name", longest: 256 },
  replacedBy: ["name", ...SCALABLE],
  outputs: (props, place) => ({
    arn: arn(
      "autoscaling",
      `scheduledAction:${place.serial}:resource/ecs/${text(props, "resourceId")}:scheduledActionName/${text(props, "name")}`,
      place,
    ),
  }),
  refusesCreate: refusesWithoutTarget,
};

const metricAlarm: ResourceType = {
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  named: { property: "name", longest: 255 },
  replacedBy: ["name"],
  outputs: (props, place) => ({ arn: arn("cloudwatch", `alarm:${text(props, "name")}`, place) }),
  id: "name",
};

const dashboard: ResourceType = {
  type: "aws:cloudwatch/dashboard:Dashboard",
  named: { property: "dashboardName", longest: 255 },
  replacedBy: ["dashboardName"],
  outputs: (props, { accountId }) => ({
    dashboardArn: `arn:aws:cloudwatch::${accountId}:dashboard/${text(props, "dashboardName")}`,
  }),
  id: "dashboardName",
};

const topic: ResourceType = {
  type: "aws:sns/topic:Topic",
  named: { property: "name", longest: 256 },
  replacedBy: ["name", "fifoTopic"],
  outputs: (props, place) => ({ arn: arn("sns", text(props, "name"), place) }),
  id: "arn",
};

const topicPolicy: ResourceType = {
  type: "aws:sns/topicPolicy:TopicPolicy",
  replacedBy: ["arn"],
  outputs: () => ({}),
  id: "arn",
};

const topicSubscription: ResourceType = {
  type: "aws:sns/topicSubscription:TopicSubscription",
  replacedBy: ["topic", "protocol", "endpoint"],
  outputs: (props, { serial }) => ({ arn: `${text(props, "topic")}:${serial}` }),
  id: "arn",
};

export const SCALING_TYPES = [
  target,
  policy,
  scheduledAction,
  metricAlarm,
  dashboard,
  topic,
  topicPolicy,
  topicSubscription,
];
