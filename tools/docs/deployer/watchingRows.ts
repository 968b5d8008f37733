/** What scales a service, and what tells of it: Application Auto Scaling, alarms, the dashboard, the topic and its key. */
import { actions, namedArn, type Row, type Rows } from "./actions";

const scaling = (names: string): string[] => actions("application-autoscaling", names);
const cloudWatch = (names: string): string[] => actions("cloudwatch", names);
const sns = (names: string): string[] => actions("sns", names);
const kms = (names: string): string[] => actions("kms", names);

/** AWS gives targets ids that nobody knows before. */
const SCALABLE_TARGET = [namedArn("application-autoscaling", "scalable-target/*")];

/** A policy or a scheduled action is a part of its target. */
const ofTarget = (create: string, read: string, remove: string): Row => ({
  resources: SCALABLE_TARGET,
  create: scaling(create),
  read: scaling(read),
  delete: scaling(remove),
});

const TOPIC = [namedArn("sns", "NAME-*")];

export const WATCHING: Rows = {
  "aws:appautoscaling/target:Target": {
    resources: SCALABLE_TARGET,
    create: scaling("RegisterScalableTarget TagResource"),
    read: scaling("DescribeScalableTargets ListTagsForResource"),
    update: scaling("UntagResource"),
    delete: scaling("DeregisterScalableTarget"),
  },
  "aws:appautoscaling/policy:Policy": ofTarget("PutScalingPolicy", "DescribeScalingPolicies", "DeleteScalingPolicy"),
  "aws:appautoscaling/scheduledAction:ScheduledAction": ofTarget(
    "PutScheduledAction",
    "DescribeScheduledActions",
    "DeleteScheduledAction",
  ),
  "aws:cloudwatch/metricAlarm:MetricAlarm": {
    // Those of target tracking are made by Application Auto Scaling, for whoever makes the policy.
    resources: [namedArn("cloudwatch", "alarm:NAME-*"), namedArn("cloudwatch", "alarm:TargetTracking-service/NAME-*")],
    create: cloudWatch("PutMetricAlarm TagResource"),
    read: cloudWatch("DescribeAlarms ListTagsForResource"),
    update: cloudWatch("UntagResource"),
    delete: cloudWatch("DeleteAlarms"),
  },
  "aws:cloudwatch/dashboard:Dashboard": {
    resources: ["arn:aws:cloudwatch::ACCOUNT_ID:dashboard/NAME-*"],
    create: cloudWatch("PutDashboard"),
    read: cloudWatch("GetDashboard"),
    delete: cloudWatch("DeleteDashboards"),
  },
  "aws:sns/topic:Topic": {
    resources: TOPIC,
    create: sns("CreateTopic SetTopicAttributes TagResource"),
    read: sns("GetTopicAttributes ListTagsForResource"),
    update: sns("UntagResource"),
    delete: sns("DeleteTopic"),
  },
  "aws:sns/topicPolicy:TopicPolicy": {
    resources: TOPIC,
    create: sns("SetTopicAttributes"),
    read: sns("GetTopicAttributes"),
    delete: sns("SetTopicAttributes"),
  },
  "aws:kms/key:Key": {
    // Keys have ids, too.
    resources: [namedArn("kms", "key/*")],
    create: kms("CreateKey EnableKeyRotation PutKeyPolicy TagResource"),
    read: kms("DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags"),
    update: kms("DisableKeyRotation UntagResource UpdateKeyDescription"),
    delete: kms("ScheduleKeyDeletion"),
  },
};
