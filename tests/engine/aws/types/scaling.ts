/** Application Auto Scaling.
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/ */
import type { Account } from "../account";
import { arn, text, valuesAt, type Draft, type Place, type Props, type ResourceType } from "../resourceType";
import { refusesQueries } from "./metricQueries";

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
    serviceExists(draft, account) ? refusesBounds(draft.props) : "ValidationException: ECS service doesn't exist",
  refusesUpdate: (_, news) => refusesBounds(news),
};

function refusesBounds({ minCapacity, maxCapacity }: Props): string | undefined {
  if (Number(minCapacity) >= 0 && Number(minCapacity) <= Number(maxCapacity)) return undefined;
  return "ValidationException: Maximum capacity cannot be less than minimum capacity, nor minimum capacity less than 0";
}

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
  refusesCreate: (draft, account) => refusesWithoutTarget(draft, account) ?? refusesPolicy(draft.props),
  refusesUpdate: (_, news) => refusesPolicy(news),
};

/** @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html */
function refusesPolicy(props: Props): string | undefined {
  const steps = valuesAt(props, "stepScalingPolicyConfiguration.stepAdjustments") as Props[];
  const tracked = valuesAt(props, "targetTrackingScalingPolicyConfiguration.customizedMetricSpecification.metrics");
  if (!adjoin(steps)) return "ValidationException: There must be no gaps between step adjustments, and no overlaps";
  if (steps.length > MOST_STEPS) return `LimitExceededException: more than ${MOST_STEPS} step adjustments`;
  return tracked.length > 0 ? refusesQueries(tracked as Props[], TRACKED_FORM) : undefined;
}

const MOST_STEPS = 20;
const TRACKED_FORM = {
  required: ["metricStat.metric.namespace", "metricStat.metric.metricName", "metricStat.stat"],
  returnsData: true,
};

function adjoin(steps: readonly Props[]): boolean {
  const bounds = steps
    .map(({ metricIntervalLowerBound: low = -Infinity, metricIntervalUpperBound: high = Infinity }) => ({ low, high }))
    .sort((a, b) => Number(a.low) - Number(b.low));
  return bounds.every(({ low, high }, index) => {
    const next = bounds[index + 1];
    return Number(low) < Number(high) && (next === undefined || Number(high) === Number(next.low));
  });
}

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
