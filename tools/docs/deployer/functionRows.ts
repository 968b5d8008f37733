/** The functions, and how events and logs reach and leave them. */
import { actions, namedArn, type Row, type Rows } from "./actions";

const sqs = (names: string): string[] => actions("sqs", names);
const events = (names: string): string[] => actions("events", names);
const lambda = (names: string): string[] => actions("lambda", names);
const logs = (names: string): string[] => actions("logs", names);

const QUEUE = [namedArn("sqs", "NAME-*")];

/** A queue's policies are attributes of the queue. */
const QUEUE_POLICY: Row = {
  resources: QUEUE,
  create: sqs("SetQueueAttributes"),
  read: sqs("GetQueueAttributes"),
  delete: sqs("SetQueueAttributes"),
};

export const FUNCTIONS: Rows = {
  "aws:sqs/queue:Queue": {
    resources: QUEUE,
    create: sqs("CreateQueue TagQueue"),
    read: sqs("GetQueueAttributes GetQueueUrl ListQueueTags"),
    update: sqs("SetQueueAttributes UntagQueue"),
    delete: sqs("DeleteQueue"),
  },
  "aws:sqs/queuePolicy:QueuePolicy": QUEUE_POLICY,
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": QUEUE_POLICY,
  "aws:cloudwatch/eventRule:EventRule": {
    resources: [namedArn("events", "rule/NAME-*")],
    create: events("PutRule TagResource"),
    read: events("DescribeRule ListTagsForResource"),
    update: events("EnableRule DisableRule UntagResource"),
    delete: events("DeleteRule"),
  },
  "aws:cloudwatch/eventTarget:EventTarget": {
    resources: [namedArn("events", "rule/NAME-*")],
    create: events("PutTargets"),
    read: events("ListTargetsByRule"),
    delete: events("RemoveTargets"),
  },
  "aws:cloudwatch/logGroup:LogGroup": {
    resources: [namedArn("logs", "log-group:NAME-*")],
    create: logs("CreateLogGroup PutRetentionPolicy TagResource"),
    read: logs("DescribeLogGroups ListTagsForResource"),
    update: logs("DeleteRetentionPolicy UntagResource"),
    delete: logs("DeleteLogGroup"),
  },
  "aws:lambda/function:Function": {
    resources: [namedArn("lambda", "function:NAME-*")],
    create: lambda("CreateFunction TagResource"),
    read: lambda("GetFunction GetFunctionConfiguration GetFunctionCodeSigningConfig ListVersionsByFunction ListTags"),
    update: lambda(
      "UpdateFunctionCode UpdateFunctionConfiguration PutFunctionConcurrency DeleteFunctionConcurrency UntagResource",
    ),
    delete: lambda("DeleteFunction"),
  },
  "aws:lambda/eventSourceMapping:EventSourceMapping": {
    resources: [namedArn("lambda", "event-source-mapping:*")],
    create: lambda("CreateEventSourceMapping TagResource"),
    read: lambda("GetEventSourceMapping ListTags"),
    update: lambda("UpdateEventSourceMapping UntagResource"),
    delete: lambda("DeleteEventSourceMapping"),
  },
};
