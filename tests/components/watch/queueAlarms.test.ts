import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { makeQueueAlarms, type QueueAlarmsSettings } from "../../../components/watch/queueAlarms";
import { embeddedMetrics } from "../../../runtime/consumer/embeddedMetrics";
import { record, type Recording } from "../../support/recorder";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:pager";

const HIGH = { key: "high", name: "mail-high", oldestSeconds: 62 };

function recordQueueAlarms(changes: Partial<QueueAlarmsSettings> = {}): Promise<Recording> {
  return record(() => {
    const parent = new pulumi.ComponentResource("test:Watched", "watched");
    const queues = [{ ...HIGH, deadLetterQueueName: "mail-high-dlq" }];
    makeQueueAlarms("mail", { topicArn: TOPIC_ARN, tags: {}, mostFailedJobs: 10, queues, ...changes }, parent);
  });
}

describe("the alarms of a queue", () => {
  it("go to the topic when they begin and when they end, and are silent where nothing is measured", async () => {
    const alarms = (await recordQueueAlarms()).ofType(ALARM);
    expect(alarms).to.have.lengthOf(4);
    for (const { name, inputs } of alarms) {
      const told = { alarmActions: [TOPIC_ARN], okActions: [TOPIC_ARN], treatMissingData: "notBreaching" };
      expect(inputs, name).to.deep.include(told);
      expect(inputs.alarmDescription, name).to.match(/^mail: .*high/);
    }
  });

  it("tell of a message that has waited and been worked on for longer than it may, for five minutes", async () => {
    expect((await recordQueueAlarms()).only(ALARM, "mail-high-too-old").inputs).to.deep.include({
      namespace: "AWS/SQS",
      metricName: "ApproximateAgeOfOldestMessage",
      dimensions: { QueueName: "mail-high" },
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 62,
      period: 60,
      evaluationPeriods: 5,
    });
  });

  it("tell of the first dead letter, where it is known where they go", async () => {
    const [known, unknown] = [await recordQueueAlarms(), await recordQueueAlarms({ queues: [HIGH] })];
    expect(known.only(ALARM, "mail-high-dead-letters").inputs).to.deep.include({
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: "mail-high-dlq" },
      statistic: "Maximum",
      threshold: 0,
      evaluationPeriods: 1,
    });
    expect(unknown.ofType(ALARM).map(({ name }) => name)).not.to.include("mail-high-dead-letters");
  });

  it("tell of many jobs that fail, and of any that is done by two", async () => {
    const recording = await recordQueueAlarms({ mostFailedJobs: 3 });
    const often = { namespace: "Spotproof", dimensions: { QueueName: "mail-high" }, statistic: "Sum", period: 300 };
    expect(recording.only(ALARM, "mail-high-failing").inputs).to.deep.include({
      ...often,
      metricName: "JobsFailed",
      threshold: 3,
    });
    expect(recording.only(ALARM, "mail-high-heartbeats").inputs).to.deep.include({
      ...often,
      metricName: "HeartbeatFailures",
      threshold: 0,
    });
  });

  it("look at metrics that the runtime's consumer prints, by the queue's own name", async () => {
    const lines: string[] = [];
    const metrics = embeddedMetrics({ write: (line) => void lines.push(line) });
    const queueUrl = "https://sqs.eu-west-1.amazonaws.com/123456789012/mail-high";
    const job = { queue: "high", queueUrl, jobId: "1", receiveCount: 1 };
    metrics.report({ ...job, kind: "failed", seconds: 1, error: new Error("broken"), retryInSeconds: 2 });
    metrics.report({ ...job, kind: "heartbeatFailed", error: "throttled" });
    metrics.flush();
    const printed = JSON.parse(lines[0]!) as Record<string, unknown>;
    const alarms = (await recordQueueAlarms()).ofType(ALARM).filter(({ inputs }) => inputs.namespace === "Spotproof");
    for (const { inputs } of alarms) {
      expect(printed[inputs.metricName as string], inputs.metricName as string).to.equal(1);
      expect(inputs.dimensions).to.deep.equal({ QueueName: printed.QueueName });
    }
    expect(alarms).to.have.lengthOf(2);
  });
});
