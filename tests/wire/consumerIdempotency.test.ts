import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { SQS } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { pythonEnvironment } from "../../tools/wire/pythonEnvironment";
import { ROOT } from "../project/project";
import { Child } from "../runtime/child";
import { HeldDeletes } from "./consumer/heldDeletes";
import { CREDENTIALS } from "./consumer/queues";
import { Moto } from "./harness/moto";

const TABLE = "orders";

describe("the example worker that does each order once", function () {
  this.timeout(120_000);
  let moto: Moto;
  let way: HeldDeletes;
  let sqs: SQS;
  let dynamoDb: DynamoDB;
  let queueUrl: string;
  let environment: Record<string, string>;
  let workers: Child[];

  beforeEach(async () => {
    workers = [];
    moto = await Moto.start(pythonEnvironment());
    way = new HeldDeletes(moto.port);
    const endpoint = await way.start();
    const credentials = { accessKeyId: "publisher", secretAccessKey: "secret" };
    const configuration = { region: CREDENTIALS.AWS_REGION, credentials, endpoint: moto.url };
    sqs = new SQS(configuration);
    dynamoDb = new DynamoDB(configuration);
    queueUrl = (await sqs.createQueue({ QueueName: "orders" })).QueueUrl!;
    await dynamoDb.createTable({
      TableName: TABLE,
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      BillingMode: "PAY_PER_REQUEST",
    });
    const url = `${endpoint}${new URL(queueUrl).pathname}`;
    environment = {
      ...CREDENTIALS,
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: moto.url,
      IDEMPOTENCY_TABLE: TABLE,
      // The poll of a dead worker may still take a message, which then comes back soon.
      SPOTPROOF_QUEUES: JSON.stringify([{ name: "orders", url, visibilityTimeoutSeconds: 10 }]),
      SPOTPROOF_STOP_TIMEOUT_SECONDS: "8",
    };
  });
  afterEach(async () => {
    for (const worker of workers) worker.kill();
    way.stop();
    await moto.stop();
  });

  const start = (): Child => {
    const worker = Child.program(join(ROOT, "runtime/examples/idempotentWorker.ts"), environment);
    workers.push(worker);
    return worker;
  };
  const order = (id: string): Promise<unknown> =>
    sqs.sendMessage({ QueueUrl: queueUrl, MessageBody: JSON.stringify({ id }) });
  const charged = (worker: Child): unknown[] => worker.events.filter(({ kind }) => kind === "charged");
  const isEmpty = async (): Promise<void> => {
    for (;;) {
      const { Attributes = {} } = await sqs.getQueueAttributes({ QueueUrl: queueUrl, AttributeNames: ["All"] });
      const { ApproximateNumberOfMessages: seen, ApproximateNumberOfMessagesNotVisible: hidden } = Attributes;
      if (Number(seen) + Number(hidden) === 0) return;
      await wait(100);
    }
  };

  it("doesn't do it again where its worker died between the work and the delete", async () => {
    await order("7");
    const first = start();
    await first.event("charged");
    const stuck = JSON.parse(await way.held) as { readonly Entries: readonly { readonly ReceiptHandle: string }[] };
    first.kill();
    await first.exited;
    way.holds = false;
    // As it would when its visibility timeout is over.
    const { ReceiptHandle } = stuck.Entries[0]!;
    await sqs.changeMessageVisibility({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 });

    const second = start();
    await isEmpty();
    await order("8");
    await second.event("charged");
    await isEmpty();
    expect(charged(first)).to.deep.equal([{ kind: "charged", id: "7" }]);
    expect(charged(second)).to.deep.equal([{ kind: "charged", id: "8" }]);
    const { Items = [] } = await dynamoDb.scan({ TableName: TABLE });
    expect(Items.map(({ status }) => status)).to.deep.equal([{ S: "COMPLETED" }, { S: "COMPLETED" }]);
  });

  it("does an order once that was sent twice", async () => {
    way.holds = false;
    await order("7");
    await order("7");
    const worker = start();
    await isEmpty();
    expect(charged(worker)).to.deep.equal([{ kind: "charged", id: "7" }]);
  });
});
