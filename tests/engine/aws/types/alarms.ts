/** CloudWatch's alarms and dashboards, and where alarms are sent. */
import { arn, text, type ResourceType } from "../resourceType";

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

/** Its deletion is only scheduled, and so never refused. */
const key: ResourceType = {
  type: "aws:kms/key:Key",
  replacedBy: ["keyUsage", "customerMasterKeySpec", "multiRegion"],
  outputs: (_, place) => ({ arn: arn("kms", `key/key-${place.serial}`, place), keyId: `key-${place.serial}` }),
  id: "keyId",
};

export const ALARM_TYPES = [metricAlarm, dashboard, topic, topicPolicy, key];
