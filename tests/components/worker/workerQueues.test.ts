import { expect } from "chai";
import * as pulumi from "@pulumi/pulumi";
import { SpotCluster } from "../../../components/spotCluster";
import { SqsWorkerTier } from "../../../components/sqsWorkerTier";
import { resolvedQueues } from "../../../components/worker/workerQueueResolved";
import { makeWorkerQueue } from "../../../components/worker/workerQueues";
import { CLUSTER, promiseOf } from "../../support/fixtures";
import { statementsOf } from "../../support/policies";
import { record, type Recording } from "../../support/recorder";
import { containersOf, environmentOf, recordTier, TIER } from "./tierFixture";

const QUEUE = "aws:sqs/queue:Queue";
const QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy";
const ARN = "arn:aws:sqs:eu-west-1:123456789012:orders";
const KEY = "arn:aws:kms:eu-west-1:123456789012:key/1";
const DAY = 86_400;

const inputsOf = (recording: Recording, name: string) => recording.only(QUEUE, name).inputs;

/** The mail tier's queues, each by its own description. */
function recordQueues(queues: (typeof TIER)["queues"], fifo = false): Promise<Recording> {
  return recordTier({ queues, fifo });
}

describe("a queue of a worker tier", () => {
  it("hides a message until the consumer's heartbeat can prolong it, is polled for long, and is encrypted", async () => {
    expect(inputsOf(await recordTier(), "mail-high")).to.deep.include({
      visibilityTimeoutSeconds: 60,
      receiveWaitTimeSeconds: 20,
      delaySeconds: 0,
      messageRetentionSeconds: 4 * DAY,
      sqsManagedSseEnabled: true,
    });
  });

  it("hides a message for the whole of the longest job where there is no heartbeat", async () => {
    const recording = await recordTier({ heartbeat: false, longestJobSeconds: 30 });
    expect(inputsOf(recording, "mail-high").visibilityTimeoutSeconds).to.equal(60);
    const longer = await recordTier({ heartbeat: false, longestJobSeconds: 600, capacity: "spot" });
    expect(inputsOf(longer, "mail-high").visibilityTimeoutSeconds).to.equal(630);
  });

  it("gives a job up to a dead-letter queue of its own, which keeps it for two weeks, and takes no other queue's", async () => {
    const recording = await recordTier();
    expect(JSON.parse(inputsOf(recording, "mail-low").redrivePolicy as string)).to.deep.equal({
      deadLetterTargetArn: "arn:aws:sqs:eu-west-1:123456789012:mail-low-dlq",
      maxReceiveCount: 10,
    });
    expect(inputsOf(recording, "mail-low-dlq")).to.deep.include({ messageRetentionSeconds: 14 * DAY });
    const { inputs } = recording.only("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "mail-low-redrive");
    expect(inputs.queueUrl).to.match(/mail-low-dlq$/);
    expect(JSON.parse(inputs.redriveAllowPolicy as string)).to.deep.equal({
      redrivePermission: "byQueue",
      sourceQueueArns: ["arn:aws:sqs:eu-west-1:123456789012:mail-low"],
    });
  });

  it("refuses what doesn't come over TLS, with its dead letters, and lets in nobody by its policy", async () => {
    const recording = await recordTier();
    for (const name of ["mail-high", "mail-high-dlq"]) {
      expect(statementsOf(recording.only(QUEUE_POLICY, `${name}-policy`))).to.deep.equal([
        {
          Sid: "DenyPlainText",
          Effect: "Deny",
          Principal: "*",
          Action: ["sqs:*"],
          Resource: [`arn:aws:sqs:eu-west-1:123456789012:${name}`],
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
      ]);
    }
  });

  it("is as it is described", async () => {
    const described = {
      name: "high",
      visibilityTimeoutSeconds: 120,
      delaySeconds: 5,
      messageRetentionSeconds: DAY,
      maxReceiveCount: 4,
      receiveWaitTimeSeconds: 3,
      maxMessageSizeBytes: 2048,
    };
    const inputs = inputsOf(await recordQueues([described]), "mail-high");
    expect(inputs).to.deep.include({
      visibilityTimeoutSeconds: 120,
      delaySeconds: 5,
      messageRetentionSeconds: DAY,
      receiveWaitTimeSeconds: 3,
      maxMessageSize: 2048,
    });
    expect(JSON.parse(inputs.redrivePolicy as string)).to.include({ maxReceiveCount: 4 });
  });

  it("is encrypted with a key of yours, dead letters too", async () => {
    const recording = await recordQueues([{ name: "high", kmsMasterKeyId: KEY }]);
    for (const name of ["mail-high", "mail-high-dlq"]) {
      expect(inputsOf(recording, name)).to.include({ kmsMasterKeyId: KEY });
      expect(inputsOf(recording, name)).not.to.have.property("sqsManagedSseEnabled");
    }
  });

  it("can share a dead-letter queue that exists", async () => {
    const recording = await recordQueues([{ name: "high", deadLetterQueueArn: `${ARN}-dead` }]);
    expect(recording.ofType(QUEUE).map(({ name }) => name)).not.to.include("mail-high-dlq");
    expect(recording.ofType("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy").map(({ name }) => name)).not.to.include(
      "mail-high-redrive",
    );
    const { deadLetterTargetArn } = JSON.parse(inputsOf(recording, "mail-high").redrivePolicy as string) as {
      deadLetterTargetArn: string;
    };
    expect(deadLetterTargetArn).to.equal(`${ARN}-dead`);
  });

  it("is FIFO with FIFO dead letters, deduplicated by the sender's ids unless told otherwise", async () => {
    const recording = await recordTier({ fifo: true });
    expect(inputsOf(recording, "mail-high")).to.deep.include({
      fifoQueue: true,
      contentBasedDeduplication: false,
      deduplicationScope: "queue",
      fifoThroughputLimit: "perQueue",
    });
    expect(inputsOf(recording, "mail-high-dlq").fifoQueue).to.equal(true);
    expect(environmentOf(containersOf(recording)[0]!).SPOTPROOF_QUEUES).to.include("/mail-high.fifo");
    const high = { name: "high", contentBasedDeduplication: true, highThroughput: true };
    expect(inputsOf(await recordQueues([high], true), "mail-high")).to.deep.include({
      contentBasedDeduplication: true,
      deduplicationScope: "messageGroup",
      fifoThroughputLimit: "perMessageGroupId",
    });
  });

  it("is a standard one unless the tier is FIFO", async () => {
    const inputs = inputsOf(await recordTier(), "mail-high");
    expect(inputs).not.to.have.any.keys("fifoQueue", "fifoThroughputLimit", "deduplicationScope");
  });

  it("is deleted by no update where that is said, nor are its dead letters", async () => {
    for (const protectQueues of [true, false]) {
      const recording = await recordTier({ protectQueues });
      for (const name of ["mail-high", "mail-high-dlq"]) {
        expect(recording.only(QUEUE, name).protect, name).to.equal(protectQueues);
      }
    }
  });

  it("can be changed before it is declared, and its dead-letter queue too", async () => {
    const recording = await recordTier({
      transform: {
        queue: (args) => ({ ...args, name: "orders" }),
        deadLetterQueue: (args) => ({ ...args, name: "orders-dead" }),
      },
    });
    expect(inputsOf(recording, "mail-high").name).to.equal("orders");
    expect(inputsOf(recording, "mail-high-dlq").name).to.equal("orders-dead");
  });
});

describe("a queue that exists", () => {
  it("is taken by its ARN, and nothing is made of it", async () => {
    const recording = await recordQueues([{ name: "high", arn: ARN }, "low"]);
    expect(recording.ofType(QUEUE).map(({ name }) => name)).not.to.include.members(["mail-high", "mail-high-dlq"]);
    expect(environmentOf(containersOf(recording)[0]!).SPOTPROOF_QUEUES).to.include(
      '"url":"https://sqs.eu-west-1.amazonaws.com/123456789012/orders"',
    );
  });

  it("has its name and URL from its ARN, in China too", async () => {
    const queueOf = async (arn: string) => {
      const values: string[] = [];
      await record(async () => {
        const cluster = new SpotCluster("shop", CLUSTER);
        const tier = new SqsWorkerTier("mail", {
          ...TIER,
          cluster,
          queues: [{ name: "high", arn: pulumi.output(arn) }],
        });
        values.push(await promiseOf(tier.queues.high.url), await promiseOf(tier.queues.high.name));
      });
      return values;
    };
    expect(await queueOf(ARN)).to.deep.equal(["https://sqs.eu-west-1.amazonaws.com/123456789012/orders", "orders"]);
    expect(await queueOf("arn:aws-cn:sqs:cn-north-1:123456789012:orders")).to.deep.equal([
      "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/orders",
      "orders",
    ]);
  });

  it("is refused as soon as it is known where it isn't of the tier's kind", async () => {
    const [high] = resolvedQueues({ queues: [{ name: "high", arn: pulumi.output(`${ARN}.fifo`) }] });
    const { arn } = makeWorkerQueue(
      "mail-high",
      high!,
      { fifo: false, protectQueues: false, tags: {} },
      undefined as never,
    );
    expect(await promiseOf(arn).catch((error: Error) => error.message)).to.match(
      /arn: given "arn:aws:sqs:eu-west-1:123456789012:orders\.fifo"; allowed: a standard queue's/,
    );
  });
});
