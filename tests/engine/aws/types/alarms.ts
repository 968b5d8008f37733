/** CloudWatch's alarms and dashboards, and where alarms are sent. */
import { arn, text, valuesAt, type Props, type ResourceType } from "../resourceType";
import { refusesQueries } from "./metricQueries";

const metricAlarm: ResourceType = {
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  named: { property: "name", longest: 255 },
  replacedBy: ["name"],
  outputs: (props, place) => ({ arn: arn("cloudwatch", `alarm:${text(props, "name")}`, place) }),
  id: "name",
  refusesCreate: ({ props }) => refusesAlarm(props),
  refusesUpdate: (_, news) => refusesAlarm(news),
};

const QUERY_FORM = {
  required: ["metric.namespace", "metric.metricName", "metric.period", "metric.stat"],
  // PutMetricAlarm goes by what is said, and Pulumi's provider says false.
  returnsData: false,
};

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
function refusesAlarm(props: Props): string | undefined {
  const queries = valuesAt(props, "metricQueries") as Props[];
  if (Number(props.datapointsToAlarm ?? 1) > Number(props.evaluationPeriods))
    return "ValidationError: DatapointsToAlarm must be at most EvaluationPeriods.";
  if (queries.length === 0) return props.metricName === undefined ? "ValidationError: No metric is given." : undefined;
  if (props.metricName !== undefined) return "ValidationError: MetricName and Metrics can't both be given.";
  return refusesQueries(queries, QUERY_FORM);
}

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

/** Its deletion is only scheduled, and so never refused. */
const key: ResourceType = {
  type: "aws:kms/key:Key",
  replacedBy: ["keyUsage", "customerMasterKeySpec", "multiRegion"],
  outputs: (_, place) => ({ arn: arn("kms", `key/key-${place.serial}`, place), keyId: `key-${place.serial}` }),
  id: "keyId",
};

export const ALARM_TYPES = [metricAlarm, dashboard, topic, topicPolicy, key];
