/** Application Auto Scaling.
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/ */
import type { Account } from "../account";
import { arn, text, type Draft, type Place, type Props, type ResourceType } from "../resourceType";

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

/** AWS makes the alarms of target tracking. */
const alarmArns = (props: Props, place: Place): string[] =>
  props.policyType === "TargetTrackingScaling"
    ? ["High", "Low"].map((which) => arn("cloudwatch", `alarm:TargetTracking-${place.serial}-Alarm${which}-0`, place))
    : [];

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
    alarmArns: alarmArns(props, place),
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

export const SCALING_TYPES = [target, policy, scheduledAction];
